"""How long a permit is good, when it is endorsed, what being late does to it and to the years of residence.

Pure: facts in, days out, no clock. A year is full on the day that corresponds to the day of issue, or on the last day
of a month that has no such day, and the month before it is counted back by the same rule (民法典 art. 202). Every year
is counted from the issue, so that a leap day moves none of the later ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from yizhengtong.kernel.dates import MONTHS_A_YEAR, DateRange, add_months, add_years, full_months
from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.law.values import EndorsementWindow

Late = Literal["restart", "exclude_gap"]
"""`endorsement.late` (D22): the years begin anew with a late endorsement, or only the days in between do not count."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PermitFacts:
    """What the rules look at. `last_valid_day` and `endorsed_until` are inclusive.

    `counted_from`: the issue from which years of endorsement are counted; `years_count_from`: the day from which years
    of residence are. `endorsed_until` None: this permit is not endorsed.
    """

    state: str
    valid_from: date
    last_valid_day: date
    counted_from: date
    endorsed_until: date | None = None
    years_count_from: date | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a permit is good on a day, and if not, why: expired, suspended, lost, or how it ended.

    `has_ended`: for good, and `reason` is how; it may be the same word as one of those that pass.
    """

    is_valid: bool
    reason: str
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class Endorsed:
    """What an endorsement on a day does. `window`: the one it belongs to; `lapse`: the days without functions."""

    window: DateRange
    until: date
    lapse: DateRange | None
    years_count_from: date | None

    @property
    def last_day(self) -> date:
        """The last day of the window."""
        return (self.window.until or date.max) - _DAY

    @property
    def was_late(self) -> bool:
        return self.lapse is not None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that will happen to a permit, or can be done about it: a code with words, the day, the source."""

    code: str
    on: date
    source: Source | None = None
    facts: dict[str, object] = field(default_factory=dict)


def endorsement_window(issued_on: date, year: int, window: EndorsementWindow) -> DateRange:
    """国令663 art. 10, 浙江省流动人口居住登记条例 art. 19: the days on which a permit is endorsed for a full year.

    The day on which the year is full is not among them: issued 2016-12-22, a window of a month holds
    2017-11-22 to 2017-12-21. Raises ValueError when `year` is below 1 or the window is said in working days.
    """
    if year < 1:
        raise ValueError("the first endorsement belongs to the first full year")
    full_year = add_years(issued_on, year)
    return DateRange(_before(full_year, window), full_year)


def _before(day: date, window: EndorsementWindow) -> date:
    if window.unit == "year":
        return add_years(day, -window.n)
    if window.unit == "month":
        return add_months(day, -window.n)
    if window.unit == "day":
        return day - timedelta(days=window.n)
    raise ValueError("a window before a full year is said in days, months or years")


