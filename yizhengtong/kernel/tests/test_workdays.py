"""The vectors of deadlines, the edges of a calendar, and two libraries as witnesses."""

import timeit
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.kernel.dates import Duration, Unit
from yizhengtong.kernel.workdays import Calendar, Deadline


def _days(year: int, *spans: str) -> frozenset[date]:
    """Read `02-15/02-23` as those days and all between."""
    found: set[date] = set()
    for span in spans:
        first, _, last = span.partition("/")
        day, end = (date.fromisoformat(f"{year}-{text}") for text in (first, last or first))
        found.update(day + timedelta(days=n) for n in range((end - day).days + 1))
    return frozenset(found)


OFF_2025 = _days(2025, "01-01", "01-28/02-04", "04-04/04-06", "05-01/05-05", "05-31/06-02", "10-01/10-08")
WORKED_2025 = _days(2025, "01-26", "02-08", "04-27", "09-28", "10-11")
OFF_2026 = _days(
    2026, "01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"
)
WORKED_2026 = _days(2026, "01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
CALENDAR = Calendar(frozenset({2025, 2026}), OFF_2025 | OFF_2026, WORKED_2025 | WORKED_2026, _days(2027, "01-01"))
TWO_YEARS = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]


@pytest.mark.row("S2-13", "S1-044", "S4-14")
@pytest.mark.parametrize(
    ("accepted", "n", "day"),
    [
        ("2026-09-18", 2, "2026-09-21"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-18", 15, "2026-10-15"),
        ("2026-09-18", 20, "2026-10-22"),
        ("2026-02-10", 2, "2026-02-12"),
        ("2026-02-10", 15, "2026-03-09"),
        ("2026-02-10", 20, "2026-03-16"),
        ("2026-04-30", 2, "2026-05-07"),
        ("2026-04-30", 15, "2026-05-25"),
        ("2026-04-30", 20, "2026-06-01"),
        ("2025-09-26", 15, "2025-10-23"),
        ("2025-09-26", 20, "2025-10-30"),
        ("2026-12-03", 20, "2026-12-31"),
    ],
)
def test_a_limit_in_working_days_ends_on_the_nth_after_acceptance(accepted: str, n: int, day: str) -> None:
    deadline = CALENDAR.deadline(date.fromisoformat(accepted), Duration(n, "workday"))
    assert deadline == Deadline(date.fromisoformat(day), provisional=False)


@pytest.mark.row("S3-32")
@pytest.mark.parametrize(
    ("accepted", "n", "unit", "day"),
    [
        ("2026-09-18", 15, "day", "2026-10-08"),
        ("2026-02-10", 15, "day", "2026-02-25"),
        ("2026-09-02", 15, "day", "2026-09-17"),
        ("2026-09-05", 15, "day", "2026-09-20"),
        ("2026-09-04", 15, "day", "2026-09-20"),
        ("2026-04-01", 1, "month", "2026-05-06"),
        ("2026-08-31", 1, "month", "2026-09-30"),
        ("2025-02-16", 1, "year", "2026-02-24"),
    ],
)
def test_a_limit_in_calendar_days_rolls_only_when_its_last_day_is_off(
    accepted: str, n: int, unit: Unit, day: str
) -> None:
    deadline = CALENDAR.deadline(date.fromisoformat(accepted), Duration(n, unit))
    assert deadline == Deadline(date.fromisoformat(day), provisional=False)


def test_a_weekend_that_is_worked_counts_and_ends_a_limit() -> None:
    sunday = date(2026, 9, 20)
    assert CALENDAR.is_working_day(sunday)
    assert not CALENDAR.is_working_day(date(2026, 9, 19))
    assert CALENDAR.deadline(date(2026, 9, 18), Duration(1, "workday")).day == sunday


@pytest.mark.row("S2-13")
@pytest.mark.parametrize(
    ("accepted", "day", "provisional"),
    [
        ("2026-12-02", "2026-12-30", False),
        ("2026-12-03", "2026-12-31", False),
        ("2026-12-04", "2027-01-04", True),
        ("2026-12-07", "2027-01-05", True),
        ("2026-12-31", "2027-01-29", True),
    ],
)
def test_from_4_december_any_limit_of_20_working_days_is_provisional(
    accepted: str, day: str, provisional: bool
) -> None:
    deadline = CALENDAR.deadline(date.fromisoformat(accepted), Duration(20, "workday"))
    assert deadline == Deadline(date.fromisoformat(day), provisional)


def test_a_limit_in_days_is_provisional_when_it_is_rolled_into_a_year_not_announced() -> None:
    only_2028 = Calendar(frozenset({2028}), _days(2028, "12-29/12-31"), frozenset())
    assert only_2028.deadline(date(2028, 12, 13), Duration(15, "day")) == Deadline(date(2028, 12, 28), False)
    assert only_2028.deadline(date(2028, 12, 14), Duration(15, "day")) == Deadline(date(2029, 1, 1), True)


def test_the_day_of_acceptance_is_not_counted_so_its_year_need_not_be_announced() -> None:
    only_2026 = Calendar(frozenset({2026}), OFF_2026, WORKED_2026)
    assert only_2026.deadline(date(2025, 12, 31), Duration(1, "workday")) == Deadline(date(2026, 1, 4), False)
    assert only_2026.deadline(date(2025, 12, 30), Duration(1, "workday")) == Deadline(date(2025, 12, 31), True)


def test_a_gap_between_announced_years_is_provisional_too() -> None:
    calendar = Calendar(frozenset({2025, 2027}), frozenset(), frozenset())
    assert calendar.deadline(date(2025, 6, 2), Duration(2, "year")).provisional
    assert not calendar.deadline(date(2025, 6, 2), Duration(1, "month")).provisional


def test_in_a_year_not_announced_only_weekends_and_expected_days_are_off() -> None:
    assert not CALENDAR.is_working_day(date(2027, 1, 1))
    assert not CALENDAR.is_working_day(date(2027, 1, 2))
    assert CALENDAR.is_working_day(date(2027, 1, 4))
    assert CALENDAR.is_working_day(date(2027, 10, 1))


def test_the_notice_of_a_year_takes_the_place_of_what_was_expected() -> None:
    expected = _days(2027, "01-01", "02-08")
    assert Calendar(frozenset(), frozenset(), frozenset(), expected).is_working_day(date(2027, 2, 8)) is False
    announced = Calendar(frozenset({2027}), _days(2027, "01-01"), frozenset(), expected)
    assert announced.is_working_day(date(2027, 2, 8))
    assert announced.is_announced(2027)
    assert not announced.is_announced(2028)


def test_a_limit_of_no_length_ends_at_once_or_on_the_next_working_day() -> None:
    assert CALENDAR.deadline(date(2026, 9, 18), Duration(0, "workday")).day == date(2026, 9, 18)
    assert CALENDAR.deadline(date(2026, 9, 19), Duration(0, "workday")).day == date(2026, 9, 20)
    assert CALENDAR.deadline(date(2026, 9, 19), Duration(0, "day")).day == date(2026, 9, 20)


def test_working_days_between_are_those_a_limit_has_used() -> None:
    assert CALENDAR.working_days_between(date(2026, 9, 18), date(2026, 9, 18)) == 0
    assert CALENDAR.working_days_between(date(2026, 9, 18), date(2026, 9, 19)) == 0
    assert CALENDAR.working_days_between(date(2026, 9, 18), date(2026, 10, 22)) == 20
    assert CALENDAR.working_days_between(date(2026, 10, 22), date(2026, 9, 18)) == -20
    assert CALENDAR.working_days_between(date(2025, 12, 30), date(2026, 1, 5)) == 3


@given(st.sampled_from(TWO_YEARS), st.integers(1, 400))
def test_a_limit_is_used_up_on_its_last_day_and_not_before(accepted: date, n: int) -> None:
    last = CALENDAR.deadline(accepted, Duration(n, "workday")).day
    assert CALENDAR.is_working_day(last)
    assert CALENDAR.working_days_between(accepted, last) == n
    assert CALENDAR.working_days_between(accepted, last - timedelta(days=1)) == n - 1


@given(st.sampled_from(TWO_YEARS), st.integers(1, 60))
def test_counting_one_day_after_the_other_gives_the_same_deadline(accepted: date, n: int) -> None:
    day, left = accepted, n
    while left:
        day += timedelta(days=1)
        left -= CALENDAR.is_working_day(day)
    assert CALENDAR.deadline(accepted, Duration(n, "workday")).day == day


def test_rolling_goes_forward_to_the_first_working_day() -> None:
    assert CALENDAR.roll(date(2026, 9, 30)) == date(2026, 9, 30)
    assert CALENDAR.roll(date(2026, 10, 1)) == date(2026, 10, 8)
    assert CALENDAR.roll(date(2026, 10, 7)) == date(2026, 10, 8)


def test_chinesecalendar_agrees_on_every_day_of_2025_and_2026() -> None:
    assert [d for d in TWO_YEARS if CALENDAR.is_working_day(d) != chinese_calendar.is_workday(d)] == []


def test_holidays_agrees_on_every_day_of_2025_and_2026() -> None:
    china = holidays.country_holidays("CN", years=(2025, 2026))
    assert [d for d in TWO_YEARS if CALENDAR.is_working_day(d) != china.is_working_day(d)] == []


def test_calendars_with_the_same_days_are_equal_whatever_was_computed_before() -> None:
    one, other = (Calendar(frozenset({2026}), OFF_2026, WORKED_2026) for _ in range(2))
    one.deadline(date(2026, 9, 18), Duration(20, "workday"))
    assert one == other


def test_a_deadline_of_20_working_days_takes_a_few_microseconds() -> None:
    accepted, limit = date(2026, 9, 18), Duration(20, "workday")
    best = min(timeit.repeat(lambda: CALENDAR.deadline(accepted, limit), number=500, repeat=5)) / 500
    assert best < 40e-6
