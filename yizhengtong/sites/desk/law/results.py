"""What came out of a simulation, as a page shows it: counts by item, office and reason, and cases one may open."""

from dataclasses import dataclass
from uuid import UUID

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.simulation import Tally
from yizhengtong.permitting.oversight.models import Simulation
from yizhengtong.sites.desk.figures_words import item_names, reason_words


@dataclass(frozen=True, slots=True)
class Group:
    """Decisions of an item at an office that would come out otherwise, and why. `cases`: public ids of a few."""

    item: str
    office: str
    before: str
    after: str
    count: int
    reasons: tuple[tuple[str, int], ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A finished simulation."""

    looked_at: int
    untouched: int
    changed: int
    groups: tuple[Group, ...]
    by_change: tuple[tuple[str, str, int], ...]


def shown(simulation: Simulation, by: Principal, reader: Reader) -> Result | None:
    """Return what came out, with examples of the officer's own area only; None while it is not done."""
    if simulation.result is None:
        return None
    tally = Tally.from_json(simulation.result)
    offices = {str(office.pk): office for office in Office.objects.filter(pk__in={key[1] for key in tally.changes})}
    names = item_names(reader)
    groups = []
    for key, count in sorted(tally.changes.items(), key=lambda each: (-each[1], each[0])):
        item, office_id, before, after = key
        office = offices.get(office_id)
        reasons = [(reason_words(reader, line[4]), n) for line, n in tally.reasons.items() if line[:4] == key]
        may_see = office is not None and by.covers(office.path)
        cases = tuple(public_id("cas", UUID(case)) for case in tally.examples.get(key, ())) if may_see else ()
        groups.append(
            Group(
                names.get(item, item),
                office.name if office else "–",
                before,
                after,
                count,
                tuple(sorted(reasons, key=lambda each: -each[1])),
                cases,
            )
        )
    totals: dict[tuple[str, str], int] = {}
    for (_, _, before, after), count in tally.changes.items():
        totals[before, after] = totals.get((before, after), 0) + count
    by_change = tuple((before, after, count) for (before, after), count in sorted(totals.items()))
    return Result(tally.looked_at, tally.untouched, tally.changed, tuple(groups), by_change)
