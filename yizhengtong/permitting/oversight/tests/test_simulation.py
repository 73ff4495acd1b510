"""A draft on the archive: it agrees with deciding each case again one by one, and two persons put it in force."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.cases import case_at
from tests.support.city import City
from tests.support.law import CITY_PACK, JINAN, NATION_PACK, library, put_in_force, with_value
from tests.support.people import a_resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound
from yizhengtong.law.drafting import confirm_draft, draft_edition, propose_draft, withdraw_edition
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.models import Edition
from yizhengtong.law.reading import Library
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.casework.models import Case, Decision
from yizhengtong.permitting.casework.rules import decide
from yizhengtong.permitting.casework.services.recomputing import redecide
from yizhengtong.permitting.casework.simulation import GRANTED, NO_LAW, REFUSED, Tally, parts, simulate
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.oversight.models import MOST_GOING, Simulation
from yizhengtong.permitting.oversight.services import (
    ask_simulation,
    confirm_simulated,
    propose_simulated,
    run_simulation,
)

SIX, TWELVE, TWO = ("{measure: months, n: " + n for n in ("6", "12", "2"))
STRICTER = with_value(
    "residence.requirement", SIX, TWELVE, path=CITY_PACK, texts=with_value("residence.requirement", SIX, TWELVE)
)
MILDER = with_value("residence.requirement", SIX, TWO)
TOO_SHORT = "residence.too_short_months"


@pytest.fixture
def archive(town: City) -> list[Case]:
    """Two granted cases, one of them of long residence; one refused, and one that nobody has decided."""
    granted = case_at(town, CaseState.COMPLETED, resident=a_resident(since=date(2026, 3, 1)))[0]
    long = case_at(town, CaseState.COMPLETED, resident=a_resident(since=date(2024, 3, 1)))[0]
    refused = case_at(town, CaseState.REFUSED, resident=a_resident(since=date(2026, 7, 18)))[0]
    case_at(town, CaseState.ACCEPTED)
    return [granted, long, refused]


def head_of(town: City, name: str, *roles: Role, **where: Any) -> Principal:
    return town.officer(name, *(roles or (Role.SUPERVISOR,)), office=where.pop("office", JINAN), **where)


def test_the_law_in_force_changes_nobodys_decision(archive: list[Case]) -> None:
    tally = simulate(library())
    assert (tally.looked_at, tally.untouched, tally.changed) == (3, 3, 0)


def test_a_stricter_draft_tells_whose_grant_would_become_a_refusal_and_why(archive: list[Case]) -> None:
    tally = simulate(Library.from_texts(STRICTER))
    group = ("hmt.first_issue", str(archive[0].office_id), GRANTED, REFUSED)
    assert tally.looked_at == 3
    assert tally.untouched == 0
    assert tally.changes == {group: 1}
    assert tally.reasons == {(*group, TOO_SHORT): 1}
    assert tally.examples == {group: [str(archive[0].pk)]}


def test_a_milder_draft_tells_what_would_no_longer_stand_against_a_refused_one(archive: list[Case]) -> None:
    tally = simulate(Library.from_texts(MILDER))
    assert [(key[2], key[3], key[4]) for key in tally.reasons] == [(REFUSED, REFUSED, TOO_SHORT)]
    assert tally.examples == {next(iter(tally.changes)): [str(archive[2].pk)]}


@pytest.mark.parametrize("texts", [STRICTER, MILDER])
def test_the_simulation_is_each_case_decided_again_one_by_one(archive: list[Case], texts: dict[str, str]) -> None:
    draft = Library.from_texts(texts)
    changed = set()
    for decision in Decision.objects.all():
        assert redecide(decision.case_id).agrees
        law = draft.law(decision.place, decision.subject, decision.law_on)
        outcome = decide(Facts.from_json(decision.facts), law, decision.item, decision.looked_on)
        before = {found["code"] for found in decision.findings if found["met"] is False}
        if {found.code for found in outcome.unmet} != before or outcome.granted != decision.granted:
            changed.add(str(decision.case_id))
    tally = simulate(draft)
    assert {case for cases in tally.examples.values() for case in cases} == changed
    assert tally.changed == len(changed) > 0


def test_a_day_can_be_asked_for_as_if_its_law_had_always_held(archive: list[Case]) -> None:
    later = STRICTER | {NATION_PACK: STRICTER[NATION_PACK]}
    assert simulate(Library.from_texts(later), on=date(2026, 9, 1)).changed == 1
    before_all_law = simulate(library(), on=date(1990, 1, 1))
    assert {group[3] for group in before_all_law.changes} == {NO_LAW}
    assert before_all_law.changed == 3


def test_parts_of_the_archive_add_up_to_the_whole(archive: list[Case]) -> None:
    draft, added = Library.from_texts(STRICTER), Tally()
    for after, until in parts(2):
        added.add(simulate(draft, after=after, until=until))
    assert added.to_json() == simulate(draft).to_json()
    assert Tally.from_json(added.to_json()) == added


def test_a_draft_goes_its_way_by_two_persons_who_both_have_what_came_out(town: City, archive: list[Case]) -> None:
    first, second = head_of(town, "first"), head_of(town, "second", Role.ADMINISTRATOR)
    draft = draft_edition(changes={path: STRICTER[path] for path in (NATION_PACK, CITY_PACK)}, by=first)
    with pytest.raises(Conflict, match=r"oversight\.not_simulated"):
        propose_simulated(edition_id=draft.pk, by=first)
    asked = ask_simulation(edition_id=draft.pk, law_on=None, by=first)
    assert ask_simulation(edition_id=draft.pk, law_on=None, by=second).pk == asked.pk
    ran = run_simulation(asked.pk)
    assert (ran.state, ran.decisions, ran.done) == ("done", 3, 3)
    assert ran.result is not None
    assert Tally.from_json(ran.result).changed == 1
    propose_simulated(edition_id=draft.pk, by=first)
    with pytest.raises(Forbidden, match=r"law\.second_person_needed"):
        confirm_simulated(edition_id=draft.pk, by=first)
    confirm_simulated(edition_id=draft.pk, by=second)
    assert Edition.objects.get(state=Edition.State.IN_FORCE).pk == draft.pk
    acts = ["law.draft_edition", "oversight.ask_simulation", "law.propose_edition", "law.confirm_edition"]
    assert [entry.action for entry in Entry.objects.filter(action__in=acts).order_by("id")] == acts


def test_the_archive_is_not_put_to_more_questions_than_it_can_answer_and_none_waits_for_ever(town: City) -> None:
    first = head_of(town, "first")
    draft = draft_edition(changes={NATION_PACK: MILDER[NATION_PACK]}, by=first)
    days = [date(2026, 1, day) for day in range(1, MOST_GOING + 2)]
    asked = [ask_simulation(edition_id=draft.pk, law_on=day, by=first) for day in days[:-1]]
    assert ask_simulation(edition_id=draft.pk, law_on=days[0], by=first).pk == asked[0].pk
    with pytest.raises(Conflict, match=r"oversight\.simulations_enough"):
        ask_simulation(edition_id=draft.pk, law_on=days[-1], by=first)
    Simulation.objects.filter(pk=asked[0].pk).update(asked_at=timezone.now() - timedelta(days=2), state="running")
    assert ask_simulation(edition_id=draft.pk, law_on=days[0], by=first).pk != asked[0].pk


def test_a_draft_with_errors_tells_all_of_them_with_file_and_line(town: City) -> None:
    broken = STRICTER[NATION_PACK].replace("certainty: C", "certainty: X", 2)
    with pytest.raises(PackErrors) as wrong:
        draft_edition(changes={NATION_PACK: broken}, by=head_of(town, "first"))
    own = [error for error in wrong.value.errors if error.file == NATION_PACK]
    assert len({error.line for error in own}) >= 2
    assert all(error.line > 0 for error in own)
    assert not Edition.objects.exclude(state=Edition.State.IN_FORCE).exists()


def test_a_draft_that_says_nothing_new_is_refused(town: City) -> None:
    with pytest.raises(Conflict, match=r"law\.nothing_changed"):
        draft_edition(changes={NATION_PACK: library().texts[NATION_PACK]}, by=head_of(town, "first"))


@pytest.mark.parametrize(
    ("roles", "where", "factor"),
    [((Role.SUPERVISOR,), "370102", True), ((Role.CLERK,), JINAN, True), ((Role.SUPERVISOR,), JINAN, False)],
)
def test_only_the_office_above_all_others_changes_the_law(
    town: City, roles: tuple[Role, ...], where: str, factor: bool
) -> None:
    by = town.officer("somebody", *roles, office=where, has_second_factor=factor)
    with pytest.raises(Forbidden):
        draft_edition(changes={NATION_PACK: MILDER[NATION_PACK]}, by=by)


def test_a_draft_taken_back_can_be_proposed_by_nobody(town: City) -> None:
    by = head_of(town, "first")
    draft = draft_edition(changes={NATION_PACK: MILDER[NATION_PACK]}, by=by)
    withdraw_edition(edition_id=draft.pk, by=by)
    with pytest.raises(NotFound):
        propose_draft(edition_id=draft.pk, by=by)
    with pytest.raises(NotFound):
        confirm_draft(edition_id=draft.pk, by=by)


def test_what_is_in_force_already_is_not_proposed_again(town: City) -> None:
    by = head_of(town, "first")
    draft = draft_edition(changes={NATION_PACK: MILDER[NATION_PACK]}, by=by)
    put_in_force(MILDER)
    with pytest.raises(Conflict, match=r"law\.edition_in_force_already"):
        propose_draft(edition_id=draft.pk, by=by)
