"""What the state of a permit means for the copies of its credentials."""

from datetime import date, timedelta

import pytest

from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID
from yizhengtong.credentials.status.rules import value_for
from yizhengtong.permitting.permits.kinds import ELECTRONIC
from yizhengtong.permitting.permits.states import PermitState

LAST = date(2026, 9, 17)
LATE = LAST + timedelta(days=1)
CARD = "collect"


@pytest.mark.parametrize(
    ("state", "on", "delivery", "value"),
    [
        (PermitState.ORDERED, LAST, CARD, VALID),
        (PermitState.MADE, LAST, CARD, VALID),
        (PermitState.HELD, LAST, CARD, VALID),
        (PermitState.HELD, LAST, ELECTRONIC, VALID),
        (PermitState.HELD, LATE, CARD, SUSPENDED),  # the daily sweep comes later
        (PermitState.SUSPENDED, LAST, CARD, SUSPENDED),
        (PermitState.SUSPENDED, LATE, ELECTRONIC, SUSPENDED),
        (PermitState.LOST, LAST, CARD, VALID),
        (PermitState.LOST, LATE, CARD, SUSPENDED),
        (PermitState.LOST, LAST, ELECTRONIC, SUSPENDED),
        (PermitState.ENDED, LAST, CARD, INVALID),
        (PermitState.ENDED, LATE, ELECTRONIC, INVALID),
    ],
)
def test_a_permit_means_for_its_copies(state: PermitState, on: date, delivery: str, value: int) -> None:
    assert value_for(state, LAST, delivery, on) == value


def test_a_permit_that_is_not_endorsed_is_not_overdue() -> None:
    assert value_for(PermitState.HELD, None, CARD, date.max) == VALID


def test_every_state_means_something() -> None:
    assert {value_for(state, None, CARD, LAST) for state in PermitState} == {VALID, INVALID, SUSPENDED}
