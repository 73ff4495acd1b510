"""What a check answers: pure, facts in, answer out."""

from collections.abc import Mapping
from enum import StrEnum

from yizhengtong.permitting.permits.rules import Standing


class State(StrEnum):
    """How a permit stands. The values are told: they never change. Why one ended is told to nobody but its holder."""

    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    SUSPENDED = "suspended"
    LOST = "lost"
    EXPIRED = "expired"
    ENDED = "ended"


_TOLD = frozenset(State)


def state_of(standing: Standing) -> State:
    """Return what is told of how a permit stands."""
    if standing.is_valid:
        return State.VALID
    return State(standing.reason) if not standing.has_ended and standing.reason in _TOLD else State.ENDED


def fields_of(*, is_theirs: bool, name: bool, birth_date: bool | None) -> Mapping[str, bool]:
    """Return which of the fields sent agree.

    `is_theirs`: the number is somebody's of whom this may be told. `birth_date` None: it was not sent. A number agrees
    together with a name that fits and never by itself, and the birth date is told of to nobody who lacks either: what
    agrees says that a number exists only to who knows its holder's name.
    """
    known = is_theirs and name
    return {"number": known, "name": known, **({} if birth_date is None else {"birth_date": known and birth_date})}