def running_year(issued_on: date, day: date) -> int:
    """Return which year since the issue a day lies in: 1 until the day before the first full year."""
    return max(full_months(issued_on, day) // MONTHS_A_YEAR, 0) + 1


def last_day_of_year(issued_on: date, year: int) -> date:
    """Return the last day of the `year`-th year, the day before it is full."""
    return add_years(issued_on, year) - _DAY


def window_of(permit: PermitFacts, window: EndorsementWindow) -> DateRange | None:
    """Return the window in which the permit is to be endorsed, also when it has passed; None: it is not endorsed."""
    if permit.endorsed_until is None:
        return None
    year = running_year(permit.counted_from, permit.endorsed_until)
    return endorsement_window(permit.counted_from, year, window)


def endorse(permit: PermitFacts, window: EndorsementWindow, late: Late, on: date) -> Endorsed | None:
    """Return what an endorsement on a day does; None when it comes before the window, or the permit is not endorsed.

    In its window it adds a year. Late it gives the functions back until the year that runs then is over; when the next
    window is open already, the year after that as well (I: nobody is to come twice within a month).
    """
    asked = window_of(permit, window)
    if asked is None or permit.endorsed_until is None or on < asked.start:
        return None
    year = running_year(permit.counted_from, on)
    is_open = on >= endorsement_window(permit.counted_from, year, window).start
    until = last_day_of_year(permit.counted_from, year + 1 if is_open else year)
    lapse = DateRange(permit.endorsed_until + _DAY, on) if on > permit.endorsed_until else None
    since = permit.years_count_from
    if since is not None and lapse is not None:
        since = years_counted_from(since, [lapse], late)
    return Endorsed(asked, until, lapse, since)


def years_counted_from(since: date, lapses: Sequence[DateRange], late: Late) -> date:
    """Return the day from which years of residence count after lapses in the order of time (D22, one of two).

    `restart`: the day of the last late endorsement (国令663 art. 10). `exclude_gap`: the first day, moved on by the
    days without functions, so that they and nothing else are left out (facts.md 4, Chongqing).
    """
    for lapse in lapses:
        if lapse.until is None:
            break
        since = lapse.until if late == "restart" else since + (lapse.until - lapse.start)
    return since


def years_of_residence(since: date, lapses: Sequence[DateRange], late: Late, on: date) -> int:
    """Return the full years of residence on a day. A lapse without an end runs still: its days count under neither way.

    杭州市流动人口服务管理规定 art. 20: time under suspension does not count.
    """
    running = next((lapse.start for lapse in lapses if lapse.until is None), on)
    counted = years_counted_from(since, lapses, late)
    return max(full_months(counted, min(running, on)) // MONTHS_A_YEAR, 0)


def years_so_far(permit: PermitFacts, late: Late, on: date) -> int | None:
    """Return the full years of residence that a permit shows on a day; None where none are counted."""
    if permit.years_count_from is None:
        return None
    until = permit.endorsed_until
    lapses = [DateRange(until + _DAY)] if until is not None and on > until else []
    return years_of_residence(permit.years_count_from, lapses, late, on)


def state_on(permit: PermitFacts, day: date) -> Standing:
    """Say whether a permit is good on a legal day. It is from the day it is issued, also while its card is made.

    Its functions are suspended by law from the day after `endorsed_until`, whether the daily sweep wrote so or not.
    """
    if permit.state == "ended":
        return Standing(False, permit.end_reason, has_ended=True)
    if permit.state == "lost":
        return Standing(False, "lost")
    if day > permit.last_valid_day:
        return Standing(False, "expired")
    if permit.state == "suspended" or _is_overdue(permit, day):
        return Standing(False, "suspended")
    return Standing(permit.valid_from <= day, "" if permit.valid_from <= day else "not_yet_valid")


def _is_overdue(permit: PermitFacts, day: date) -> bool:
    return permit.endorsed_until is not None and day > permit.endorsed_until


def what_happens_next(permit: PermitFacts, law: Law, on: date) -> tuple[Happening, ...]:
    """Return what will happen to a living permit and when, in the order of time, before it happens."""
    if permit.state == "ended":
        return ()
    if permit.endorsed_until is None or "endorsement.window" not in law:
        is_dated = permit.last_valid_day != date.max and on <= permit.last_valid_day
        return (_expires(permit.last_valid_day),) if is_dated else ()
    if _is_overdue(permit, on) or permit.state == "suspended":
        return _next_when_late(permit, law, on)
    return _next_in_time(permit, law, on)


def _expires(day: date) -> Happening:
    return Happening("permits.next_expires", day, None, {"day": day})


def _next_in_time(permit: PermitFacts, law: Law, on: date) -> tuple[Happening, ...]:
    window, source = law.value("endorsement.window"), law["endorsement.window"].source
    asked, last = window_of(permit, window), permit.endorsed_until
    if asked is None or last is None:
        return ()
    days = (last - on).days
    opens = "permits.next_window_is_open" if on >= asked.start else "permits.next_window_opens"
    return (
        Happening(opens, asked.start, source, {"day": asked.start, "last_day": last}),
        Happening("permits.next_last_day", last, source, {"day": last, "days": days}),
        Happening("permits.next_suspended", last + _DAY, source, {"day": last + _DAY}),
        *_effect_on_years(permit, law, last + _DAY),
    )


def _next_when_late(permit: PermitFacts, law: Law, on: date) -> tuple[Happening, ...]:
    window, source = law.value("endorsement.window"), law["endorsement.window"].source
    done = endorse(replace(permit, state="held"), window, _late_of(law), on)
    if done is None or done.lapse is None:
        return ()
    return (
        Happening("permits.next_suspended_since", done.lapse.start, source, {"day": done.lapse.start}),
        Happening("permits.next_restored_when_endorsed", on, source, {"day": on, "until": done.until}),
        *_effect_on_years(permit, law, done.lapse.start),
    )


def _effect_on_years(permit: PermitFacts, law: Law, day: date) -> tuple[Happening, ...]:
    if permit.years_count_from is None or "endorsement.late" not in law:
        return ()
    late = _late_of(law)
    facts: dict[str, object] = {"day": day, "years": years_so_far(permit, late, day)}
    return (Happening(f"permits.next_years_{late}", day, law["endorsement.late"].source, facts),)


def _late_of(law: Law) -> Late:
    late: Late = law.value("endorsement.late") if "endorsement.late" in law else "restart"
    return late
