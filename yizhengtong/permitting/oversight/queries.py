"""Reading figures: sums of an area over a period, each by month, office, item and code."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import queue
from yizhengtong.permitting.casework.states import RUNNING
from yizhengtong.permitting.oversight.models import NOW, Measure, Simulation
from yizhengtong.permitting.oversight.policies import ensure_may_oversee

FEWEST_SHOWN = 5
"""Reasons of refusal of fewer cases than this are not shown one by one: they would point at persons."""
_URGENT_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Amount:
    """So many cases; sum and maximum of their days."""

    cases: int = 0
    days: int = 0
    longest: int = 0

    @property
    def average(self) -> float:
        return self.days / self.cases if self.cases else 0.0

    def plus(self, other: "Amount") -> "Amount":
        return Amount(self.cases + other.cases, self.days + other.days, max(self.longest, other.longest))


NOTHING = Amount()
Amounts = dict[str, Amount]


@dataclass(slots=True)
class Figures:
    """Sums of an area over months. Keys of the inner mappings are values of Measure."""

    by_month: dict[date, Amounts] = field(default_factory=dict)
    by_office: dict[str, Amounts] = field(default_factory=dict)
    by_item: dict[str, Amounts] = field(default_factory=dict)
    waiting: Amounts = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    total: Amounts = field(default_factory=dict)
    counted_at: datetime | None = None

    def of(self, measure: str) -> Amount:
        """Return the sum of a measure."""
        return self.total.get(measure, NOTHING)


def figures(*, office: Office, first: date, last: date, by: Principal) -> Figures:
    """Return the figures of an office and all below it, from the month of `first` to that of `last`.

    Raises NotFound outside the area of `by`, Forbidden without the role.
    """
    ensure_may_oversee(office.path, by)
    months, now = (first.replace(day=1), last.replace(day=1)), [str(each) for each in NOW]
    asked: list[Any] = [office.path, f"{office.path}.", *months, now]
    found = Figures()
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, asked)
        for row in cursor.fetchall():
            _put(found, *row)
    return found


_SUMS = """
    SELECT measure, month, office_path, item, code, sum(cases), sum(days), max(longest), max(counted_at)
    FROM oversight_figure
    WHERE (office_path = %s OR starts_with(office_path, %s)) AND (month BETWEEN %s AND %s OR measure = ANY (%s))
    GROUP BY GROUPING SETS ((measure, month), (measure, office_path), (measure, item), (measure, code), (measure))
"""


def _put(
    found: Figures,
    measure: str,
    month: date | None,
    path: str | None,
    item: str | None,
    code: str | None,
    cases: int,
    days: int,
    longest: int,
    counted_at: datetime,
) -> None:
    amount = Amount(int(cases), int(days), longest)
    if month is not None:
        found.by_month.setdefault(month, {})[measure] = amount
    elif path is not None:
        found.by_office.setdefault(path, {})[measure] = amount
    elif item is not None:
        found.by_item.setdefault(item, {})[measure] = amount
    elif code is None:
        found.total[measure] = amount
        found.counted_at = max(found.counted_at or counted_at, counted_at)
    elif measure == Measure.WAITING:
        found.waiting[code] = amount
    elif measure == Measure.REASON:
        found.reasons[code] = amount.cases


def below(office: Office, by_office: Mapping[str, Amounts], offices: Sequence[Office]) -> list[tuple[Office, Amounts]]:
    """Return the next level below an office with the sums of all below each; the office's own work comes first."""
    children = [each for each in offices if each.parent_id == office.pk]
    lines = []
    for each in (office, *children):
        paths = [path for path in by_office if (path == each.path if each is office else each.covers(path))]
        if each is office and not paths:
            continue
        lines.append((each, _added(by_office[path] for path in paths)))
    return lines


def _added(amounts: Iterable[Amounts]) -> Amounts:
    whole: Amounts = {}
    for each in amounts:
        for measure, amount in each.items():
            whole[measure] = whole.get(measure, NOTHING).plus(amount)
    return whole


def offices_of(by: Principal) -> list[Office]:
    """Return the offices of an officer's area, those above first; merged ones left out."""
    area = Office.objects.filter(merged_into=None, path__startswith=by.office_path).order_by("path")
    return [office for office in area if by.covers(office.path)]


def office_of_area(code: str, by: Principal) -> Office:
    """Return an office by its code. Raises NotFound outside the area of `by`."""
    office = Office.objects.filter(code=code).first()
    if office is None or not by.covers(office.path):
        raise NotFound("not_found")
    return office


def most_urgent(*, by: Principal) -> list[Case]:
    """Return the accepted cases of the officer's area that are due first. Nothing personal is opened."""
    return queue(by=by, states=RUNNING, limit=_URGENT_SHOWN)


def simulations_of(edition_hash: str) -> list[Simulation]:
    """Return the simulations of an edition, the newest first."""
    return list(Simulation.objects.filter(edition_hash=edition_hash).order_by("-asked_at")[:_URGENT_SHOWN])


def simulation(simulation_id: UUID) -> Simulation:
    """Return a simulation. Raises NotFound."""
    found = Simulation.objects.filter(pk=simulation_id).first()
    if found is None:
        raise NotFound("not_found")
    return found
