"""A person's days at a place, one after the other: which count for the requirement, which do not, and why (Q5).

Pure, like rules.py, whose way of counting this shows: the days before the day asked about, each exactly once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from yizhengtong.kernel.findings import Source
from yizhengtong.law.values import ResidenceMeasure
from yizhengtong.registry.residence.rules import (
    Span,
    Stay,
    area_of,
    current_spans,
    has_lived_here_long_enough,
    is_in_area,
)

OUTSIDE_AREA = "residence.outside_area"
BEFORE_GAP = "residence.before_gap"
NOT_REGISTERED = "residence.not_registered"


@dataclass(frozen=True, slots=True)
class Counted:
    """Days `[start, until)` that count, where they were lived and who reported them."""

    start: date
    until: date
    days: int
    region: str
    reported_by: str


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Days `[start, until)` that do not count; `reason_code` has its words in texts.yaml."""

    start: date
    until: date
    days: int
    reason_code: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every day from the first stay to the day asked about, that day left out. `total`: days counted."""

    counted: tuple[Counted, ...]
    uncounted: tuple[Uncounted, ...]
    total: int
    met_on: date | None


def timeline(
    stays: Sequence[Stay], requirement: ResidenceMeasure, region: str, on: date, *, gap_tolerance_days: int = 0
) -> Timeline:
    """国办发〔2018〕81号 art. 2 (D4–D6): lay out the days before `on` against the requirement.

    Reasons: `residence.outside_area`, `residence.before_gap` (contiguity was broken later), `residence.not_registered`.
    """
    spans = current_spans(stays, on, requirement, region, gap_tolerance_days)
    pieces = list(_pieces(stays, spans, area_of(requirement.scope, region), on))
    counted = tuple(
        Counted(start, until, (until - start).days, stay.region, stay.reported_by)
        for start, until, stay, reason in pieces
        if stay is not None and not reason
    )
    uncounted = tuple(
        Uncounted(start, until, (until - start).days, reason) for start, until, _, reason in pieces if reason
    )
    finding = has_lived_here_long_enough(
        stays, on, requirement, region, Source(""), gap_tolerance_days=gap_tolerance_days
    )
    return Timeline(counted, uncounted, sum(piece.days for piece in counted), finding.met_on)


_Piece = tuple[date, date, Stay | None, str]


def _pieces(stays: Sequence[Stay], spans: Sequence[Span], area: str, on: date) -> Iterator[_Piece]:
    """Yield the days cut at every beginning and end, those of one stay and one reason joined again."""
    ends = {min(stay.until or on, on) for stay in stays}
    cuts = sorted({stay.start for stay in stays if stay.start < on} | ends | {on})
    cuts = [cut for cut in cuts if cut >= min((stay.start for stay in stays), default=on)]
    judged = ((start, until, *_judge(start, stays, spans, area)) for start, until in pairwise(cuts))
    for (stay, reason), group in groupby(judged, key=lambda piece: (piece[2], piece[3])):
        joined = list(group)
        yield joined[0][0], joined[-1][1], stay, reason


def _judge(day: date, stays: Sequence[Stay], spans: Sequence[Span], area: str) -> tuple[Stay | None, str]:
    """Return the stay of a day, one in the area before any other, and why the day does not count, if so."""
    here = [stay for stay in stays if stay.start <= day and (stay.until is None or day < stay.until)]
    inside = next((stay for stay in here if is_in_area(stay.region, area)), None)
    if inside is None:
        return None, OUTSIDE_AREA if here else NOT_REGISTERED
    counts = any(start <= day.toordinal() < end for start, end in spans)
    return (inside, "") if counts else (None, BEFORE_GAP)
