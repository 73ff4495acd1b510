"""A relying party with a key reads the codes a holder gives: what it was granted, on record, and nothing by trying."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.contract.world import send
from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_principal, a_resident
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.showing.models import PhoneCode
from yizhengtong.credentials.showing.paper import code_for
from yizhengtong.credentials.showing.services import ANYBODY, begin_showing, draw_code
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.models import Environment, PurposeGrant, RelyingParty
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.services import register_relying_party
from yizhengtong.verification.sharing.handed import read_paper_code, read_phone_code
from yizhengtong.verification.sharing.models import ShareCode, Use
from yizhengtong.verification.sharing.services import make_share_code
from yizhengtong.verification.sharing.shown import to_be_shown

pytestmark = pytest.mark.django_db
BORN = "1994-08-23"
SHARE, PHONE, PAPER = (f"/api/partner/{each}-codes" for each in ("share", "phone", "paper"))


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def wang(town: City) -> Resident:
    who = a_resident(name="葉小明")
    who.person.account = Account.objects.create(username=f"resident-{uuid4().hex[:12]}")
    who.person.save()
    return Resident(who.person, a_principal(who.person.account.pk), who.number)


@pytest.fixture
def permit(town: City, wang: Resident) -> Permit:
    return permit_of(case_at(town, CaseState.COMPLETED, resident=wang)[0])


@pytest.fixture
def bank(town: City) -> tuple[RelyingParty, str]:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank", "work"], by=SYSTEM)


@pytest.fixture(autouse=True)
def _as_web(roles: None, town: City) -> Iterator[None]:
    with requests_as_web():
        yield


def ask(key: str, path: str, code: str, purpose: str = "work", **more: Any) -> Any:
    payload = {"code": code, "purpose": purpose, **({"birth_date": BORN} if path == SHARE else {}), **more}
    return send("POST", path, payload=payload, headers={"Authorization": f"Bearer {key}"})


def told(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.content
    assert answer["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def shared(permit: Permit, wang: Resident, purpose: str = "work", uses: int = 1) -> str:
    at = timezone.now()
    return make_share_code(permit=permit, purpose=purpose, days=7, uses=uses, at=at, by=wang.principal)[1]


def shown(permit: Permit, wang: Resident, purpose: str = "identity") -> str:
    showing = begin_showing(permit=permit, purpose=purpose, at=timezone.now(), by=wang.principal)
    return draw_code(showing=showing, at=timezone.now())


def test_a_share_code_is_read_with_the_birth_date_and_the_holder_sees_by_whom(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    found = told(ask(bank[1], SHARE, shared(permit, wang)))
    assert (found["outcome"], found["state"], found["claims"]["name"]) == ("told", "valid", "葉小明")
    assert "number" not in found["claims"]
    assert "birth_date" not in found["claims"]
    check = Check.objects.get()
    assert (check.relying_party_id, check.way, check.purpose, check.person_id) == (
        bank[0].pk, "share_code", "work", wang.person.pk,
    )  # fmt: skip
    assert Use.objects.get().relying_party_id == bank[0].pk


def test_what_does_not_open_is_answered_alike(bank: tuple[RelyingParty, str], permit: Permit, wang: Resident) -> None:
    spent, shut = shared(permit, wang), shared(permit, wang)
    ask(bank[1], SHARE, spent)
    answers = [
        told(ask(bank[1], SHARE, "00000-00000")), told(ask(bank[1], SHARE, spent)), told(ask(bank[1], SHARE, "?")),
        told(ask(bank[1], SHARE, shut, birth_date="1994-08-24")),
    ]  # fmt: skip
    block(person=wang.person, party_id=bank[0].pk, by=wang.principal)
    answers.append(told(ask(bank[1], SHARE, shut)))
    for each in answers:
        del each["as_of"]
    nothing: dict[str, Any] = {
        "outcome": "none",
        "ask_for": [],
        "state": None,
        "claims": {},
        "photo": "",
        "check_id": None,
    }
    assert answers == [nothing] * 5
    assert Check.objects.filter(person_id=wang.person.pk, outcome="refused").count() == 1


def test_wrong_birth_dates_by_the_api_end_a_code_too(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    code = shared(permit, wang)
    for day in range(1, 6):
        told(ask(bank[1], SHARE, code, birth_date=f"1980-01-0{day}"))
    assert ShareCode.objects.get().end_reason == "wrong_birth_dates"
    assert told(ask(bank[1], SHARE, code))["outcome"] == "none"


def test_a_code_for_something_else_opens_nothing_and_says_so(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    found = told(ask(bank[1], SHARE, shared(permit, wang, "rent")))
    assert (found["outcome"], found["claims"], found["state"]) == ("other_purpose", {}, None)
    assert found["ask_for"] == ["work"]
    assert ShareCode.objects.get().uses == 0


@pytest.mark.parametrize("path", [SHARE, PHONE, PAPER])
def test_a_purpose_that_is_not_granted_is_refused_before_anything_is_read(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident, path: str
) -> None:
    code = {SHARE: shared(permit, wang, "rent"), PHONE: shown(permit, wang)}.get(path, "x")
    refused = ask(bank[1], path, code, "rent")
    assert (refused.status_code, refused.json()["code"]) == (403, "relying_parties.purpose_not_registered")
    assert not Check.objects.exists()
    assert not PhoneCode.objects.exclude(read_at=None).exists()


@pytest.mark.parametrize("path", [SHARE, PHONE, PAPER])
def test_without_a_key_nothing_is_read(permit: Permit, path: str) -> None:
    assert ask("guessed", path, "x").status_code == 401


def test_a_party_is_told_the_claims_it_was_granted_and_what_says_less_of_them(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    PurposeGrant.objects.filter(relying_party=bank[0], purpose="work").update(claims=["kind", "name"])
    assert set(told(ask(bank[1], SHARE, shared(permit, wang)))["claims"]) == {"kind", "name"}
    assert set(told(ask(bank[1], PHONE, shown(permit, wang)))["claims"]) == {"kind", "name"}
    assert set(told(ask(bank[1], PHONE, shown(permit, wang, "validity")))["claims"]) == {"kind", "name_masked"}


def test_a_code_on_a_phone_opens_once_and_stands_in_the_history(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    code = shown(permit, wang)
    found = told(ask(bank[1], PHONE, code, "bank"))
    assert (found["outcome"], found["state"], found["claims"]["number"]) == ("shown", "valid", permit.number)
    again = told(ask(bank[1], PHONE, code, "bank"))
    assert (again["outcome"], again["claims"]) == ("used", {})
    check = Check.objects.get(person_id=wang.person.pk)
    assert (check.way, check.purpose, check.outcome, check.relying_party_id) == (
        "phone_code", "bank", "told", bank[0].pk,
    )  # fmt: skip
    assert (found["check_id"], again["check_id"]) == (public_id("chk", check.pk), None)


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("path", [PHONE, PAPER])
def test_a_permit_shown_for_something_else_tells_what_to_ask_for_and_the_code_stays_good(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident, path: str
) -> None:
    for_age = shown(permit, wang, "age") if path == PHONE else code_for(permit, "age", legal_day(timezone.now()))
    found = told(ask(bank[1], path, for_age, "bank"))
    assert (found["outcome"], found["ask_for"]) == ("other_purpose", ["identity", "validity"])
    assert (found["claims"], found["state"], found["photo"], found["check_id"]) == ({}, None, "", None)
    check = Check.objects.get()
    assert (check.person_id, check.purpose, check.outcome, check.claims) == (wang.person.pk, "bank", "refused", [])
    assert not Entry.objects.filter(action="showing.read").exists()
    assert not PhoneCode.objects.exclude(read_at=None).exists()
    at = timezone.now()
    read = read_phone_code(text=for_age, at=at, by=ANYBODY) if path == PHONE else read_paper_code(text=for_age, at=at)
    assert read.values["over_18"] is True


@pytest.mark.parametrize("purpose", purposes())
def test_every_purpose_is_served_by_something_that_can_be_shown_and_no_bank_by_an_age(purpose: str) -> None:
    assert "validity" in to_be_shown(purpose), "what says least serves all"
    assert ("identity" in to_be_shown(purpose)) == ("name" in purposes()[purpose].claims)
    assert ("age" in to_be_shown(purpose)) == (purpose in {"ride_hailing", "platform", "commerce", "government"})


def test_a_permit_that_ended_because_it_was_lost_has_ended(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    code = shown(permit, wang)
    Permit.objects.filter(pk=permit.pk).update(state="ended", end_reason="lost", ended_on=legal_day(timezone.now()))
    found = told(ask(bank[1], PHONE, code, "bank"))
    assert (found["outcome"], found["state"], found["claims"]) == ("shown", "ended", {})


def test_who_is_shut_out_finds_no_code_on_a_phone_and_uses_none_up(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    code = shown(permit, wang)
    block(person=wang.person, party_id=bank[0].pk, by=wang.principal)
    found = told(ask(bank[1], PHONE, code))
    assert (found["outcome"], found["claims"], found["state"], found["photo"]) == ("unknown", {}, None, "")
    assert not PhoneCode.objects.exclude(read_at=None).exists()
    assert Check.objects.get(person_id=wang.person.pk).outcome == "refused"


def test_a_code_on_paper_is_checked_and_stands_in_the_history(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    printed = code_for(permit, "identity", legal_day(timezone.now()))
    found = told(ask(bank[1], PAPER, printed, "bank"))
    assert (found["outcome"], found["claims"]["number"]) == ("good", permit.number)
    check = Check.objects.get(person_id=wang.person.pk)
    assert (check.way, found["check_id"]) == ("paper_code", public_id("chk", check.pk))
    assert told(ask(bank[1], PAPER, "x", "bank"))["outcome"] == "unreadable"
    block(person=wang.person, party_id=bank[0].pk, by=wang.principal)
    shut = told(ask(bank[1], PAPER, printed, "bank"))
    assert (shut["outcome"], shut["claims"]) == ("unreadable", {})


def test_a_key_of_the_sandbox_reads_its_own_people_and_nobodys_history(
    town: City, permit: Permit, wang: Resident
) -> None:
    _, key = register_relying_party(
        name="演示", legal_basis="无", purposes=[], by=SYSTEM, environment=Environment.TEST
    )  # fmt: skip
    assert told(ask(key, SHARE, shared(permit, wang)))["outcome"] == "none"
    found = told(ask(key, SHARE, "TEST0-00001"))
    assert (found["outcome"], found["state"], found["claims"]["name"]) == ("told", "valid", "陳大文")
    assert told(ask(key, SHARE, "TESTW-00001", "rent"))["outcome"] == "other_purpose"
    assert told(ask(key, SHARE, "TEST0-00001", birth_date="1994-08-24"))["outcome"] == "none"
    assert told(ask(key, PHONE, "test-0000-0001"))["outcome"] == "shown"
    for path, code in ((PHONE, "test-work-0001"), (PAPER, "test-work-paper-1")):
        assert told(ask(key, path, code, "work"))["claims"]["name"] == "陳大文"
        elsewhere = told(ask(key, path, code, "rent"))
        assert (elsewhere["outcome"], elsewhere["ask_for"]) == ("other_purpose", ["validity", "identity"])
    assert told(ask(key, PHONE, shown(permit, wang)))["outcome"] == "unknown"
    assert told(ask(key, PAPER, "test-paper-1"))["outcome"] == "good"
    assert told(ask(key, PAPER, code_for(permit, "age", legal_day(timezone.now()))))["outcome"] == "unreadable"
    assert not Check.objects.exists()
    assert ShareCode.objects.get().uses == 0


def test_a_code_that_is_over_by_a_second_tells_nothing(
    bank: tuple[RelyingParty, str], permit: Permit, wang: Resident
) -> None:
    code = shared(permit, wang)
    ShareCode.objects.update(
        made_at=timezone.now() - timedelta(days=7, seconds=1), ends_at=timezone.now() - timedelta(seconds=1)
    )
    assert told(ask(bank[1], SHARE, code))["outcome"] == "none"
    assert date.fromisoformat(BORN) == wang.person.birth_date
