"""Registers are asked instead of papers: whom, what, when; what is kept of it, and what the trail says."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.support.law import TODAY, lay_down_law, library
from tests.support.mainland import Mainlander, a_mainlander
from tests.support.registers import ALIVE, INSURED, LICENSED, answering_source, put, registers_in
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.exchange.registers.contract import (
    Answer,
    Death,
    HouseholdRegister,
    Kind,
    Question,
    Result,
    SocialInsurance,
)
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications import confirming
from yizhengtong.permitting.applications.confirmed import confirmed_facts
from yizhengtong.permitting.applications.confirming import ask_register, confirm_at_submission, confirm_from_registers
from yizhengtong.permitting.applications.facts import Confirmed
from yizhengtong.permitting.applications.forgetting import forget_drafts
from yizhengtong.permitting.applications.models import Application, ApplicationState, Confirmation
from yizhengtong.permitting.applications.services import ask_registers, discard_application, start_application

pytestmark = pytest.mark.django_db
RUIAN, QINGYUAN, JINAN = "330381", "331126", "370102"
AS_OF = TODAY - timedelta(days=1)
FIRST = "floating.first_issue"


@pytest.fixture(autouse=True)
def _registers(settings: Any, tmp_path: Path) -> None:
    lay_down_law()
    registers_in(settings, tmp_path / "registers")


@pytest.fixture
def yao() -> Mainlander:
    return a_mainlander()


def law_at(place: str = RUIAN) -> Law:
    return library().law(place, "floating", TODAY)


def a_draft(who: Mainlander, *claims: str, place: str = RUIAN, item: str = FIRST, **more: Any) -> Application:
    draft = start_application(
        person=who.person, acting=who.person, item=item, place=place, law=law_at(place), on=TODAY, by=who.principal,
        **more,
    )  # fmt: skip
    draft.claims = list(claims)
    draft.save()
    return draft


def confirm(draft: Application, who: Mainlander, **more: Any) -> dict[str, str]:
    told = confirm_from_registers(application=draft, law=law_at(draft.place), on=TODAY, by=who.principal, **more)
    return {each.evidence: each.result for each in told}


class Watching:
    """A register that keeps what it was asked and answers as told."""

    def __init__(self, *facts: dict[str, Any], result: Result = Result.FOUND) -> None:
        self.asked = list[Question]()
        self.answer = Answer(result, "watching", AS_OF, facts)

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.answer


def watch(monkeypatch: pytest.MonkeyPatch, **registers: Watching) -> None:
    monkeypatch.setattr(confirming, "register_of", registers.get)


def test_what_a_register_confirms_is_kept_with_its_day_and_what_the_question_rests_on(
    yao: Mainlander, settings: Any
) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    draft = a_draft(yao, "employment")
    assert confirm(draft, yao) == {"social_insurance": "confirmed"}
    kept = Confirmation.objects.get()
    assert (kept.application_id, kept.kept_in, kept.register) == (draft.pk, "social_insurance", "test-social-insurance")
    assert (kept.as_of, kept.basis, kept.source) == (AS_OF, "statutory_duty", "国务院令第716号 art. 7")
    with answering_source():
        assert confirmed_facts([draft])[draft.pk] == {
            "social_insurance": Confirmed("test-social-insurance", AS_OF, 3, None, date(2026, 9, 1), ("current",))
        }


def test_the_facts_lie_sealed(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    confirm(a_draft(yao, "employment"), yao)
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts FROM applications_confirmation")
        assert b"months" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("claims", "asked"),
    [
        ((), {Kind.HOUSEHOLD_REGISTER}),
        (("employment",), {Kind.HOUSEHOLD_REGISTER, Kind.SOCIAL_INSURANCE, Kind.BUSINESS_LICENCE}),
        (("dwelling",), {Kind.HOUSEHOLD_REGISTER, Kind.LEASE}),
        (("study",), {Kind.HOUSEHOLD_REGISTER, Kind.SCHOOL_ROLL}),
    ],
)
def test_only_the_registers_that_the_claims_need_are_asked_and_each_once(
    yao: Mainlander, monkeypatch: pytest.MonkeyPatch, claims: tuple[str, ...], asked: set[Kind]
) -> None:
    registers = {kind: Watching(result=Result.NOT_FOUND) for kind in Kind}
    watch(monkeypatch, **registers)
    told = confirm(a_draft(yao, *claims), yao)
    assert {kind for kind, each in registers.items() if each.asked} == asked
    assert all(len(each.asked) <= 1 for each in registers.values())
    assert set(told.values()) == {"not_found"}


def test_a_question_holds_the_number_the_item_and_the_facts_the_pack_names(
    yao: Mainlander, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, lease = Watching(result=Result.NOT_FOUND), Watching(result=Result.NOT_FOUND)
    watch(monkeypatch, household_register=house, lease=lease)
    confirm(a_draft(yao, "dwelling"), yao)
    ((question,), (of_lease,)) = house.asked, lease.asked
    assert [number.text for number in question.numbers] == [yao.number]
    assert (question.on, question.purpose, question.wanted) == (TODAY, FIRST, ("region", "has_died"))
    assert set(of_lease.wanted) == {"since", "until", "is_safe", "is_registered"}


def test_a_document_that_is_proven_asks_no_further_register(yao: Mainlander, monkeypatch: pytest.MonkeyPatch) -> None:
    licence = Watching(result=Result.NOT_FOUND)
    watch(monkeypatch, business_licence=licence, social_insurance=Watching({"months": 3, "until": date(2026, 8, 31)}))
    assert confirm(a_draft(yao, "employment"), yao) == {"social_insurance": "confirmed"}
    assert licence.asked == []


@pytest.mark.row("S3-36")
def test_what_is_confirmed_and_too_short_asks_further(yao: Mainlander, monkeypatch: pytest.MonkeyPatch) -> None:
    licence = Watching({"since": date(2026, 6, 1), "status": "active"})
    watch(monkeypatch, business_licence=licence, social_insurance=Watching({"months": 2, "until": date(2026, 8, 31)}))
    told = confirm(a_draft(yao, "employment"), yao)
    assert told == {"social_insurance": "confirmed", "business_licence": "confirmed"}


def test_who_asks_may_name_the_kinds(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    put(settings, Kind.BUSINESS_LICENCE, yao.number, LICENSED, as_of=AS_OF)
    assert confirm(a_draft(yao, "employment"), yao, kinds=["business_licence"]) == {"business_licence": "confirmed"}


def test_an_entry_that_does_not_show_enough_confirms_nothing(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, SocialInsurance(9, date(2025, 8, 31)), as_of=AS_OF)
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, HouseholdRegister("330381", None, False), as_of=AS_OF)
    draft = a_draft(yao, "employment")
    assert confirm(draft, yao) == {"identity_card": "not_enough", "social_insurance": "not_enough"}
    with answering_source():
        assert confirmed_facts([draft]) == {}


@pytest.mark.parametrize(
    ("as_of", "result"),
    [(AS_OF, "not_found"), (TODAY - timedelta(days=7), "not_found"), (TODAY - timedelta(days=8), "unavailable")],
)
def test_nothing_found_or_no_answer_is_kept_and_stops_nothing(
    yao: Mainlander, settings: Any, as_of: date, result: str
) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, a_mainlander().number, INSURED, as_of=as_of)
    assert confirm(a_draft(yao, "employment"), yao) == {"social_insurance": result}
    assert Confirmation.objects.get().as_of == as_of


def test_the_newest_word_counts_and_no_answer_takes_none_back(yao: Mainlander, settings: Any) -> None:
    draft = a_draft(yao, "employment")
    with answering_source():
        put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
        confirm(draft, yao)
        put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=date(2020, 1, 1))
        assert confirm(draft, yao) == {"social_insurance": "unavailable"}
        assert set(confirmed_facts([draft])[draft.pk]) == {"social_insurance"}
        put(settings, Kind.SOCIAL_INSURANCE, a_mainlander().number, INSURED, as_of=AS_OF)
        confirm(draft, yao)
        assert confirmed_facts([draft]) == {}


def test_a_word_too_old_for_the_submission_does_not_count(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    draft = a_draft(yao, "employment")
    confirm(draft, yao)
    asked_at = Confirmation.objects.get().asked_at
    with answering_source():
        draft.submitted_at = asked_at + timedelta(days=7)
        assert confirmed_facts([draft])
        draft.submitted_at = asked_at + timedelta(days=7, seconds=1)
        assert not confirmed_facts([draft])


def test_where_the_time_is_over_no_further_register_is_asked(
    yao: Mainlander, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    register = Watching(result=Result.NOT_FOUND)
    watch(monkeypatch, social_insurance=register)
    settings.YZT_REGISTERS = {**settings.YZT_REGISTERS, "seconds_in_all": -1.0}
    assert confirm(a_draft(yao, "employment"), yao) == {"social_insurance": "unavailable"}
    assert register.asked == []


def test_where_no_register_answers_nothing_is_asked_kept_or_read(yao: Mainlander) -> None:
    draft = a_draft(yao, "employment")
    with CaptureQueriesContext(
        connection,
    ) as statements:
        assert confirm_at_submission(application=draft, law=law_at(), on=TODAY, by=yao.principal) == []
    assert [each for each in statements.captured_queries if "SAVEPOINT" not in each["sql"]] == []


def test_an_item_of_another_law_asks_nothing(yao: Mainlander, monkeypatch: pytest.MonkeyPatch) -> None:
    register = Watching()
    watch(monkeypatch, household_register=register)
    draft = a_draft(yao)
    law = library().law(JINAN, "hmt", TODAY)
    draft.item = "hmt.first_issue"
    assert confirm_at_submission(application=draft, law=law, on=TODAY, by=yao.principal) == []
    assert confirm_from_registers(application=draft, law=law, on=TODAY, by=yao.principal) == []
    assert register.asked == []


@pytest.mark.parametrize(("item", "asks"), [(FIRST, True), ("floating.endorsement", True), ("floating.reissue", False)])
def test_submission_asks_for_the_items_of_which_the_pack_says_so(
    yao: Mainlander, settings: Any, item: str, asks: bool
) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=AS_OF)
    grounds = law_at().items[item].grounds
    draft = a_draft(yao, item=item, ground=grounds[0] if grounds else "")
    assert bool(confirm_at_submission(application=draft, law=law_at(), on=TODAY, by=yao.principal)) is asks


def test_asking_costs_three_statements(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=AS_OF)
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    draft = a_draft(yao, "employment")
    with CaptureQueriesContext(connection) as statements:
        confirm(draft, yao)
    assert len([each for each in statements.captured_queries if "SAVEPOINT" not in each["sql"]]) == 3


def test_each_asking_is_a_read_in_the_trail_with_its_purpose_and_no_number(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    draft = a_draft(yao, "employment")
    confirm(draft, yao)
    entry = Entry.objects.get(action="applications.ask_registers")
    assert (entry.kind, entry.purpose, entry.fields) == (Entry.Kind.READ, f"confirm {FIRST}", ["social_insurance"])
    assert (entry.object_id, entry.person_id, entry.actor_id) == (draft.pk, yao.person.pk, yao.principal.id)
    assert entry.retention == "work"


def test_what_was_said_is_never_changed_and_goes_with_the_draft(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, INSURED, as_of=AS_OF)
    draft = a_draft(yao, "employment")
    confirm(draft, yao)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Confirmation.objects.update(result="not_found")
    discard_application(application_id=draft.pk, acting=yao.person, on=TODAY, by=yao.principal)
    assert forget_drafts(before=draft.created_at, person_id=yao.person.pk).drafts == 1
    assert not Confirmation.objects.exists()


# ---- who may ----


def ask(draft: Application, who: Mainlander, kinds: list[str] | None = None) -> list[Confirmation]:
    return ask_registers(
        application_id=draft.pk, law=law_at(), kinds=kinds, acting=who.person, on=TODAY, by=who.principal
    )


def test_a_stranger_has_nothing_asked(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=AS_OF)
    draft = a_draft(yao)
    with pytest.raises(NotFound):
        ask(draft, a_mainlander())
    assert [each.evidence for each in ask(draft, yao)] == ["identity_card"]


def test_a_kind_that_the_item_does_not_take_is_refused(yao: Mainlander) -> None:
    with pytest.raises(Invalid) as refused:
        ask(a_draft(yao), yao, ["horoscope"])
    assert [error.code for error in refused.value.errors] == ["applications.evidence_kind_wrong"]


def test_what_was_submitted_is_not_asked_about_again_by_its_applicant(yao: Mainlander) -> None:
    draft = a_draft(yao)
    draft.state, draft.submitted_at = ApplicationState.SUBMITTED, draft.created_at
    draft.save()
    with pytest.raises(Conflict):
        ask(draft, yao)


# ---- beside applications ----


def test_an_application_that_is_not_saved_yet_is_answered_from_the_registers(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=AS_OF)
    settings.YZT_REGISTERS = {**settings.YZT_REGISTERS, "stale_days": 10_000}
    rows = [
        Application(person=who.person, filled_by=who.person, item="floating.conversion_permit", place=QINGYUAN)
        for who in (yao, a_mainlander())
    ]
    with answering_source():
        told = confirmed_facts(rows)
    assert {key: set(kinds) for key, kinds in told.items()} == {rows[0].pk: {"identity_card"}, rows[1].pk: set()}
    assert not Confirmation.objects.exists()
    assert Entry.objects.filter(action="applications.ask_registers").count() == 2


def test_one_register_is_asked_about_a_person(yao: Mainlander, settings: Any) -> None:
    question: dict[str, Any] = {
        "kind": Kind.DEATH, "person": yao.person, "asks": ["died_on"], "purpose": "functions end", "on": TODAY,
        "by": SYSTEM,
    }  # fmt: skip
    assert ask_register(**question).result == Result.UNAVAILABLE
    put(settings, Kind.DEATH, yao.number, Death(AS_OF), as_of=AS_OF)
    assert ask_register(**question).facts == ({"died_on": AS_OF},)
    assert Entry.objects.get(action="people.ask_register").purpose == "functions end"
