"""By when a case is decided: working days of the pack's calendar, the day of acceptance not counted."""

from datetime import date

import pytest

from tests.support.law import TODAY, announced_2027, law_of
from yizhengtong.kernel.dates import Duration
from yizhengtong.law.reading import Library
from yizhengtong.permitting.casework.rules import due, due_after_pause


@pytest.mark.row("S2-13", "D1")
@pytest.mark.parametrize(
    ("accepted", "day"),
    [
        (date(2026, 2, 10), date(2026, 3, 16)),
        (date(2026, 4, 30), date(2026, 6, 1)),
        (date(2026, 9, 18), date(2026, 10, 22)),
        (date(2025, 9, 26), date(2025, 10, 30)),
        (date(2026, 12, 3), date(2026, 12, 31)),
    ],
)
def test_twenty_working_days_from_acceptance(accepted: date, day: date) -> None:
    law = law_of(on=accepted)
    deadline = due(accepted, law.value("issue.limit"), law.calendar)
    assert (deadline.day, deadline.provisional) == (day, False)


@pytest.mark.row("S2-13", "D1")
def test_a_limit_that_reaches_a_year_not_announced_is_provisional() -> None:
    law = law_of()
    deadline = due(date(2026, 12, 4), law.value("issue.limit"), law.calendar)
    assert deadline.provisional
    assert deadline.day.year == 2027


@pytest.mark.row("S2-13", "D1")
def test_once_the_year_is_announced_the_same_limit_is_firm_and_may_move() -> None:
    before = due(date(2026, 12, 10), law_of().value("issue.limit"), law_of().calendar)
    law = Library.from_texts(announced_2027()).law("370102", "hmt", TODAY)
    after = due(date(2026, 12, 10), law.value("issue.limit"), law.calendar)
    assert (before.day, before.provisional) == (date(2027, 1, 8), True)
    assert (after.day, after.provisional) == (date(2027, 1, 11), False)  # two days moved off, one Saturday worked


@pytest.mark.row("D23")
@pytest.mark.parametrize(
    ("answered", "day"),
    [
        (date(2026, 9, 21), date(2026, 10, 22)),  # the same day
        (date(2026, 9, 22), date(2026, 10, 23)),
        (date(2026, 9, 28), date(2026, 10, 28)),  # 25 to 27 September are off: four working days
    ],
)
def test_where_a_supplement_pauses_the_clock_it_stands_for_the_working_days_asked_for(
    answered: date, day: date
) -> None:
    calendar = law_of().calendar
    deadline = due_after_pause(date(2026, 10, 22), date(2026, 9, 21), answered, calendar)
    assert (deadline.day, deadline.provisional) == (day, False)


@pytest.mark.row("D1")
@pytest.mark.parametrize(
    ("accepted", "n", "day"),
    [
        (date(2026, 9, 18), 15, date(2026, 10, 15)),
        (date(2026, 2, 10), 15, date(2026, 3, 9)),
        (date(2026, 4, 30), 2, date(2026, 5, 7)),
        (date(2026, 9, 18), 2, date(2026, 9, 21)),
    ],
)
def test_the_other_limits_seen_in_texts_count_the_same_way(accepted: date, n: int, day: date) -> None:
    assert law_of().calendar.deadline(accepted, Duration(n, "workday")).day == day
