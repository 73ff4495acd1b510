"""How long somebody has lived somewhere, by the law's own measure.

Pure: facts in, findings out. A stay is half-open, `[start, until)`. How days are counted, everywhere in this file:

- The day on which a stay begins is not counted and the day asked about is (民法典 201); put the other way round, what
  counts are the full days that lie before the day asked about. A stay begun on 2026-03-01 holds its 180th day on
  2026-08-28 and its sixth month on 2026-09-01: `measure: days` and `measure: months` are never converted (D5).
- Months end on the corresponding day, else on the last day of the month (民法典 202).
- Touching stays are one, overlapping ones count once.
- `contiguous: true`: only the run of stays that reaches the day asked about counts; a gap longer than the tolerance
  ends a run. A gap within the tolerance does not end it, but its own days are not counted either. Where only a gap
  stands between the person and the requirement, the finding is left to an officer (D6): `met` is None.
- `contiguous: false`: all stays count and gaps do not. Days are summed. Months run by the calendar from the start of
  the first stay, moved forward by as many days as lay in gaps; they can become full only on a day of a stay.
- What counts lies in the area that the scope draws around the place applied for. 内地 leaves out Hong Kong, Macao
  and Taiwan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Protocol

from yizhengtong.kernel.dates import add_months, full_months
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.kernel.regions import area_around, is_on_the_mainland, is_within
from yizhengtong.kernel.workdays import Calendar, Deadline
from yizhengtong.law.values import Limit, ResidenceMeasure

Scope = Literal["county", "city", "province", "nation"]
Span = tuple[int, int]
"""Ordinals of days, half-open."""

_OPEN = date.max.toordinal()
_AREA_CODES: Mapping[str, str] = {
    scope: f"residence.area_{scope}" for scope in ("county", "city", "province", "nation")
}


@dataclass(frozen=True, slots=True)
class Stay:
    """One registered stay: `[start, until)` in the county `region`; `until` None while the person lives there.

    `declared_on`: the legal day on which it was declared; None where nobody asked when.
    """

    region: str
    start: date
    until: date | None = None
    reported_by: str = "self"
    declared_on: date | None = None


class Reading(Protocol):
    """One value of the law's residence requirement, and where it stands."""

    @property
    def value(self) -> ResidenceMeasure: ...
    @property
    def source(self) -> Source: ...


def area_of(scope: Scope, region: str) -> str:
    """Return the code of the area that `scope` draws around the place applied for: 370102 and city give 370100."""
    return area_around(region, scope)


def days_lived(stays: Iterable[Stay], on: date, area: str) -> int:
    """Return how many full days before `on` the stays hold in `area`, each day once, gaps left out."""
    return _days_before(_spans(stays, area), on.toordinal())


def has_lived_here_long_enough(
    stays: Iterable[Stay],
    on: date,
    requirement: ResidenceMeasure,
    region: str,
    source: Source,
    *,
    gap_tolerance_days: int = 0,
) -> Finding:
    """国办发〔2018〕81号 art. 2, 国令663 art. 2 (D4, D5, D6): has somebody lived in this area for the time required.

    `region`: code of the place applied for. `met_on`: the day from which it is met, if an open stay goes on; None when
    no known stay lasts until then. `met` None: only a gap stands in the way, and an officer decides.
    Facts: `measure`, `needed` and `lived` in that measure, `days` counted, `scope`, `area` (a code of texts), `met_on`.
    """
    today = on.toordinal()
    spans = _spans(stays, area_of(requirement.scope, region))
    run, met_day = _reckon(spans, today, requirement, gap_tolerance_days)
    met: bool | None = met_day is not None and met_day <= today
    if not met and requirement.contiguous and run != spans:
        met_with_gaps = _first_full_day(spans, requirement)
        met = None if met_with_gaps is not None and met_with_gaps <= today else met
    met_on = None if met_day is None else date.fromordinal(met_day)
    days = _days_before(run, today)
    facts: dict[str, object] = {
        "measure": requirement.measure,
        "needed": requirement.n,
        "lived": days if requirement.measure == "days" else _months_before(run, today, days),
        "days": days,
        "scope": requirement.scope,
        "area": _AREA_CODES[requirement.scope],
    }
    if met_on is not None:
        facts["met_on"] = met_on
    return Finding(_code(met, spans, today, requirement, met_day), met, source, facts, met_on)


