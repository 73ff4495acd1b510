"""Checking a permit: all agrees or nothing does, and the holder sees who asked."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident
from tests.support.privacy import agreed
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import hmt_permit_number
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_found, report_loss, void_permit
from yizhengtong.registry.consents.models import Consent
from yizhengtong.verification.checks.forgetting import forget_checks
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.services import NOT_AGREED, Answer, check_permit
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import register_relying_party

NOBODYS = hmt_permit_number("HK", date(1990, 1, 1), 7)


@pytest.fixture
def bank(town: City) -> RelyingParty:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank", "work"], by=SYSTEM)[0]


@pytest.fixture
def held(town: City) -> tuple[Permit, Resident]:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank", "check_work")
    return permit_of(case), wang


def ask(bank: RelyingParty, permit: Permit, **changes: Any) -> Answer:
    facts: dict[str, Any] = {
        "purpose": "bank", "number": permit.number, "name": "葉小明", "birth_date": date(1994, 8, 23), "on": TODAY,
    }  # fmt: skip
    return check_permit(relying_party=bank, **(facts | changes))


def said(answer: Answer) -> tuple[bool, bool]:
    return answer.is_match, answer.is_valid


@pytest.mark.row("S2-21", "S1-014")
@pytest.mark.parametrize("changes", [{}, {"birth_date": None}, {"name": "叶小明"}, {"name": " 葉 小明"}])
def test_number_and_name_that_agree_match_and_the_permit_is_valid(
    bank: RelyingParty, held: tuple[Permit, Resident], changes: dict[str, Any]
) -> None:
    assert said(ask(bank, held[0], **changes)) == (True, True)


@pytest.mark.parametrize(
    "changes",
    [{"name": "葉大明"}, {"name": ""}, {"birth_date": date(1994, 8, 24)}, {"number": NOBODYS}, {"name": "叶"}],
)
def test_anything_that_does_not_agree_is_no_match(
    bank: RelyingParty, held: tuple[Permit, Resident], changes: dict[str, Any]
) -> None:
    assert said(ask(bank, held[0], **changes)) == (False, False)


@pytest.mark.row("S1-097")
def test_the_answer_for_a_number_nobody_has_is_the_answer_for_a_wrong_name(
    bank: RelyingParty, held: tuple[Permit, Resident]
) -> None:
    unknown, wrong = ask(bank, held[0], number=NOBODYS), ask(bank, held[0], name="黄小明")
    assert said(unknown) == said(wrong)
    assert unknown.__dataclass_fields__.keys() == {"is_match", "is_valid", "as_of"}


@pytest.mark.row("S2-11")
@pytest.mark.parametrize(("later", "is_valid"), [(-1, True), (0, True), (1, False)])
def test_a_permit_matches_after_its_last_day_and_is_no_longer_valid(
    bank: RelyingParty, held: tuple[Permit, Resident], later: int, is_valid: bool
) -> None:
    on = held[0].last_valid_day + timedelta(days=later)
    assert said(ask(bank, held[0], on=on)) == (True, is_valid)


def test_a_lost_permit_is_not_valid_until_it_is_found(bank: RelyingParty, held: tuple[Permit, Resident]) -> None:
    permit, wang = held
    report_loss(permit_id=permit.pk, by=wang.principal)
    assert said(ask(bank, permit)) == (True, False)
    report_found(permit_id=permit.pk, by=wang.principal)
    assert said(ask(bank, permit)) == (True, True)


def test_a_void_permit_matches_and_is_not_valid(bank: RelyingParty, held: tuple[Permit, Resident], town: City) -> None:
    void_permit(permit_id=held[0].pk, ground="false_proof", allowed=("false_proof",), on=TODAY, by=town.approver)
    assert said(ask(bank, held[0])) == (True, False)


def test_after_a_replacement_the_number_is_valid_again_by_the_new_permit(
    bank: RelyingParty, held: tuple[Permit, Resident], town: City
) -> None:
    permit, wang = held
    report_loss(permit_id=permit.pk, by=wang.principal)
    papers = {"travel_document": "hrp"}
    case_at(town, CaseState.APPROVED, resident=wang, item="hmt.reissue", ground="lost", papers=papers)
    assert said(ask(bank, permit)) == (True, True)


def test_a_permit_is_good_while_its_card_is_made(bank: RelyingParty, town: City) -> None:
    case, wang = case_at(town, CaseState.APPROVED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank")
    assert said(ask(bank, permit_of(case))) == (True, True)


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("purpose", ["library", "", "BANK"])
def test_a_purpose_that_is_not_registered_is_refused_and_leaves_no_check(
    bank: RelyingParty, held: tuple[Permit, Resident], purpose: str
) -> None:
    with pytest.raises(Forbidden, match=r"checks\.purpose_not_registered"):
        ask(bank, held[0], purpose=purpose)
    assert not Check.objects.exists()


@pytest.mark.parametrize("number", ["810000199408230019"[:-1] + "0", "11010119940823001X", "81000019940823", "王小明"])
def test_a_number_that_cannot_be_a_permits_is_told_as_such_and_not_repeated(
    bank: RelyingParty, held: tuple[Permit, Resident], number: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(bank, held[0], number=number)
    assert refused.value.code.startswith("numbers.")
    assert number not in repr(refused.value.facts) + str(refused.value)
    assert not Check.objects.exists()


@pytest.mark.row("S1-097", "S0-T37")
@pytest.mark.parametrize(("changes", "is_match"), [({}, True), ({"name": "黄大明"}, False)])
def test_every_check_is_recorded_for_the_holder_with_purpose_and_without_what_was_asked(
    bank: RelyingParty, held: tuple[Permit, Resident], changes: dict[str, Any], is_match: bool
) -> None:
    ask(bank, held[0], **changes)
    check = Check.objects.get()
    assert (check.person_id, check.purpose, check.is_match) == (held[1].person.pk, "bank", is_match)
    assert {field.name for field in Check._meta.fields} == {
        "id", "relying_party", "purpose", "person_id", "is_match", "at",
    }  # fmt: skip
    read = Entry.objects.get(action="checks.match")
    assert (read.kind, read.actor_kind, read.actor_id) == ("read", "partner", bank.pk)
    assert (read.person_id, read.purpose, read.fields) == (
        held[1].person.pk, "bank", ["number", "name", "birth_date"],
    )  # fmt: skip


def test_a_check_of_nobodys_number_is_recorded_without_a_person(
    bank: RelyingParty, held: tuple[Permit, Resident]
) -> None:
    ask(bank, held[0], number=NOBODYS)
    assert Check.objects.get().person_id is None


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("answers", [[], ["refused"], ["given", "withdrawn"]])
def test_without_the_holders_consent_a_check_answers_as_of_a_number_that_nobody_has(
    bank: RelyingParty, town: City, answers: list[str]
) -> None:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    for answer in answers:
        Consent.objects.create(person=wang.person, use="check_bank", answer=answer, account_id=new_id(), law_hash="")
    refused, nobody = ask(bank, permit_of(case)), ask(bank, permit_of(case), number=NOBODYS)
    assert said(refused) == said(nobody) == (False, False)
    entry = Entry.objects.get(action="checks.match", person_id=wang.person.pk)
    assert NOT_AGREED in entry.fields


def test_consent_to_one_purpose_is_no_consent_to_another(bank: RelyingParty, town: City) -> None:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_work")
    assert said(ask(bank, permit_of(case))) == (False, False)
    assert said(ask(bank, permit_of(case), purpose="work")) == (True, True)


def test_a_statutory_purpose_needs_no_consent(town: City) -> None:
    office, _ = register_relying_party(name="演示政务", legal_basis="法定职责", purposes=["government"], by=SYSTEM)
    case, _ = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    assert said(ask(office, permit_of(case), purpose="government")) == (True, True)
    party, _ = register_relying_party(name="演示", legal_basis="无", purposes=["unheard_of"], by=SYSTEM)
    assert said(ask(party, permit_of(case), purpose="unheard_of")) == (False, False)


def test_traces_of_checks_go_when_they_need_no_longer_be_kept(
    bank: RelyingParty, held: tuple[Permit, Resident]
) -> None:
    ask(bank, held[0])
    ask(bank, held[0])
    old, new = Check.objects.order_by("id")
    Check.objects.filter(pk=old.pk).update(at=old.at - timedelta(days=10))
    assert forget_checks(before=old.at - timedelta(days=1)) == 1
    assert list(Check.objects.all()) == [new]
    assert Entry.objects.get(action="checks.forget").fields == ["checks:1"]
    assert forget_checks(before=old.at - timedelta(days=1)) == 0
