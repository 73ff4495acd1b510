"""Residents have their turns one after another, each once, and somebody is always under way."""

import time
from pathlib import Path
from typing import Any

from faults.caller import World
from faults.checking import CHECKED, Checking
from faults.journeys import JOURNEYS, Turns
from faults.ledger import Ledger

OFFICERS = {"clerk": "c", "reviewer": "r", "approver": "a"}
KNOWN: dict[str, Any] = {
    "days": ["2027-03-01"],
    "points": [
        {"code": "point", "region": "370102", **OFFICERS},
        {"code": "exit-entry", "region": "370102", **OFFICERS, "clerk": "e"},
    ],
    "residents": [
        {"session": f"session-{number}", "region": "370102", "journey": journey}
        for number, journey in enumerate(["hmt.first_issue", "settlement.approval"] * 3)
    ],
}


def test_as_many_as_go_at_once_are_due_at_the_beginning_and_no_more() -> None:
    turns = Turns(KNOWN, seconds=3600, at_once=2)
    assert [turns.take() is not None for _ in range(4)] == [True, True, False, False]
    assert not turns.is_over


def test_everybody_has_one_turn_and_then_it_is_over() -> None:
    turns = Turns(KNOWN, seconds=0.01, at_once=1)
    time.sleep(0.02)
    taken = [turns.take() for _ in range(7)]
    assert [turn.who["session"] for turn in filter(None, taken)] == [f"session-{number}" for number in range(6)]
    assert [turn.kind for turn in filter(None, taken)] == ["hmt.first_issue", "settlement.approval"] * 3
    assert taken[-1] is None
    assert turns.is_over
    assert not turns.is_due


def test_whoever_names_a_point_goes_there_and_others_to_that_of_their_county() -> None:
    named = {**KNOWN["residents"][1], "point": "exit-entry"}
    turns = Turns({**KNOWN, "residents": [KNOWN["residents"][0], named]}, seconds=0.01, at_once=2)
    time.sleep(0.02)
    casts = [turn.cast for turn in filter(None, (turns.take(), turns.take())) if turn.cast]
    assert [(cast.service_point, cast.clerk) for cast in casts] == [("point", "c"), ("exit-entry", "e")]


def test_a_bank_that_checks_calls_by_its_secret_and_needs_no_officer(tmp_path: Path) -> None:
    bank = {"journey": CHECKED, "secret": "of-the-bank", "purpose": "bank", "people": []}
    turns = Turns({**KNOWN, "residents": [bank]}, seconds=0.01, at_once=1)
    turn = turns.take()
    assert turn is not None
    assert turn.cast is None
    journey, callers = turn.begin(World(0, Ledger(tmp_path / "ledger")))
    assert isinstance(journey, Checking)
    assert len(callers) == 1


def test_a_kind_that_never_came_to_its_end_is_counted_as_none() -> None:
    turns = Turns(KNOWN, seconds=1, at_once=1)
    turns.note_done("hmt.first_issue")
    assert dict(turns.done) == {"hmt.first_issue": 1, "settlement.approval": 0}


def test_there_is_a_journey_for_every_kind_of_item() -> None:
    assert set(JOURNEYS) == {
        "hmt.first_issue", "floating.first_issue", "floating.endorsement", "floating.conversion_permit",
        "settlement.approval",
    }  # fmt: skip
