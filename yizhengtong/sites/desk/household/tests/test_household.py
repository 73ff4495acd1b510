"""The household register at the desk: the missing paper is named, both are noted once, others do not see the page."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.settlement.taipei import EXIT_ENTRY, POLICE, Jinan, a_jinan, chen, granted, handed_over
from tests.support.law import LIXIA, SHIZHONG
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration
from yizhengtong.sites.desk.tests.desk import signed_in

pytestmark = pytest.mark.django_db
PAPERS, REGISTER = "/desk/household", "/desk/household/registration"


@pytest.fixture
def jinan(db: None) -> Jinan:
    return a_jinan()


def officer(jinan: Jinan, office: str, *, role: Role = Role.CLERK) -> Client:
    """Return the browser of somebody who works at an office."""
    member = appoint_officer(
        username=f"household-{office}-{role}", password="Aa1-2345-xyz!", name="李户籍",
        office=jinan.city.offices[office], roles=[role], by=SYSTEM,
    )  # fmt: skip
    return signed_in(member)


def words_of(answer: Any) -> str:
    """Return the words of a page without its tags."""
    return re.sub(r"<[^>]*>", " ", answer.content.decode())


def numbers(permit: Permit) -> dict[str, str]:
    notice = ApprovalNotice.objects.get(permit_id=permit.pk)
    return {"approval_notice_number": notice.number, "settlement_permit_number": permit.number}


@pytest.fixture
def settled(jinan: Jinan) -> dict[str, str]:
    return numbers(handed_over(jinan, granted(jinan, chen())))


@pytest.mark.row("S0-T31")
@pytest.mark.parametrize(
    ("left_out", "named", "not_named"),
    [
        ("approval_notice_number", "缺少《批准定居通知书》", "缺少有效的《台湾居民定居证》"),
        ("settlement_permit_number", "缺少有效的《台湾居民定居证》", "缺少《批准定居通知书》"),
    ],
)
def test_just_the_paper_that_is_missing_is_named(
    jinan: Jinan, settled: dict[str, str], left_out: str, named: str, not_named: str
) -> None:
    clerk = officer(jinan, POLICE[LIXIA])
    for address in (PAPERS, REGISTER):
        answer = clerk.post(address, {**settled, left_out: ""})
        page = words_of(answer)
        assert named in page
        assert not_named not in page
    assert answer.status_code == 422
    assert not HouseholdRegistration.objects.exists()


@pytest.mark.row("S0-T30", "S0-T31")
def test_with_both_papers_the_household_is_registered_once_and_the_duty_is_told(
    jinan: Jinan, settled: dict[str, str]
) -> None:
    clerk = officer(jinan, POLICE[LIXIA])
    assert "两项材料齐全" in words_of(clerk.post(PAPERS, settled))
    done = clerk.post(REGISTER, settled, follow=True)
    assert "应当申领居民身份证" in words_of(done)
    assert all(number not in done.request["PATH_INFO"] + done.request["QUERY_STRING"] for number in settled.values())
    assert HouseholdRegistration.objects.count() == 1
    assert clerk.post(REGISTER, settled).status_code == 409
    again = clerk.post(PAPERS, settled)
    assert "已经办理过常住户口登记" in words_of(again)
    assert REGISTER not in again.content.decode()


def test_nothing_of_the_person_is_shown(jinan: Jinan, settled: dict[str, str]) -> None:
    page = words_of(officer(jinan, POLICE[LIXIA]).post(PAPERS, settled))
    assert ApprovalNotice.objects.get().paper["name"] not in page


def test_papers_of_another_county_are_not_known_here(jinan: Jinan, settled: dict[str, str]) -> None:
    page = words_of(officer(jinan, POLICE[SHIZHONG]).post(PAPERS, settled))
    assert "缺少《批准定居通知书》" in page
    assert "缺少有效的《台湾居民定居证》" in page


@pytest.mark.parametrize(("office", "role"), [(EXIT_ENTRY, Role.CLERK), (POLICE[LIXIA], Role.REVIEWER)])
def test_who_does_not_keep_the_register_has_neither_page_nor_link(
    jinan: Jinan, settled: dict[str, str], office: str, role: Role
) -> None:
    other = officer(jinan, office, role=role)
    answers: list[Any] = [other.get(PAPERS), other.post(PAPERS, settled), other.post(REGISTER, settled)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert PAPERS not in other.get("/desk/window/").content.decode()
    assert not HouseholdRegistration.objects.exists()


def test_a_clerk_of_the_police_finds_the_page_from_the_window(jinan: Jinan) -> None:
    clerk = officer(jinan, POLICE[LIXIA])
    assert f'href="{PAPERS}"' in clerk.get("/desk/window/").content.decode()
    assert clerk.get(PAPERS).status_code == 200
