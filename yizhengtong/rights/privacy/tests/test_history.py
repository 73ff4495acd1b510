"""The access history: everybody who looked or acted, in words, officers without their names."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.city import City
from tests.support.people import a_principal
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.queries import entries_of
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.texts import knows
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.rights.privacy.history import Line, groups, lines_of, pseudonym_of
from yizhengtong.rights.privacy.tests.conftest import Decided

pytestmark = pytest.mark.row("S0-T37", "S1-097")
HOUSE = Path(__file__).resolve().parents[3]


def lines(decided: Decided, *own: Any) -> list[Line]:
    person = decided.wang.person
    return lines_of(entries_of(person_id=person.pk, limit=200), person_id=person.pk, own_accounts=own)


def test_every_stage_of_a_case_is_in_the_history_with_who_took_it(town: City, decided: Decided) -> None:
    told = {line.entry.action: line for line in lines(decided, decided.wang.principal.id)}
    for action in ("casework.accept", "casework.review", "casework.approve", "permits.issue", "casework.hand_over"):
        assert told[action].who == "staff"
        assert told[action].officer is not None
    assert told["people.register_person"].who == "you"


def test_a_reading_by_an_officer_is_there_at_once(town: City, decided: Decided) -> None:
    case_for_officer(case_id=decided.case.pk, by=town.clerk, purpose="casework")
    newest = lines(decided)[0]
    assert (newest.entry.action, newest.who, newest.purpose) == ("casework.read", "staff", "privacy.purpose_casework")
    assert newest.officer is not None
    assert newest.officer.office == "历下分局科院路派出所"
    assert newest.can_be_doubted


def test_an_officer_is_the_same_word_each_time_for_one_person_and_another_for_others(
    town: City, decided: Decided
) -> None:
    officer, person = town.clerk.id, decided.wang.person.pk
    assert officer is not None
    assert pseudonym_of(officer, person) == pseudonym_of(officer, person)
    assert pseudonym_of(officer, person) != pseudonym_of(officer, uuid4())
    assert pseudonym_of(officer, person) != pseudonym_of(uuid4(), person)


def read(decided: Decided, by: Principal, action: str = "people.read") -> None:
    person = decided.wang.person
    record_read(action, by=by, on=("person", person.pk), person_id=person.pk, purpose="own data")


def test_ones_own_look_ups_in_a_row_are_one_line_and_an_officers_are_not(town: City, decided: Decided) -> None:
    me = decided.wang.principal
    for action in ("people.read", "people.read", "permits.read"):
        read(decided, me, action)
    read(decided, town.clerk)
    read(decided, town.clerk)
    read(decided, me)
    shown = lines(decided, me.id)[:4]
    assert [(line.who, line.count) for line in shown] == [("you", 1), ("staff", 1), ("staff", 1), ("you", 3)]
    assert shown[3].since < shown[3].entry.at
    assert not shown[0].can_be_doubted


def test_who_acts_for_one_a_partner_and_the_platform_are_told_apart(decided: Decided) -> None:
    person = decided.wang.person
    for by in (a_principal(), Principal(PrincipalKind.PARTNER, uuid4()), SYSTEM):
        record_act("x.y", by=by, on=("person", person.pk), person_id=person.pk)
    assert [line.who for line in lines(decided)[:3]] == ["system", "partner", "acting_for_you"]
    assert lines(decided)[0].what == "privacy.did_act"


def test_the_history_of_one_person_holds_nothing_of_another(decided: Decided) -> None:
    assert {line.entry.person_id for line in lines(decided)} == {decided.wang.person.pk}


def test_every_group_has_words() -> None:
    assert len(groups()) > 50
    assert not {group for group in groups().values() if not knows(f"privacy.did_{group}")}


def recorded_actions() -> set[str]:
    """Return the actions that product code writes out when it records about a person."""
    import ast

    found = set()
    for path in HOUSE.rglob("*.py"):
        if {"tests", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"record_act", "record_read", "_note"}:
                first = node.args[0] if node.args else None
                nobody = any(word.arg == "person_id" and _is_none(word.value) for word in node.keywords)
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and not nobody:
                    found.add(first.value)
    return found


def _is_none(value: Any) -> bool:
    return getattr(value, "value", "") is None


APART = {
    "applications.forget_drafts", "casework.forget_papers", "papers.forget", "showing.forget", "issuance.forget",
    "sharing.forget", "links.forget",
}  # fmt: skip
"""About a person only when asked by the person; named in general words."""


def test_every_action_that_is_recorded_about_a_person_has_words_of_its_own() -> None:
    actions = {action for action in recorded_actions() if "." in action and not action.startswith("vault.")}
    assert len(actions) > 40
    assert actions - set(groups()) - APART == set()
