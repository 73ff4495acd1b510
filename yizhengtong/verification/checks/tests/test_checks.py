"""Checking a permit: what is told, what is not, and that the holder sees who asked."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident
from tests.support.privacy import agreed
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.postgresql.readers import read_as_partner
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound, TooMany
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_found, report_loss, void_permit
from yizhengtong.registry.consents.models import Consent
from yizhengtong.verification.checks.blocks import block, blocks_of, is_blocked, unblock
from yizhengtong.verification.checks.forgetting import forget_checks
from yizhengtong.verification.checks.models import Block, Check
from yizhengtong.verification.checks.recording import BLOCKED, NOT_AGREED
from yizhengtong.verification.checks.tests.asking import a_caller, ask, told
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.sandbox import sandbox_people as people_of_the_sandbox

NOBODYS = hmt_permit_number("HK", date(1990, 1, 1), 7)
MATCH, NO_MATCH = (True, "valid"), (False, None)
ALL = {"number": True, "name": True, "birth_date": True}
NONE = dict.fromkeys(ALL, False)


@pytest.fixture
def bank(town: City) -> Caller:
    return a_caller("bank", "work", "rent")


@pytest.fixture
def held(town: City) -> tuple[Permit, Resident]:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank", "check_work", "check_rent")
    return permit_of(case), wang


@pytest.mark.row("S2-21", "S1-014")
@pytest.mark.parametrize("changes", [{}, {"birth_date": None}, {"name": "叶小明"}, {"name": " 葉 小明"}])
def test_number_and_name_that_agree_match_and_the_permit_is_valid(
    bank: Caller, held: tuple[Permit, Resident], changes: dict[str, Any]
) -> None:
    assert told(ask(bank, held[0].number, **changes)) == MATCH


@pytest.mark.row("S1-014")
@pytest.mark.parametrize(
    ("printed", "latin", "shown", "is_match"),
    [
        ("歐陽菲菲", "", "欧阳菲菲", True),  # simplified for traditional
        ("余淑芬", "", "餘淑芬", True),  # one simplified character of several
        ("\U00020087小明", "", "\ue816小明", True),  # a rare one by its old private code
        ("陈\U00020bb7", "", "陈吉", False),  # a rare one and what is put in its place
        ("陳\U0002a5f1", "", "陈?", False),
        ("葉小明", "IP, SIU MING", "IP SIU MING", True),
        ("葉小明", "IP, SIU MING", "Siu-Ming Ip", True),  # given names first
        ("葉小明", "IP, SIU MING", "YE XIAOMING", False),  # another romanisation
        ("葉小明", "", "IP SIU MING", False),  # none is printed
        ("里亚·陈", "", "里亚陈", True),
    ],
)
def test_a_name_matches_in_every_writing_of_it_and_what_is_stored_stays(
    bank: Caller, town: City, printed: str, latin: str, shown: str, is_match: bool
) -> None:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name=printed, latin_name=latin))
    agreed(wang, "check_bank")
    assert told(ask(bank, permit_of(case).number, name=shown)) == (MATCH if is_match else NO_MATCH)
    wang.person.refresh_from_db()
    assert (wang.person.name, wang.person.latin_name) == (printed, latin)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, ALL),
        ({"birth_date": None}, {"number": True, "name": True}),
        ({"birth_date": date(1994, 8, 24)}, {**ALL, "birth_date": False}),
        ({"name": "葉大明"}, NONE),
        ({"name": "叶"}, NONE),
        ({"name": ""}, NONE),
        ({"number": NOBODYS}, NONE),
        ({"number": NOBODYS, "birth_date": None}, {"number": False, "name": False}),
        ({"number": NOBODYS, "name": "无名氏", "birth_date": date(1900, 1, 1)}, NONE),  # the decoy's
    ],
)
def test_each_field_sent_is_told_of_but_a_number_and_a_birth_date_only_to_who_knows_the_name(
    bank: Caller, held: tuple[Permit, Resident], changes: dict[str, Any], fields: dict[str, bool]
) -> None:
    answer = ask(bank, **{"number": held[0].number, **changes})
    assert answer.fields == fields
    assert told(answer) == (MATCH if all(fields.values()) else NO_MATCH)


@pytest.mark.row("S1-097")
def test_the_answer_for_a_number_nobody_has_is_the_answer_for_a_wrong_name(
    bank: Caller, held: tuple[Permit, Resident]
) -> None:
    unknown, wrong = ask(bank, NOBODYS), ask(bank, held[0].number, name="黄小明")
    assert (unknown.fields, unknown.state) == (wrong.fields, wrong.state)
    assert unknown.__dataclass_fields__.keys() == {"fields", "state", "as_of", "is_final", "check_id"}


@pytest.mark.row("S2-11")
@pytest.mark.parametrize(("later", "state"), [(-1, "valid"), (0, "valid"), (1, "expired")])
def test_a_permit_matches_after_its_last_day_and_is_no_longer_valid(
    bank: Caller, held: tuple[Permit, Resident], later: int, state: str
) -> None:
    on = held[0].last_valid_day + timedelta(days=later)
    answer = ask(bank, held[0].number, on=on)
    assert told(answer) == (True, state)
    assert answer.is_valid == (state == "valid")


def test_a_lost_permit_is_not_valid_until_it_is_found(bank: Caller, held: tuple[Permit, Resident]) -> None:
    permit, wang = held
    report_loss(permit_id=permit.pk, by=wang.principal)
    assert told(ask(bank, permit.number)) == (True, "lost")
    report_found(permit_id=permit.pk, by=wang.principal)
    assert told(ask(bank, permit.number)) == MATCH


def test_a_void_permit_has_ended_and_why_is_not_told(bank: Caller, held: tuple[Permit, Resident], town: City) -> None:
    void_permit(permit_id=held[0].pk, ground="false_proof", allowed=("false_proof",), on=TODAY, by=town.approver)
    assert told(ask(bank, held[0].number)) == (True, "ended")


def test_after_a_replacement_the_number_is_valid_again_by_the_new_permit(
    bank: Caller, held: tuple[Permit, Resident], town: City
) -> None:
    permit, wang = held
    report_loss(permit_id=permit.pk, by=wang.principal)
    papers = {"travel_document": "hrp"}
    case_at(town, CaseState.APPROVED, resident=wang, item="hmt.reissue", ground="lost", papers=papers)
    assert told(ask(bank, permit.number)) == MATCH


def test_a_permit_is_good_while_its_card_is_made(bank: Caller, town: City) -> None:
    case, wang = case_at(town, CaseState.APPROVED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank")
    assert told(ask(bank, permit_of(case).number)) == MATCH


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("purpose", ["library", "", "BANK", "unheard_of"])
def test_a_purpose_that_is_not_granted_is_refused_before_anything(
    bank: Caller, held: tuple[Permit, Resident], purpose: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3), pytest.raises(Forbidden, match=r"relying_parties\.purpose_not_registered"):
        ask(bank, held[0].number, purpose=purpose)  # a savepoint and its end
    assert not Check.objects.exists()


def test_a_purpose_fixes_the_fields_and_more_is_refused(bank: Caller, held: tuple[Permit, Resident]) -> None:
    for number in (held[0].number, NOBODYS):
        with pytest.raises(Forbidden, match=r"checks\.field_not_of_purpose"):
            ask(bank, number, purpose="rent")
    assert told(ask(bank, held[0].number, purpose="rent", birth_date=None)) == MATCH
    assert Check.objects.count() == 1


@pytest.mark.parametrize("number", ["810000199408230019"[:-1] + "0", "11010119940823001X", "81000019940823", "王小明"])
def test_a_number_that_cannot_be_a_permits_is_told_as_such_and_not_repeated(
    bank: Caller, held: tuple[Permit, Resident], number: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(bank, number)
    assert refused.value.code.startswith("numbers.")
    assert number not in repr(refused.value.facts) + str(refused.value)
    assert not Check.objects.exists()


@pytest.mark.parametrize("kind", ["resident_id", "foreign_pr_2023", "foreign_pr_old"])
def test_documents_that_are_nothing_of_ours_are_not_matched(bank: Caller, kind: str) -> None:
    with pytest.raises(Invalid, match=r"checks\.kind_not_matched"):
        ask(bank, "11010119900307123X", kind=DocumentKind(kind))


@pytest.mark.row("S1-097", "S0-T37")
@pytest.mark.parametrize(("changes", "outcome"), [({}, "match"), ({"name": "黄大明"}, "no_match")])
def test_every_check_is_recorded_for_the_holder_with_purpose_and_without_what_was_asked(
    bank: Caller, held: tuple[Permit, Resident], changes: dict[str, Any], outcome: str
) -> None:
    ask(bank, held[0].number, **changes)
    check = Check.objects.get()
    assert (check.person_id, check.permit_id, check.purpose) == (held[1].person.pk, held[0].pk, "bank")
    assert (check.way, check.outcome, check.is_match) == ("match", outcome, outcome == "match")
    assert check.claims == ["number", "name", "birth_date"]
    assert {field.name for field in Check._meta.fields} == {
        "id", "relying_party", "purpose", "person_id", "permit_id", "way", "outcome", "claims", "is_match", "at",
    }  # fmt: skip
    read = Entry.objects.get(action="checks.match")
    assert (read.kind, read.actor_kind, read.actor_id, read.retention) == ("read", "partner", bank.pk, "work")
    assert (read.person_id, read.purpose, read.fields) == (
        held[1].person.pk, "bank", ["number", "name", "birth_date"],
    )  # fmt: skip
    event = Event.objects.get(kind="checks.made")
    assert (event.object_id, event.person_id) == (check.pk, held[1].person.pk)
    assert event.facts == {"way": "match", "purpose": "bank", "outcome": outcome, "relying_party": str(bank.pk)}


def test_a_check_of_nobodys_number_is_recorded_without_a_person(bank: Caller, held: tuple[Permit, Resident]) -> None:
    ask(bank, NOBODYS)
    check = Check.objects.get()
    assert (check.person_id, check.permit_id, check.outcome) == (None, None, "no_match")


@pytest.mark.row("S1-097")
@pytest.mark.parametrize("answers", [[], ["refused"], ["given", "withdrawn"]])
def test_without_the_holders_consent_a_check_answers_as_of_a_number_that_nobody_has(
    bank: Caller, town: City, answers: list[str]
) -> None:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    for answer in answers:
        Consent.objects.create(person=wang.person, use="check_bank", answer=answer, account_id=new_id(), law_hash="")
    refused, nobody = ask(bank, permit_of(case).number), ask(bank, NOBODYS)
    assert (refused.fields, refused.state) == (nobody.fields, nobody.state) == (NONE, None)
    assert NOT_AGREED in Entry.objects.get(action="checks.match", person_id=wang.person.pk).fields
    assert Check.objects.get(person_id=wang.person.pk).outcome == "refused"


def test_consent_to_one_purpose_is_no_consent_to_another(bank: Caller, town: City) -> None:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_work")
    assert told(ask(bank, permit_of(case).number)) == NO_MATCH
    assert told(ask(bank, permit_of(case).number, purpose="work")) == MATCH


def test_a_statutory_purpose_needs_no_consent(town: City) -> None:
    office = a_caller("government")
    case, _ = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    assert told(ask(office, permit_of(case).number, purpose="government")) == MATCH


def test_who_is_shut_out_is_answered_as_for_a_number_nobody_has_until_let_in_again(
    bank: Caller, held: tuple[Permit, Resident]
) -> None:
    permit, wang = held
    other = a_caller("bank", name="另一家演示银行")
    for _ in range(2):
        block(person=wang.person, party_id=bank.pk, by=wang.principal)
    assert Block.objects.count() == 1
    shut, nobody = ask(bank, permit.number), ask(bank, NOBODYS)
    assert (shut.fields, shut.state) == (nobody.fields, nobody.state)
    assert told(ask(other, permit.number)) == MATCH
    check = Check.objects.get(relying_party=bank.party, person_id=wang.person.pk)
    assert (check.outcome, check.is_match) == ("refused", False)
    assert BLOCKED in Entry.objects.get(object_id=check.pk).fields
    assert [each.relying_party for each in blocks_of(wang.person)] == [bank.party]
    unblock(person=wang.person, party_id=bank.pk, by=wang.principal)
    assert told(ask(bank, permit.number)) == MATCH
    acts = Entry.objects.filter(action__in=("checks.block", "checks.unblock")).order_by("at")
    assert [(each.action, each.person_id) for each in acts] == [
        ("checks.block", wang.person.pk), ("checks.unblock", wang.person.pk),
    ]  # fmt: skip


def test_nobody_is_shut_out_who_is_not_there_or_let_in_who_was_not_shut_out(
    bank: Caller, held: tuple[Permit, Resident]
) -> None:
    with pytest.raises(NotFound):
        block(person=held[1].person, party_id=new_id(), by=held[1].principal)
    with pytest.raises(NotFound):
        unblock(person=held[1].person, party_id=bank.pk, by=held[1].principal)
    assert not is_blocked(held[1].person.pk, bank.pk)


def test_names_cannot_be_tried_out_on_a_number_whether_anybody_has_it(
    bank: Caller, held: tuple[Permit, Resident], settings: Any
) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "checks_of_one": (2, 3600)}
    for number in (held[0].number, NOBODYS):
        for name in ("葉大明", "葉中明"):
            assert told(ask(bank, number, name=name)) == NO_MATCH
        with pytest.raises(TooMany):
            ask(bank, number)


def test_a_check_takes_few_statements_and_as_many_whatever_is_behind_the_number(
    bank: Caller, held: tuple[Permit, Resident], django_assert_num_queries: Any
) -> None:
    """The charge, the law in force, the look-up, the record; besides, here alone: a savepoint and its end.

    A request asks for the law as it finds out who asks (sites/api/tests/test_checks.py).
    """
    read_as_partner(bank.pk)
    ask(bank, NOBODYS)  # tells the connection who reads
    for is_shut_out in (False, True):
        for changes in ({}, {"name": "葉大明"}, {"number": NOBODYS}, {"purpose": "work"}):
            read_as_partner(bank.pk)
            with django_assert_num_queries(6):
                ask(bank, **{"number": held[0].number, **changes})
        if not is_shut_out:
            block(person=held[1].person, party_id=bank.pk, by=held[1].principal)


def test_the_sandbox_answers_from_the_test_people_alone_and_writes_nothing(
    town: City, held: tuple[Permit, Resident]
) -> None:
    trial = a_caller("bank", is_test=True)
    for person in people_of_the_sandbox().values():
        answer = ask(trial, person.permit, name=person.name, birth_date=person.birth_date)
        assert told(answer) == ((True, person.state) if person.has_agreed else NO_MATCH), person.code
        assert told(ask(trial, person.permit, name="无名氏", birth_date=None)) == NO_MATCH
    assert told(ask(trial, held[0].number)) == NO_MATCH
    assert not Check.objects.exists()
    assert not Entry.objects.filter(action__startswith="checks.").exists()
    assert not Event.objects.filter(kind="checks.made").exists()


def test_traces_of_checks_go_when_they_need_no_longer_be_kept(bank: Caller, held: tuple[Permit, Resident]) -> None:
    ask(bank, held[0].number)
    ask(bank, held[0].number)
    old, new = Check.objects.order_by("id")
    Check.objects.filter(pk=old.pk).update(at=old.at - timedelta(days=10))
    assert forget_checks(before=old.at - timedelta(days=1)) == 1
    assert list(Check.objects.all()) == [new]
    assert Entry.objects.get(action="checks.forget").fields == ["checks:1"]
    assert forget_checks(before=old.at - timedelta(days=1)) == 0
