"""Legal days, periods and ranges of days.

How the law counts (民法典 201–203): the day on which a period begins is not counted; a period of months or years ends
on the corresponding day of its last month or, where that month has no such day, on its last day. Rolling over days off
needs a calendar and stands in `kernel.workdays`. A number of days is never converted into months, nor back.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The legal time zone. Fixed: mainland China has kept +08:00 all year since 1992, so no time zone database is asked."""

Unit = Literal["workday", "day", "month", "year"]
MONTHS_A_YEAR = 12
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAP_FEBRUARY = 29
_UNITS = frozenset({"workday", "day", "month", "year"})


@dataclass(frozen=True, slots=True)
class Duration:
    """A length the law names: `n` working days, calendar days, months or years. Raises ValueError if it is none."""

    n: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.n < 0 or self.unit not in _UNITS:
            raise ValueError("a duration is a number of workdays, days, months or years, not below zero")


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `start` up to but not including `until`; `until` None: no end. Equal ends hold no day at all.

    Raises ValueError when `until` lies before `start`.
    """

    start: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.start:
            raise ValueError("a range of days cannot end before it starts")

    @property
    def days(self) -> int | None:
        """How many days it holds; None when it has no end."""
        return None if self.until is None else (self.until - self.start).days

    @property
    def last_day(self) -> date | None:
        """The last day inside; None when it has no end or holds no day."""
        if self.until is None or self.until == self.start:
            return None
        return self.until - timedelta(days=1)

    def contains(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day < self.until)

    def overlaps(self, other: "DateRange") -> bool:
        """Say whether one day lies in both. Ranges that only touch do not overlap, nor does one without days."""
        start = max(self.start, other.start)
        return all(end is None or start < end for end in (self.until, other.until))


def add_months(start: date, n: int) -> date:
    """Return the last day of a period of `n` months begun on `start`, which itself is not counted (民法典 201, 202).

    The corresponding day of the month `n` months on, else that month's last day: from 31 January, one month is
    28 or 29 February. A negative `n` goes back by the same rule. Not rolled over days off.
    """
    years, month = divmod(start.month - 1 + n, 12)
    year = start.year + years
    last_day_of_month = _LEAP_FEBRUARY if month == 1 and isleap(year) else _MONTH_LENGTHS[month]
    return date(year, month + 1, min(start.day, last_day_of_month))


def full_months(since: date, until: date) -> int:
    """Return how many months begun on `since` are full by `until` (民法典 202)."""
    months = (until.year - since.year) * MONTHS_A_YEAR + until.month - since.month
    return months if add_months(since, months) <= until else months - 1


def add_years(start: date, n: int) -> date:
    """Return the last day of a period of `n` years begun on `start`, not itself counted (民法典 201, 202).

    From 29 February, a common year gives 28 February. Not rolled over days off.
    """
    return add_months(start, MONTHS_A_YEAR * n)


def nth_day(start: date, n: int) -> date:
    """Return the n-th day when `start` itself is day 1: the day during which somebody is there for the n-th day.

    `nth_day(2026-03-01, 180)` is 2026-08-27. The first day by which 180 days have passed is the next one, see
    `days_completed_on`. Raises ValueError when `n` is below 1.
    """
    if n < 1:
        raise ValueError("days are counted from 1")
    return start + timedelta(days=n - 1)


def days_completed_on(start: date, n: int) -> date:
    """Return the day on which `n` days have passed since `start`, which is not counted (民法典 201).

    180 days from 2026-03-01 are complete on 2026-08-28, where 6 months are on 2026-09-01.
    """
    return start + timedelta(days=n)


def months_completed_on(start: date, n: int) -> date:
    """Return the day on which `n` months have passed since `start`, which is not counted (民法典 202)."""
    return add_months(start, n)


def age_on(birth: date, day: date) -> int:
    """Return the full years of age on `day`. Born on 29 February, a year is full on 28 February of a common year.

    Raises ValueError when `day` lies before `birth`.
    """
    if day < birth:
        raise ValueError("an age is asked before the birth")
    years = day.year - birth.year
    return years if add_years(birth, years) <= day else years - 1


def endorsement_window(issued: date, years_elapsed: int, *, months_before: int = 1) -> DateRange:
    """Return the days on which a permit issued on `issued` may be endorsed for its `years_elapsed`-th full year.

    The month before the day on which the year is full, that day not included (国令663 art. 10): issued 2016-12-22,
    the first window holds 2017-11-22 to 2017-12-21. Every year is counted from the issue, so leap days do not drift.
    Whether and how long before a permit is endorsed is a matter of the law pack. Raises ValueError when
    `years_elapsed` is below 1.
    """
    if years_elapsed < 1:
        raise ValueError("the first endorsement belongs to the first full year")
    full_year = add_years(issued, years_elapsed)
    return DateRange(add_months(full_year, -months_before), full_year)


def legal_day(instant: datetime) -> date:
    """Return the day it is in China at that instant. Raises ValueError when the instant has no time zone."""
    if instant.utcoffset() is None:
        raise ValueError("an instant without a time zone is no instant")
    return instant.astimezone(CHINA).date()
