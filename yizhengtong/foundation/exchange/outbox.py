"""From the journal of events into the outbox, in the transaction that moves the subscription's position."""

import logging

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange.contents import followed
from yizhengtong.foundation.exchange.envelopes import MOST_BYTES, Envelope, type_of, write
from yizhengtong.foundation.exchange.models import Destination, DestinationState, Push, PushState
from yizhengtong.foundation.observability.jobs import wake as wake_task
from yizhengtong.foundation.scope import once_a_request
from yizhengtong.foundation.vault.indexes import blind_index

log = logging.getLogger(__name__)


def collect(event: Event) -> None:
    """Write an event into the outbox of every destination that follows its kind. Once an event and destination."""
    for destination in once_a_request("exchange.destinations", _not_ended):
        if event.kind in destination.kinds and destination.after < event.sequence:
            _collect_for(destination, event)


def _not_ended() -> list[Destination]:
    return list(Destination.objects.exclude(state=DestinationState.ENDED))


def _collect_for(destination: Destination, event: Event) -> None:
    push = Push(
        destination=destination,
        position=_next_position(),
        event_id=event.pk,
        kind=event.kind,
        person_id=event.person_id,
        stream=event.person_id or event.object_id,
        object_kind=event.object_kind,
        object_id=event.object_id,
        happened_at=event.at,
        not_before=timezone.now(),
    )
    if fill(push, event):
        Push.objects.bulk_create([push], ignore_conflicts=True)
        once_a_request("exchange.wake", wake)


def fill(push: Push, event: Event) -> bool:
    """Put the body into a push. Returns whether there is anything to tell. What goes wrong makes it a dead letter."""
    try:
        with transaction.atomic():
            return _fill(push, event)
    except Exception as error:  # noqa: BLE001 whatever a room above raises holds up one person's pushes and no others
        log.error("exchange.content_failed kind=%s error=%s", push.kind, type(error).__name__)
        push.state, push.failure, push.body = PushState.DEAD, "exchange.content_failed", None
        return True


def _fill(push: Push, event: Event) -> bool:
    kind = followed()[event.kind]
    content = kind.provider(event, push.destination.content)
    if content is None:
        return False
    envelope = Envelope(
        id=str(event.pk),
        source=f"urn:yizhengtong:{settings.YZT_REGION}",
        type=type_of(kind.subject, kind.name),
        subject=content.subject,
        time=event.at,
        dataschema=kind.dataschema,
        sequence=f"{push.position:020d}",
        partitionkey=blind_index(f"exchange.{push.destination_id}", str(push.stream)).hex(),
    )
    push.body, push.told = write(envelope, content.data), list(content.told)
    if len(push.body.encode()) > MOST_BYTES:
        raise ValueError("an event tells too much")
    return True


def wake() -> None:
    """Queue the pushing."""
    wake_task("exchange.push")


def _next_position() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('exchange_push_position')")
        return int(cursor.fetchone()[0])
