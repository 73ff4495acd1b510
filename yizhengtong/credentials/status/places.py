"""Drawing places in the open list, at random, so that nothing tells which copies belong together."""

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import reference
from yizhengtong.credentials.status.models import StatusList
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.kernel.errors import Conflict

MOST_AT_ONCE = 1000
_ROUNDS = 8
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class StatusReference:
    """The place of one copy: the list's address and the index in it."""

    uri: str
    index: int

    @property
    def claim(self) -> dict[str, object]:
        """What the credential says of its status: the value of its `status`."""
        return reference(self.uri, self.index)


def draw_places(permit_id: UUID, count: int, until: date) -> list[StatusReference]:
    """Take `count` free places for a permit's copies. Raises Conflict `status.places_used_up`."""
    found: list[StatusReference] = []
    for _ in range(_ROUNDS):
        listed = _drawn_from.get(settings.YZT_ADDRESS) or _open_list()
        positions = _taken(listed, permit_id, count - len(found), until)
        _random.shuffle(positions)
        found += [StatusReference(listed.uri, position) for position in positions]
        if len(found) == count:
            _drawn_from[listed.address] = listed
            return found
        _drawn_from.pop(listed.address, None)
    raise Conflict("status.places_used_up")  # nobody closed a list that is full: the worker has been away for long


_drawn_from: dict[str, StatusList] = {}
"""By address, the list that this process drew from last. Once closed, or never committed, it has no place to give."""


def _open_list() -> StatusList:
    """Return the list that places are drawn from; the first who needs one opens it."""
    waiting = StatusList.objects.filter(address=settings.YZT_ADDRESS, closed_at=None)
    found = waiting.first()
    if found is None:
        opened = StatusList(address=settings.YZT_ADDRESS, dirty_since=timezone.now())
        StatusList.objects.bulk_create([opened], ignore_conflicts=True)  # who comes second waits, and takes the first's
        wake("status.build")
        found = waiting.get()
    return found


def _taken(listed: StatusList, permit_id: UUID, count: int, until: date) -> list[int]:
    """Take up to `count` free places among more that are drawn; none of a list that is not open.

    A place that another transaction is taking is passed over: who draws waits for nobody, so no two wait in a ring.
    """
    drawn = list(dict.fromkeys(secrets.randbelow(listed.size) for _ in range(3 * count + 16)))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [permit_id, until, drawn, listed.pk, count])
        return [position for (position,) in cursor.fetchall()]


_TAKE = """
    INSERT INTO status_entry (list_id, position, permit_id, until, is_withdrawn)
    SELECT free.list_id, free.position, %s, %s, false FROM (
        SELECT listed.id AS list_id, drawn.position
        FROM status_statuslist listed, unnest(%s::int[]) WITH ORDINALITY AS drawn (position, at_random)
        WHERE listed.id = %s AND listed.closed_at IS NULL AND NOT EXISTS (
            SELECT FROM status_entry taken WHERE taken.list_id = listed.id AND taken.position = drawn.position
        )
        ORDER BY drawn.at_random LIMIT %s
    ) free WHERE pg_try_advisory_xact_lock(hashtext(free.list_id::text), free.position)
    ON CONFLICT DO NOTHING RETURNING position
"""
