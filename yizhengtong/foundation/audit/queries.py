"""Reading the trail: what concerns a person, an object, or what an auditor asks for. Newest first.

Keys are ordered by time, so that a day is a range of keys and no further index is written with each entry.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import CHINA

_LATE = timedelta(minutes=5)
"""How much later than its key an entry may say it was: clocks of several machines."""

Position = tuple[datetime, UUID]
"""Where a page ended: instant and key of its last entry."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an auditor asks for; None leaves a question out. `since` and `until`: legal days, [since, until)."""

    person_id: UUID | None = None
    officer_id: UUID | None = None
    office_id: UUID | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def names(self) -> list[str]:
        """Return the names of the questions that are asked, for the record of the reading."""
        return [name for name in self.__slots__ if getattr(self, name) is not None]


def entries_of(
    *,
    person_id: UUID,
    kinds: Collection[str] = (Entry.Kind.READ, Entry.Kind.ACT),
    before: Position | None = None,
    limit: int,
) -> list[Entry]:
    """Return entries about a person, also those whose actor is the person. The caller records the reading."""
    return _page(Entry.objects.filter(person_id=person_id, kind__in=kinds), before, limit)


def entries_on(*, on: tuple[str, UUID], before: Position | None = None, limit: int) -> list[Entry]:
    """Return entries about an object, `("case", id)`. The caller records the reading."""
    return _page(Entry.objects.filter(object_id=on[1], object_kind=on[0]), before, limit)


def search_trail(
    wanted: Wanted, *, offices: Collection[UUID] | None, before: UUID | None = None, limit: int
) -> list[Entry]:
    """Return entries that fit, written by officers of `offices`; None: by anybody. The caller records the reading."""
    asked = {
        "person_id": wanted.person_id,
        "actor_id": wanted.officer_id,
        "office_id": wanted.office_id,
        "action": wanted.action,
    }
    found = Entry.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    found = found.filter(_between(wanted.since, wanted.until))
    if offices is not None:
        found = found.filter(office_id__in=offices)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def _between(since: date | None, until: date | None) -> Q:
    """Return the condition of days, said twice: exactly by the instant, and by the key's range, which is an index."""
    found = Q()
    if since is not None:
        found &= Q(at__gte=_instant(since), pk__gte=first_key(_instant(since) - _LATE))
    if until is not None:
        found &= Q(at__lt=_instant(until), pk__lt=first_key(_instant(until) + _LATE))
    return found


def first_key(instant: datetime) -> UUID:
    """Return the smallest key made at an instant (kernel.ids.new_id: milliseconds first)."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _page(found: "QuerySet[Entry]", before: Position | None, limit: int) -> list[Entry]:
    if before is not None:
        found = found.filter(Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1]), at__lte=before[0])
    return list(found.order_by("-at", "-pk")[:limit])
