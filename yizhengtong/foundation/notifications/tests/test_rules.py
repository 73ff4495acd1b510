"""Quiet hours at their boundaries, and waits between attempts."""

from datetime import UTC, datetime, time, timedelta

import pytest

from yizhengtong.foundation.notifications.rules import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    QuietHours,
    next_try,
    wait_after,
)
from yizhengtong.kernel.dates import CHINA

NIGHT = QuietHours(time(21), time(8))
NOON = QuietHours(time(12), time(13, 30))


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 18) -> datetime:
    return datetime(2026, 9, day, hour, minute, second, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (at(20, 59, 59), at(20, 59, 59)), (at(21), at(8, day=19)), (at(23, 59, 59), at(8, day=19)),
        (at(0, day=19), at(8, day=19)), (at(7, 59, 59), at(8)), (at(8), at(8)), (at(12), at(12)),
    ],
)  # fmt: skip
def test_a_night_lasts_from_its_first_instant_to_the_morning(moment: datetime, end: datetime) -> None:
    assert NIGHT.end_after(moment) == end
    assert NIGHT.holds(moment) == (end != moment)


def test_quiet_hours_are_those_of_china_wherever_the_server_stands() -> None:
    assert NIGHT.holds(datetime(2026, 9, 18, 13, 0, tzinfo=UTC))  # 21:00
    assert not NIGHT.holds(datetime(2026, 9, 18, 12, 59, 59, tzinfo=UTC))
    assert NIGHT.end_after(datetime(2026, 9, 18, 23, 0, tzinfo=UTC)) == datetime(2026, 9, 19, 0, 0, tzinfo=UTC)


def test_hours_within_a_day_and_none_at_all() -> None:
    assert NOON.end_after(at(12)) == at(13, 30)
    assert not NOON.holds(at(13, 30))
    assert not any(QuietHours(time(9), time(9)).holds(at(hour)) for hour in range(24))


def test_waits_double_up_to_a_bound_and_vary() -> None:
    whole = [wait_after(attempts, lambda: 1.0) for attempts in range(1, 14)]
    assert whole[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert whole[-1] == LONGEST_WAIT
    assert wait_after(3, lambda: 0.0) == 2 * FIRST_WAIT


def test_a_try_ends_with_the_attempts_and_with_the_time() -> None:
    late = at(9) + timedelta(days=30)
    assert next_try(at(9), 1, late, lambda: 1.0) == at(9) + FIRST_WAIT
    assert next_try(at(9), MOST_ATTEMPTS, late, lambda: 1.0) is None
    assert next_try(at(9), MOST_ATTEMPTS - 1, late, lambda: 1.0) is not None
    assert next_try(at(9), 1, at(9) + FIRST_WAIT, lambda: 1.0) is None
    assert next_try(at(9), 1, late, lambda: 1.0, least=timedelta(minutes=5)) == at(9, 5)
