"""Publishing and following events."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from yizhengtong.foundation.events.models import Event, Subscription
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.scope import once_a_request
from yizhengtong.kernel.ids import new_id

log = logging.getLogger(__name__)

Handler = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A handler for some kinds of events. It runs in a transaction with its position: it must not talk to outside."""

    name: str
    kinds: frozenset[str]
    handle: Handler


_subscribers: dict[str, Subscriber] = {}


def subscribe(name: str, kinds: frozenset[str], handle: Handler) -> None:
    """Register a subscriber; called once, when its app is ready."""
    _subscribers[name] = Subscriber(name, kinds, handle)


def subscriptions() -> tuple[str, ...]:
    """Return the names of all subscribers of this code."""
    return tuple(_subscribers)


def publish(
    kind: str, *, on: tuple[str, UUID], person_id: UUID | None, facts: Mapping[str, object] | None = None
) -> None:
    """Write that something happened, in the caller's transaction, and wake whoever follows."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT, [new_id(), kind, timezone.now(), on[0], on[1], person_id, json.dumps(dict(facts or {}))]
        )
    if any(kind in subscriber.kinds for subscriber in _subscribers.values()):
        once_a_request("events.wake", _wake)


def _wake() -> None:
    """Queue one delivery. Once a request is enough: its events become visible together."""
    wake("events.deliver")


def deliver(name: str, *, limit: int = 100) -> int:
    """Hand the next events to one subscriber, in order, and move its position. Returns how many it read.

    The tail ends before the oldest transaction still running: an event of a slow transaction is not overtaken.
    """
    subscriber = _subscribers[name]
    Subscription.objects.get_or_create(name=name)
    with transaction.atomic():
        position = Subscription.objects.select_for_update().get(name=name)
        events = list(Event.objects.raw(_TAIL, [position.transaction_id, position.sequence, limit]))
        for event in events:
            if event.kind in subscriber.kinds:
                subscriber.handle(event)
        if events:
            position.transaction_id = events[-1].transaction_id
            position.sequence = events[-1].sequence
            position.failures = 0
            position.save()
    return len(events)


def deliver_all() -> None:
    """Bring every subscriber up to date. One that fails is counted and left where it was; the others go on."""
    for subscription in _subscribers:
        try:
            while deliver(subscription):
                pass
        except Exception as error:  # noqa: BLE001 whatever a handler raises must not hold up the others; it is tried again
            log.error("events.delivery_failed subscriber=%s error=%s", subscription, type(error).__name__)
            Subscription.objects.filter(name=subscription).update(failures=F("failures") + 1)


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
