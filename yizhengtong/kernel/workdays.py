"""Working days and the deadlines counted in them.

A calendar knows the years whose days off the State Council has announced, and guesses the others: there Monday to
Friday are working days, less the days off that are expected, and a deadline that touches such a year is provisional.
The days themselves stand in a law pack (law/packs/cn/calendar.yaml).
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from yizhengtong.kernel.dates import Duration, add_months, add_years

_SATURDAY = 5
_DAY = timedelta(days=1)
_ADVANCE: dict[str, Callable[[date, int], date]] = {
    "day": lambda start, n: start + timedelta(days=n),
    "month": add_months,
    "year": add_years,
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which the act is in time. `provisional`: a year it touches is not announced; compute it again."""

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of the mainland.

    `announced`: the years whose notice of days off is in force; `days_off`: weekdays and weekends that are off by that
    notice; `days_worked`: weekend days that are worked in exchange (调休); `expected_off`: days that will surely be off
    in years not announced. A year's working days are computed once per calendar: keep the calendar, do not rebuild it.
    """

    announced: frozenset[int]
    days_off: frozenset[date]
    days_worked: frozenset[date]
    expected_off: frozenset[date] = frozenset()
    _ordinals: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_announced(self, year: int) -> bool:
        return year in self.announced

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on that day; a guess when its year is not announced."""
        if day in self.days_worked:
            return True
        if day in self.days_off or day.weekday() >= _SATURDAY:
            return False
        return day not in self.expected_off or self.is_announced(day.year)

    def roll(self, day: date) -> date:
        """Return `day`, or the first working day after it when it is a day off (民法典 203)."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def deadline(self, accepted: date, duration: Duration) -> Deadline:
        """Return the last day of a limit that runs from `accepted`; the day of acceptance is not counted (民法典 201).

        Working days: the n-th working day after it. Calendar days, months and years: the corresponding day, rolled to
        the next working day when it is a day off (民法典 203). Provisional when a year from the first day counted to
        the day returned is not announced.
        """
        if duration.unit == "workday":
            day = self._nth_working_day(accepted, duration.n)
        else:
            day = self.roll(_ADVANCE[duration.unit](accepted, duration.n))
        first_year = (accepted + _DAY).year
        provisional = not self.announced.issuperset(range(min(first_year, day.year), day.year + 1))
        return Deadline(day, provisional)

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`: what a limit from `a` has used by `b`.

        `deadline(a, Duration(n, "workday")).day` is the first `b` for which this is `n`. Negative when `b` lies
        before `a`.
        """
        if b < a:
            return -self.working_days_between(b, a)
        before = bisect_right(self._working(a.year), a.toordinal())
        until = bisect_right(self._working(b.year), b.toordinal())
        return sum(len(self._working(year)) for year in range(a.year, b.year)) + until - before

    def _nth_working_day(self, start: date, n: int) -> date:
        """Return the n-th working day after `start`; with n 0, `start` rolled."""
        year = start.year
        if n == 0:
            return self.roll(start)
        index = bisect_right(self._working(year), start.toordinal()) + n - 1
        while index >= len(self._working(year)):
            index -= len(self._working(year))
            year += 1
        return date.fromordinal(self._working(year)[index])

    def _working(self, year: int) -> tuple[int, ...]:
        """Return the ordinals of a year's working days, ascending."""
        known = self._ordinals.get(year)
        if known is None:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = (date.fromordinal(ordinal) for ordinal in range(first, last + 1))
            known = self._ordinals[year] = tuple(day.toordinal() for day in days if self.is_working_day(day))
        return known
