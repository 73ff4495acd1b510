"""Checks by a travel document's number: by the link its holder made, else by the identity platform, else no match."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cases import case_at, permit_of
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident, travel_number
from tests.support.privacy import agreed
from tests.support.registers import registers_in
from tests.support.web_role import as_web
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.postgresql.readers import Reader, read_as_partner
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.services import add_number
from yizhengtong.verification.checks import matching
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.tests.asking import BORN, NAME, a_caller, ask, told
from yizhengtong.verification.checks.travel.contract import Answer, Question, Result
from yizhengtong.verification.checks.travel.files import Document, write_list
from yizhengtong.verification.links.services import link_online, unlink
from yizhengtong.verification.relying_parties.callers import Caller

HRP = DocumentKind.HRP
NO_MATCH = (False, None)
Held = tuple[Permit, Resident]


@pytest.fixture
def bank(town: City) -> Caller:
    return a_caller("bank", "rent")


@pytest.fixture
def held(town: City) -> Held:
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name=NAME))
    agreed(wang, "check_bank", "check_rent")
    return permit_of(case), wang


@pytest.fixture
def linked(held: Held) -> Held:
    wang = held[1]
    link_online(
        person=wang.person, acting=wang.person, kind=HRP, number=wang.number, agreed=True, apart=("provision",),
        on=TODAY, by=wang.principal,
    )  # fmt: skip
    return held


class Platform:
    """Says what it is told to, and keeps what it was asked."""

    def __init__(self, result: Result) -> None:
        self.result, self.asked = result, list[Question]()

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        return Answer(self.result, TODAY)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform(Result.AGREES)
    monkeypatch.setattr(matching, "platform_here", lambda: made)
    return made


@pytest.mark.row("S1-094")
@pytest.mark.parametrize("count", ["", "02", "17"])
def test_a_linked_travel_number_matches_like_the_permits_own_whatever_its_issue_count(
    bank: Caller, linked: Held, count: str, platform: Platform
) -> None:
    permit, wang = linked
    assert told(ask(bank, f"{wang.number[:9]}{count}", kind=HRP)) == (True, "valid")
    assert told(ask(bank, permit.number)) == (True, "valid")
    assert {(check.person_id, check.permit_id) for check in Check.objects.all()} == {(wang.person.pk, permit.pk)}
    assert platform.asked == [], "least data: nobody else is asked of what is known here"


@pytest.mark.usefixtures("roles")
def test_under_the_webs_role_a_relying_party_finds_it_too(bank: Caller, linked: Held) -> None:
    with as_web(Reader("partner", str(bank.pk))):
        assert told(ask(bank, linked[1].number, kind=HRP)) == (True, "valid")
        assert told(ask(bank, linked[0].number)) == (True, "valid")
        assert not Permit.objects.exists(), "the number is named while it is looked up, and no longer"


@pytest.mark.row("S1-097")
def test_a_number_that_is_not_linked_any_more_is_nobodys_and_stands_in_its_holders_history(
    bank: Caller, linked: Held
) -> None:
    wang = linked[1]
    unlink(person=wang.person, acting=wang.person, on=TODAY, by=wang.principal)
    gone, nobody = ask(bank, wang.number, kind=HRP), ask(bank, travel_number(HRP, "HK"), kind=HRP)
    assert (gone.fields, gone.state) == (nobody.fields, nobody.state)
    assert told(gone) == NO_MATCH
    assert [check.permit_id for check in Check.objects.filter(person_id=wang.person.pk)] == [None]


@pytest.fixture
def typist(town: City) -> tuple[Resident, str]:
    """Somebody who typed in the number of a travel document that nobody else has registered."""
    mallory, number = a_resident(name="馬洛里", birth_date=date(1980, 1, 1)), travel_number(HRP, "HK")
    add_number(person=mallory.person, kind=HRP, number=number, by=mallory.principal)
    return mallory, number


@pytest.mark.row("S1-097")
@pytest.mark.parametrize(
    "shown",
    [{}, {"name": "馬洛里"}, {"birth_date": date(1980, 1, 1)}, {"purpose": "rent", "birth_date": None}],
    ids=["neither", "name alone", "birth date alone", "no birth date compared"],
)
def test_who_typed_somebody_elses_number_sees_no_check_of_it_and_refuses_none(
    bank: Caller, typist: tuple[Resident, str], platform: Platform, shown: dict[str, Any]
) -> None:
    mallory, number = typist
    block(person=mallory.person, party_id=bank.pk, by=mallory.principal)
    answer = ask(bank, number, kind=HRP, **shown)
    assert told(answer) == ((True, None) if "purpose" not in shown else NO_MATCH)
    assert [(check.person_id, check.outcome == "refused") for check in Check.objects.all()] == [(None, False)]
    assert Event.objects.get(kind="checks.made").person_id is None


def test_whose_name_and_birth_date_were_shown_has_the_check_and_may_refuse_it(
    bank: Caller, typist: tuple[Resident, str], platform: Platform
) -> None:
    mallory, number = typist
    theirs: dict[str, Any] = {"kind": HRP, "name": "马洛里", "birth_date": date(1980, 1, 1)}
    assert told(ask(bank, number, **theirs)) == NO_MATCH
    agreed(mallory, "check_bank")
    assert told(ask(bank, number, **theirs)) == (True, None)
    checks = Check.objects.filter(person_id=mallory.person.pk).order_by("at", "id")
    assert [check.outcome for check in checks] == ["refused", "match"]


def test_a_linked_number_with_another_birth_date_is_told_so_and_the_platform_is_not_asked(
    bank: Caller, linked: Held, platform: Platform
) -> None:
    answer = ask(bank, linked[1].number, kind=HRP, birth_date=date(1994, 8, 24))
    assert answer.fields == {"number": True, "name": True, "birth_date": False}
    assert (answer.state, answer.is_final, platform.asked) == (None, True, [])


def test_without_a_platform_a_number_not_linked_is_no_match_and_that_is_final(bank: Caller, held: Held) -> None:
    answer = ask(bank, held[1].number, kind=HRP)
    assert (told(answer), answer.is_final) == (NO_MATCH, True)


@pytest.mark.row("S1-048")
def test_the_platform_says_whether_all_three_agree_and_nothing_of_a_permit(
    bank: Caller, held: Held, platform: Platform
) -> None:
    for number in (held[1].number, travel_number(HRP, "MO")):
        answer = ask(bank, number, kind=HRP)
        assert answer.fields == {"number": True, "name": True, "birth_date": True}
        assert (answer.is_match, answer.is_valid, answer.state, answer.is_final) == (True, False, None, True)
    asked = platform.asked[0]
    assert (asked.name, asked.birth_date, asked.purpose) == (NAME, BORN, "bank")
    assert [check.outcome for check in Check.objects.all()] == ["match", "match"]
    platform.result = Result.DIFFERS
    assert told(ask(bank, travel_number(HRP, "HK"), kind=HRP)) == NO_MATCH


@pytest.mark.parametrize("result", Result)
def test_who_refused_or_shut_them_out_is_answered_as_nobody_and_asked_about_like_anybody(
    bank: Caller, linked: Held, platform: Platform, result: Result
) -> None:
    wang = linked[1]
    platform.result = result
    block(person=wang.person, party_id=bank.pk, by=wang.principal)
    answer = ask(bank, wang.number, kind=HRP)
    assert told(answer) == NO_MATCH
    assert answer.is_final == (result != Result.UNAVAILABLE)
    assert len(platform.asked) == 1
    assert Check.objects.get().outcome == "refused"


def test_while_the_platform_does_not_answer_nobody_is_told_apart_and_each_try_counts(
    bank: Caller, linked: Held, platform: Platform
) -> None:
    platform.result = Result.UNAVAILABLE
    wrong, unknown = ask(bank, linked[1].number, kind=HRP, name="黄大明"), ask(bank, travel_number(HRP, "HK"), kind=HRP)
    assert (wrong.fields, wrong.state, wrong.is_final) == (unknown.fields, unknown.state, unknown.is_final)
    assert not wrong.is_final
    assert Check.objects.count() == 2
    assert told(ask(bank, linked[1].number, kind=HRP)) == (True, "valid"), "what is known here does not wait for it"


@pytest.mark.parametrize(
    "changes", [{"birth_date": None}, {"purpose": "rent", "birth_date": None}, {"name": " ", "birth_date": BORN}]
)
def test_the_platform_is_asked_whole_questions_about_travel_documents_only(
    bank: Caller, linked: Held, platform: Platform, changes: dict[str, Any]
) -> None:
    answer = ask(bank, travel_number(HRP, "HK"), kind=HRP, **changes)
    assert (told(answer), answer.is_final) == (NO_MATCH, changes.get("birth_date") is not None)
    assert ask(bank, linked[0].number, name="黄大明").is_final
    assert platform.asked == []


@pytest.mark.row("S1-048")
def test_a_list_in_the_folder_answers_for_the_platform(bank: Caller, town: City, settings: Any, tmp_path: Path) -> None:
    registers_in(settings, tmp_path)
    number = travel_number(HRP, "HK")
    assert told(ask(bank, number, kind=HRP)) == NO_MATCH
    write_list(tmp_path, [Document(HRP, number, NAME, "YIP SIU MING", BORN)], as_of=TODAY, register="test-platform")
    for name in (NAME, "叶小明", "Siu Ming YIP"):
        assert told(ask(bank, number, kind=HRP, name=name)) == (True, None)
    assert told(ask(bank, number, kind=HRP, birth_date=date(1994, 8, 24))) == NO_MATCH


def test_a_travel_number_takes_as_many_statements_whoever_is_behind_it(bank: Caller, linked: Held) -> None:
    seen = []
    read_as_partner(bank.pk)
    ask(bank, linked[1].number, kind=HRP)  # tells the connection who reads
    for changes in ({}, {"name": "黄大明"}, {"number": travel_number(HRP, "HK")}):
        read_as_partner(bank.pk)
        with CaptureQueriesContext(connection) as made:
            ask(bank, **{"number": linked[1].number, "kind": HRP, **changes})
        seen.append([query["sql"].split('"')[0].split("(")[0] for query in made])
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 7  # a permit's six, and whose the number is
