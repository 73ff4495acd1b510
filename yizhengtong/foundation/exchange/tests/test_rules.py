"""What an answer means and how long to wait: at the bounds, and for any number."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.exchange.rules import (
    FAILURES_TO_OPEN,
    Verdict,
    asked_to_wait,
    rest_after,
    verdict_of,
    wait_after,
)

NOW = datetime(2026, 9, 18, 1, tzinfo=UTC)
chances = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (199, Verdict.LATER), (200, Verdict.ACKNOWLEDGED), (299, Verdict.ACKNOWLEDGED), (300, Verdict.LATER),
        (399, Verdict.LATER), (400, Verdict.DEAD), (408, Verdict.LATER), (409, Verdict.DEAD), (425, Verdict.LATER),
        (429, Verdict.LATER), (499, Verdict.DEAD), (500, Verdict.LATER), (599, Verdict.LATER), (None, Verdict.LATER),
    ],
)  # fmt: skip
def test_an_answer_means_one_of_three_things(status: int | None, verdict: Verdict) -> None:
    assert verdict_of(status) == verdict


@given(st.integers(1, 10**6), chances)
def test_a_wait_is_never_longer_than_five_minutes_and_never_nothing(attempts: int, chance: float) -> None:
    assert timedelta(seconds=0.5) <= wait_after(attempts, chance) <= timedelta(minutes=5)


def test_a_wait_doubles_and_half_of_it_is_chance() -> None:
    assert [wait_after(attempts, 0.0).total_seconds() for attempts in (1, 2, 3)] == [0.5, 1, 2]
    assert wait_after(3, 0.5).total_seconds() == 3


@given(st.integers(0, 10**6), chances)
def test_a_destination_rests_from_the_fifth_failure_for_a_minute_at_most(failures: int, chance: float) -> None:
    rest = rest_after(failures, chance)
    assert (rest is None) == (failures < FAILURES_TO_OPEN)
    assert rest is None or timedelta(seconds=2.5) <= rest <= timedelta(minutes=1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), (" 5 ", 5), ("0", None), ("-1", None), ("", None), ("soon", None), ("1.5", None), ("٣", None),
        ("999999999", 86_400), ("9999999999", None), ("Fri, 18 Sep 2026 01:02:00 GMT", 120),
        ("Fri, 18 Sep 2026 00:59:00 GMT", None), ("Fri, 18 Sep 2099 01:00:00 GMT", 86_400),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: int | None) -> None:
    assert asked_to_wait(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=40))
def test_whatever_stands_in_retry_after_is_read_or_left(header: str) -> None:
    wait = asked_to_wait(header, NOW)
    assert wait is None or timedelta(0) < wait <= timedelta(days=1)
