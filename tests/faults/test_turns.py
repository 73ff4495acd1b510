"""Residents have their turns one after another, each once, and somebody is always under way."""

import time

from faults.journeys import Turns

KNOWN = {
    "days": ["2027-03-01"],
    "points": [{"code": "point", "region": "370102", "clerk": "c", "reviewer": "r", "approver": "a"}],
    "residents": [{"session": f"session-{number}", "region": "370102"} for number in range(6)],
}


def test_as_many_as_go_at_once_are_due_at_the_beginning_and_no_more() -> None:
    turns = Turns(KNOWN, seconds=3600, at_once=2)
    assert [turns.take() is not None for _ in range(4)] == [True, True, False, False]
    assert not turns.is_over


def test_everybody_has_one_turn_and_then_it_is_over() -> None:
    turns = Turns(KNOWN, seconds=0.01, at_once=1)
    time.sleep(0.02)
    taken = [turns.take() for _ in range(7)]
    assert [number for number, _ in filter(None, taken)] == [0, 1, 2, 3, 4, 5]
    assert taken[-1] is None
    assert turns.is_over
    assert not turns.is_due
