"""民法典 201–203 and the vectors of 国令663 art. 10."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.kernel.dates import (
    DateRange,
    Duration,
    add_months,
    add_years,
    age_on,
    days_completed_on,
    endorsement_window,
    legal_day,
    months_completed_on,
    nth_day,
)

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 3, 1), 6, date(2026, 9, 1)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_a_period_of_months_ends_on_the_corresponding_day_or_the_months_last(start: date, n: int, end: date) -> None:
    assert add_months(start, n) == end


def test_a_year_from_a_leap_day_ends_on_28_february_and_four_years_on_the_29th() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@given(DAYS, st.integers(0, 600))
def test_months_never_end_in_another_month_than_the_one_counted_to(start: date, n: int) -> None:
    end = add_months(start, n)
    assert end.year * 12 + end.month == start.year * 12 + start.month + n
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@pytest.mark.row("S3-35")
@pytest.mark.parametrize(
    ("start", "days_complete", "months_complete"),
    [
        (date(2026, 3, 1), date(2026, 8, 28), date(2026, 9, 1)),
        (date(2026, 1, 15), date(2026, 7, 14), date(2026, 7, 15)),
    ],
)
def test_180_days_and_6_months_are_complete_on_different_days(
    start: date, days_complete: date, months_complete: date
) -> None:
    assert days_completed_on(start, 180) == days_complete
    assert months_completed_on(start, 6) == months_complete


def test_the_nth_day_counts_the_start_as_the_first_and_lies_before_the_day_of_completion() -> None:
    start = date(2026, 3, 1)
    assert nth_day(start, 1) == start
    assert nth_day(start, 180) == date(2026, 8, 27) == days_completed_on(start, 180) - timedelta(days=1)
    with pytest.raises(ValueError, match="from 1"):
        nth_day(start, 0)


@pytest.mark.row("S3-26")
@pytest.mark.parametrize(
    ("issued", "first", "last"),
    [
        (date(2016, 12, 22), date(2017, 11, 22), date(2017, 12, 21)),
        (date(2021, 1, 1), date(2021, 12, 1), date(2021, 12, 31)),
        (date(2024, 2, 29), date(2025, 1, 28), date(2025, 2, 27)),
        (date(2026, 3, 31), date(2027, 2, 28), date(2027, 3, 30)),
    ],
)
def test_the_endorsement_window_is_the_month_before_the_full_year(issued: date, first: date, last: date) -> None:
    window = endorsement_window(issued, 1)
    assert (window.start, window.last_day) == (first, last)
    assert not window.contains(first - timedelta(days=1))
    assert window.contains(first)
    assert window.contains(last)
    assert not window.contains(last + timedelta(days=1))


def test_later_windows_are_counted_from_the_issue_so_that_leap_days_do_not_drift() -> None:
    assert endorsement_window(date(2024, 2, 29), 4) == DateRange(date(2028, 1, 29), date(2028, 2, 29))
    assert endorsement_window(date(2016, 12, 22), 3).last_day == date(2019, 12, 21)


def test_a_pack_may_set_another_length_of_the_window() -> None:
    window = endorsement_window(date(2026, 5, 10), 1, months_before=2)
    assert window == DateRange(date(2027, 3, 10), date(2027, 5, 10))


def test_there_is_no_endorsement_window_before_the_first_full_year() -> None:
    with pytest.raises(ValueError, match="first full year"):
        endorsement_window(date(2026, 1, 1), 0)


def test_a_range_holds_its_start_and_not_its_end() -> None:
    march = DateRange(date(2026, 3, 1), date(2026, 4, 1))
    assert march.days == 31
    assert march.last_day == date(2026, 3, 31)
    assert [march.contains(day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [False, True]
    assert [march.contains(day) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [True, False]


def test_a_range_without_end_holds_every_later_day() -> None:
    open_ended = DateRange(date(2026, 3, 1))
    assert open_ended.contains(date.max)
    assert not open_ended.contains(date(2026, 2, 28))
    assert open_ended.days is None
    assert open_ended.last_day is None


def test_ranges_that_touch_do_not_overlap() -> None:
    march = DateRange(date(2026, 3, 1), date(2026, 4, 1))
    assert not march.overlaps(DateRange(date(2026, 4, 1)))
    assert march.overlaps(DateRange(date(2026, 3, 31)))
    assert DateRange(date(2020, 1, 1)).overlaps(DateRange(date(2030, 1, 1)))
    assert not march.overlaps(DateRange(date(2026, 3, 5), date(2026, 3, 5)))


@given(DAYS, DAYS, DAYS, DAYS)
def test_overlapping_is_sharing_a_day_and_works_both_ways(a: date, b: date, c: date, d: date) -> None:
    one, other = DateRange(min(a, b), max(a, b)), DateRange(min(c, d), max(c, d))
    start, until = max(one.start, other.start), min(max(a, b), max(c, d))
    assert one.overlaps(other) == other.overlaps(one) == (start < until)


def test_a_range_that_ends_before_it_starts_is_refused_and_an_empty_one_is_not() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        DateRange(date(2026, 3, 2), date(2026, 3, 1))
    empty = DateRange(date(2026, 3, 1), date(2026, 3, 1))
    assert empty.days == 0
    assert empty.last_day is None


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2010, 9, 18), date(2026, 9, 17), 15),
        (date(2010, 9, 18), date(2026, 9, 18), 16),
        (date(2010, 9, 18), date(2026, 9, 19), 16),
        (date(2008, 2, 29), date(2026, 2, 27), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 18),
        (date(2026, 9, 18), date(2026, 9, 18), 0),
    ],
)
def test_a_year_of_age_is_full_on_the_birthday(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(DAYS, st.integers(0, 120))
def test_an_age_is_reached_exactly_when_that_many_years_are_complete(birth: date, years: int) -> None:
    birthday = add_years(birth, years)
    assert age_on(birth, birthday) == years
    if years:
        assert age_on(birth, birthday - timedelta(days=1)) == years - 1


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age_on(date(2026, 9, 18), date(2026, 9, 17))


def test_a_legal_day_begins_at_midnight_in_china() -> None:
    assert legal_day(datetime(2026, 9, 17, 15, 59, 59, tzinfo=UTC)) == date(2026, 9, 17)
    assert legal_day(datetime(2026, 9, 17, 16, 0, tzinfo=UTC)) == date(2026, 9, 18)
    west = timezone(timedelta(hours=-5))
    assert legal_day(datetime(2026, 9, 17, 11, 0, tzinfo=west)) == date(2026, 9, 18)


def test_an_instant_without_a_time_zone_has_no_legal_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        legal_day(datetime(2026, 9, 18, 12, 0))


def test_a_duration_below_zero_or_of_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="duration"):
        Duration(-1, "day")
    with pytest.raises(ValueError, match="duration"):
        Duration(1, "week")  # type: ignore[arg-type]
