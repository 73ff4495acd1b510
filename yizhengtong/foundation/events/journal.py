"""Publishing and following events."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from yizhengtong.foundation.events.models import Event, Subscription
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.postgresql.together import Insert, insert
from yizhengtong.foundation.scope import once_a_request, request_scope
from yizhengtong.kernel.ids import new_id

log = logging.getLogger(__name__)

Handler = Callable[[Event], None]
Chooser = Callable[[Sequence[Event]], Sequence[Event]]

AT_ONCE = 100
_LOOK_AFTER = (0.0, 0.05, 0.05, 0.1, 0.2, 0.3, 0.3)
"""Seconds before each look for events that were held up. Rarer as it goes on: under load somebody always writes."""
_AGAIN_WITHIN = 2.0
"""Seconds after the last look until the next job looks, where a transaction goes on for longer than all of them."""
_TRIED_AGAIN_WITHIN = (2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds until a subscriber that failed is tried again, after each failure in a row; then by the sweep alone."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A handler for some kinds of events. It runs in a transaction with its position: it must not talk to outside.

    `choose`: of many events that come at once, those that are to be handled; of what happens so often that asking for
    each would be too much.
    """

    name: str
    kinds: frozenset[str]
    handle: Handler
    choose: Chooser | None = None


_subscribers: dict[str, Subscriber] = {}


def subscribe(name: str, kinds: frozenset[str], handle: Handler, *, choose: Chooser | None = None) -> None:
    """Register a subscriber; called once, when its app is ready."""
    _subscribers[name] = Subscriber(name, kinds, handle, choose)


def subscriptions() -> tuple[str, ...]:
    """Return the names of all subscribers of this code."""
    return tuple(_subscribers)


def publish(
    kind: str, *, on: tuple[str, UUID], person_id: UUID | None, facts: Mapping[str, object] | None = None
) -> None:
    """Write that something happened, in the caller's transaction, and wake whoever follows."""
    insert(event_of(kind, on=on, person_id=person_id, facts=facts))
    wake_followers(kind)


def event_of(
    kind: str, *, on: tuple[str, UUID], person_id: UUID | None, facts: Mapping[str, object] | None = None
) -> Insert:
    """Return what `publish` writes, for who writes it together with rows of their own, and wakes whoever follows."""
    told = json.dumps(dict(facts or {}))
    return Insert(_INSERT, [new_id(), kind, timezone.now(), on[0], on[1], person_id, told])


def wake_followers(kind: str, *, within: float = 0) -> None:
    """Wake whoever follows a kind: for those who write events by a statement of their own.

    Once a request is enough: its events become visible together. `within`: seconds that they may wait, of what happens
    so often that many are to be delivered in one go.
    """
    if any(kind in subscriber.kinds for subscriber in _subscribers.values()):
        once_a_request(f"events.wake {within}", lambda: wake("events.deliver", within=within))


def deliver(name: str, *, limit: int = AT_ONCE) -> int:
    """Hand the next events to one subscriber, in order, and move its position. Returns how many it read.

    The tail ends before the oldest transaction still running: an event of a slow transaction is not overtaken. What
    several handlers look up alike is looked up once.
    """
    subscriber = _subscribers[name]
    Subscription.objects.get_or_create(name=name)
    with request_scope(), transaction.atomic():
        position = Subscription.objects.select_for_update().get(name=name)
        events = list(Event.objects.raw(_TAIL, [position.transaction_id, position.sequence, limit]))
        followed = [event for event in events if event.kind in subscriber.kinds]
        for event in subscriber.choose(followed) if subscriber.choose else followed:
            subscriber.handle(event)
        if events:
            position.transaction_id = events[-1].transaction_id
            position.sequence = events[-1].sequence
            position.failures = 0
            position.save()
    return len(events)


def deliver_all() -> None:
    """Bring every subscriber up to date. One that fails is left where it was and tried again; the others go on.

    Events that wait for an older transaction to end are looked at again, for a second and then by a later job: it need
    not wake anybody when it ends.
    """
    failed: set[str] = set()
    for seconds in _LOOK_AFTER:
        time.sleep(seconds)
        _move_on()
        for name in _behind():
            if name not in failed and not _bring_up_to_date(name):
                failed.add(name)
        if not _is_held_up():
            break
    else:
        wake("events.deliver", within=_AGAIN_WITHIN)
    if failed:
        _try_again(failed)


def _bring_up_to_date(subscriber: str) -> bool:
    """Return whether a subscriber took all there was."""
    try:
        while deliver(subscriber) == AT_ONCE:
            pass
    except Exception as error:  # noqa: BLE001 whatever a handler raises must not hold up the others; it is tried again
        log.error("events.delivery_failed subscriber=%s error=%s", subscriber, type(error).__name__)
        Subscription.objects.filter(name=subscriber).update(failures=F("failures") + 1)
        return False
    return True


def _try_again(failed: set[str]) -> None:
    """Have a later job deliver: what failed over a lock or a lost connection must not wait for the minute's sweep."""
    failures = Subscription.objects.filter(name__in=failed).aggregate(fewest=Min("failures"))["fewest"]
    if failures and failures <= len(_TRIED_AGAIN_WITHIN):
        wake("events.retry", within=_TRIED_AGAIN_WITHIN[failures - 1])


def _move_on() -> None:
    """Move everybody to the end of the tail who wants nothing of it, in one statement."""
    wanted = [{"name": each.name, "kinds": sorted(each.kinds)} for each in _subscribers.values()]
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_ON, [json.dumps(wanted)])


def _behind() -> list[str]:
    """Return the subscribers that have events to read, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [list(_subscribers)])
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in _subscribers if name in found]


def _is_held_up() -> bool:
    """Whether an event waits for an older transaction to end."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_UP)
        return bool(cursor.fetchone()[0])


_INSERT = """
    INSERT INTO events_event (id, kind, at, object_kind, object_id, person_id, facts)
    VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)
"""

_TAIL = """
    SELECT * FROM events_event
    WHERE (transaction_id, sequence) > (%s::xid8, %s)
      AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction_id, sequence
    LIMIT %s
"""

_MOVED_ON = """
    UPDATE events_subscription reader SET transaction_id = newest.transaction_id, sequence = newest.sequence
    FROM (
        SELECT transaction_id, sequence FROM events_event
        WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY transaction_id DESC, sequence DESC LIMIT 1
    ) newest, jsonb_to_recordset(%s::jsonb) AS wanting (name text, kinds jsonb)
    WHERE reader.name = wanting.name
      AND (reader.transaction_id, reader.sequence) < (newest.transaction_id, newest.sequence)
      AND NOT EXISTS (
          SELECT FROM events_event event
          WHERE (event.transaction_id, event.sequence) > (reader.transaction_id, reader.sequence)
            AND (event.transaction_id, event.sequence) <= (newest.transaction_id, newest.sequence)
            AND wanting.kinds ? event.kind
      )
"""

_BEHIND = """
    SELECT wanting.name FROM unnest(%s::text[]) AS wanting (name)
    LEFT JOIN events_subscription reader ON reader.name = wanting.name
    WHERE reader.name IS NULL OR EXISTS (
        SELECT FROM events_event
        WHERE (transaction_id, sequence) > (reader.transaction_id, reader.sequence)
          AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    )
"""

_HELD_UP = """
    SELECT EXISTS (
        SELECT FROM events_event
        WHERE transaction_id >= pg_snapshot_xmin(pg_current_snapshot())
          AND transaction_id IS DISTINCT FROM pg_current_xact_id_if_assigned()
    )
"""
