"""Permits over HTTP: what the holder sees of the endorsement and of what happens next; what officers list and end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.support.people import Resident
from tests.support.people import a_resident as a_person
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.web.tests.callers import post, session_of
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.sweeping import suspend_overdue
from yizhengtong.permitting.permits.tests.conftest import town  # noqa: F401 a fixture
from yizhengtong.permitting.permits.tests.zhejiang import QINGYUAN, RUIAN, County, a_county, a_held_permit

TODAY = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
OWN, STAFF = "/api/resident/permits", "/api/staff/permits"


@pytest.fixture(autouse=True)
def in_the_window() -> Iterator[None]:
    with time_machine.travel(datetime(2021, 12, 10, 3, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ruian(town: Any) -> County:  # noqa: F811
    return a_county(RUIAN)


@pytest.fixture
def yao(ruian: County) -> Resident:
    account = Account.objects.create(username="resident-yao")
    return a_person(since=None, account=account)


def own(who: Resident, path: str = OWN, language: str = "zh-Hans") -> Any:
    assert who.person.account is not None
    return Client().get(path, headers={"X-Session-Token": session_of(who.person.account), "Accept-Language": language})


def officer(county: County, *roles: str) -> str:
    account = Account.objects.create(username=f"officer-{county.office.code}-{'-'.join(roles)}")
    StaffMember.objects.create(account=account, office=county.office, roles=list(roles))
    return session_with_second_factor(account)


def session_with_second_factor(account: Account) -> str:
    from yizhengtong.foundation.accounts.sessions import SessionStore

    session = SessionStore(session_of(account))
    session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa"}]
    session.save()
    return str(session.session_key)


@pytest.mark.row("S3-25", "S3-26", "D22")
def test_a_holder_sees_the_window_the_days_left_and_what_happens_next(ruian: County, yao: Resident) -> None:
    a_held_permit(ruian, yao)
    (permit,) = own(yao).json()
    assert (permit["state"], permit["state_words"], permit["is_valid"]) == ("held", "使用中", True)
    assert permit["endorsement"] == {
        "endorsed_until": "2021-12-31", "window_from": "2021-12-01", "window_until": "2021-12-31", "is_open": True,
        "days_until_open": 0, "days_left": 21, "years_of_residence": 0,
    }  # fmt: skip
    assert [each["on"] for each in permit["next"]] == ["2021-12-01", "2021-12-31", "2022-01-01", "2022-01-01"]
    assert permit["next"][2]["words"] == "逾期未签注的，从2022年1月1日起证件使用功能中止；补办签注后恢复。"
    assert permit["next"][2]["source"]["article"] == ""
    assert "{" not in "".join(each["words"] for each in permit["next"])


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_every_word_is_there_in_every_language(ruian: County, yao: Resident, language: str) -> None:
    a_held_permit(ruian, yao)
    (permit,) = own(yao, language=language).json()
    said = [permit["state_words"], *(each["words"] for each in permit["next"])]
    assert all(words and not words.startswith("permits.") and "{" not in words for words in said)


@pytest.mark.row("D22")
def test_who_is_late_sees_since_when_and_that_an_endorsement_helps(ruian: County, yao: Resident) -> None:
    a_held_permit(ruian, yao)
    with time_machine.travel(datetime(2022, 6, 1, 3, 0, tzinfo=UTC), tick=False):
        (permit,) = own(yao).json()
        assert (permit["state"], permit["is_valid"], permit["reason"]) == ("held", False, "suspended")
        suspend_overdue(on=datetime.now(UTC).date())
        (permit,) = own(yao).json()
    assert (permit["state_words"], permit["endorsement"]["days_left"]) == ("使用功能中止", -152)
    assert [each["code"] for each in permit["next"]][:2] == [
        "permits.next_suspended_since", "permits.next_restored_when_endorsed",
    ]  # fmt: skip


@pytest.mark.row("S3-16")
def test_a_holder_reads_what_the_chip_holds_and_nobody_elses(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    path = f"{OWN}/{public_id('pmt', permit.pk)}/card-data"
    assert own(yao, path).json()["identity"]["name"] == "姚小明"
    assert Entry.objects.filter(action="permits.read_card_data", kind="read").count() == 1
    stranger = a_person(since=None, account=Account.objects.create(username="stranger"))
    assert own(stranger, path).status_code == 404


def test_an_account_for_the_chip_needs_its_own_consent(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    assert yao.person.account is not None
    path = f"{OWN}/{public_id('pmt', permit.pk)}/bank-account"
    answer = post(path, {"bank": "中国邮政储蓄银行", "number": "6217995500001"}, token=session_of(yao.person.account))
    assert (answer.status_code, answer.json()["code"]) == (403, "permits.bank_card_needs_consent")


def test_officers_list_what_is_due_in_their_area_without_names(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    token = officer(ruian, "clerk")
    listed = Client().get(f"{STAFF}/due?days=30", headers={"X-Session-Token": token}).json()
    assert listed["next_cursor"] is None
    (row,) = listed["permits"]
    assert (row["id"], row["endorsed_until"], row["days_left"]) == (public_id("pmt", permit.pk), "2021-12-31", 21)
    assert not {"name", "number"} & row.keys()
    elsewhere = officer(a_county(QINGYUAN), "clerk")
    assert Client().get(f"{STAFF}/due", headers={"X-Session-Token": elsewhere}).json()["permits"] == []
    wrong = Client().get(f"{STAFF}/due?cursor=xx", headers={"X-Session-Token": token})
    assert wrong.status_code == 422


@pytest.mark.row("S3-12")
def test_an_approver_ends_the_functions_on_a_ground_of_the_law(ruian: County, yao: Resident) -> None:
    permit = a_held_permit(ruian, yao)
    path = f"{STAFF}/{public_id('pmt', permit.pk)}/end-functions"
    with time_machine.travel(TODAY, tick=False):  # the law on minors' records is younger than the permit
        token = officer(ruian, "approver")
        wrong = post(path, {"ground": "moved"}, token=token)
        assert wrong.json()["code"] == "permits.end_ground_unknown"
        ended = post(path, {"ground": "local_household"}, token=token, key="key-00000002")
    assert (ended.status_code, ended.json()["end_reason"]) == (200, "local_household")
    assert Permit.objects.get(pk=permit.pk).state == "ended"
    assert own(yao).json()[0]["next"] == []