def lived_long_enough_by_any(
    stays: Sequence[Stay], on: date, readings: Sequence[Reading], region: str, *, gap_tolerance_days: int = 0
) -> Finding:
    """D4, S2-08, S2-42: where texts differ, the one more favourable to the applicant decides.

    `readings`: the most favourable first, at least one. The finding is the first that is met, else the first left to an
    officer, else the one met soonest. Facts also hold `readings`: the sources looked at.
    """
    findings = [
        has_lived_here_long_enough(
            stays, on, reading.value, region, reading.source, gap_tolerance_days=gap_tolerance_days
        )
        for reading in readings
    ]
    decisive = min(findings, key=_unfavour)
    return replace(decisive, facts={**decisive.facts, "readings": tuple(str(each.source) for each in findings)})


def report_due_on(arrived: date, duty: Limit | None, calendar: Calendar) -> Deadline | None:
    """residence.report_within of the pack: the last day on which a stay begun on `arrived` is reported in time.

    None where the pack sets no such duty, as the national texts for residents of Hong Kong, Macao and Taiwan do not
    (D14). The day of arrival is not counted.
    """
    return None if duty is None else calendar.deadline(arrived, duty.duration)


def current_spans(stays: Iterable[Stay], on: date, requirement: ResidenceMeasure, region: str, gap: int) -> list[Span]:
    """Return the spans, merged and ascending, whose days before `on` count for the requirement."""
    spans = _spans(stays, area_of(requirement.scope, region))
    return _reckon(spans, on.toordinal(), requirement, gap)[0]


def is_in_area(region: str, area: str) -> bool:
    """Say whether a stay in `region` lies in `area` on the mainland."""
    return is_within(region, area) and is_on_the_mainland(region)


def _spans(stays: Iterable[Stay], area: str) -> list[Span]:
    """Return the days of the stays in the area: sorted, disjoint, not touching."""
    merged: list[Span] = []
    for start, end in sorted(
        (stay.start.toordinal(), _OPEN if stay.until is None else stay.until.toordinal())
        for stay in stays
        if is_in_area(stay.region, area)
    ):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _reckon(
    spans: list[Span], today: int, requirement: ResidenceMeasure, tolerance: int
) -> tuple[list[Span], int | None]:
    """Return the run that counts on `today`, and the day on which it, or failing that a later one, is long enough."""
    if not requirement.contiguous:
        return spans, _first_full_day(spans, requirement)
    runs = [run for run in _runs(spans, tolerance) if run[-1][1] + tolerance >= today]
    days = (_first_full_day(run, requirement) for run in runs)
    return (runs[0] if runs else []), next((day for day in days if day is not None), None)


def _runs(spans: list[Span], tolerance: int) -> list[list[Span]]:
    runs: list[list[Span]] = []
    for span in spans:
        if runs and span[0] - runs[-1][-1][1] <= tolerance:
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs


def _first_full_day(run: list[Span], requirement: ResidenceMeasure) -> int | None:
    """Return the first day by which the run holds the time required, or None when it ends before."""
    lived = 0
    for start, end in run:
        if requirement.measure == "days":
            day = start - lived + requirement.n
        else:
            moved = date.fromordinal(start - lived)
            day = max(start, add_months(moved, requirement.n).toordinal())
        if day <= end:
            return day
        lived += end - start
    return None


def _days_before(spans: list[Span], today: int) -> int:
    days = 0
    for start, end in spans:
        if start < today:
            days += (end if end < today else today) - start
    return days


def _months_before(run: list[Span], today: int, days: int) -> int:
    """Return the full months of a run by `today`, from its start moved forward by its gaps."""
    if not days:
        return 0
    last = max(min(end, today) for start, end in run if start < today)
    return full_months(date.fromordinal(last - days), date.fromordinal(last))


def _code(met: bool | None, spans: list[Span], today: int, requirement: ResidenceMeasure, met_day: int | None) -> str:
    if met:
        return f"residence.long_enough_{requirement.measure}"
    if met is None:
        return "residence.gap_for_officer"
    if not spans or spans[0][0] > today:
        return "residence.not_registered_here"
    return f"residence.too_short_{requirement.measure}" if met_day else f"residence.ended_early_{requirement.measure}"


_ORDER: Sequence[bool | None] = (True, None, False)


def _unfavour(finding: Finding) -> tuple[int, date]:
    """Order findings by what is better for the applicant; equal ones keep the order of the readings."""
    soonest = finding.met_on or date.max
    return _ORDER.index(finding.met), soonest if finding.met is False else date.min
