"""Taking pushes to send and writing down what came of them: each a short transaction, nothing is sent within.

One of a person is under way at a time: what an earlier one has not settled stands in the way of the later ones. Who
takes a push leases it; when a worker dies, another takes it after the lease. What a late worker reports of a push that
another has taken since is not written down.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange.models import Destination, DestinationState, Push, PushState
from yizhengtong.foundation.exchange.outbox import fill
from yizhengtong.foundation.exchange.rules import FAILURES_TO_OPEN, Verdict, asked_to_wait, rest_after, wait_after
from yizhengtong.foundation.exchange.rules import verdict_of as judged
from yizhengtong.foundation.vault.errors import UnknownEnvelope

LEASE = timedelta(seconds=60)
"""Longer than a question may take, from the claim to the last byte of the answer."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """A destination as the one who gets to see personal data."""

    id: UUID
    kind: str = "partner"
    office_id: None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a destination answered: a status, or none at all; what it asked for in Retry-After."""

    status: int | None
    retry_after: str = ""


def open_destinations() -> list[Destination]:
    """Return the destinations that are on and do not rest."""
    now = timezone.now()
    found = Destination.objects.filter(Q(rests_until=None) | Q(rests_until__lte=now), state=DestinationState.ON)
    return list(found.order_by("pk"))


@transaction.atomic
def claim(destination: Destination, limit: int) -> list[Push]:
    """Take up to `limit` pushes to send now, for the length of the lease.

    A destination that was left alone for its failures is tried with one, the least tried first: a push that always
    fails must not stand for the destination.
    """
    is_trial = destination.failures >= FAILURES_TO_OPEN
    now = timezone.now()
    order = "push.attempts, push.position" if is_trial else "push.position"
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(order=order), [now + LEASE, now, destination.pk, now, now, 1 if is_trial else limit]
        )
        keys = [row[0] for row in cursor.fetchall()]
    found = Push.objects.filter(pk__in=keys).select_related("destination").order_by("position")
    return [push for push in found if _is_ready(push)]


def _is_ready(push: Push) -> bool:
    """Fill a push whose body was dropped to be made anew, and record, before it leaves, that somebody is told."""
    is_new = push.attempts == 1
    if not _has_body(push):
        is_new = True
        event = Event.objects.filter(pk=push.event_id).first()
        if event is None or not fill(push, event):
            push.state, push.failure = PushState.DEAD, "exchange.content_failed"
        push.save(update_fields=["body", "told", "state", "failure"])
    if push.state == PushState.DEAD:
        return False
    if is_new:
        record_read(
            "exchange.push",
            by=Receiving(push.destination_id),
            on=(push.object_kind, push.object_id),
            person_id=push.person_id,
            purpose="provision",
            fields=push.told,
        )
    return True


def _has_body(push: Push) -> bool:
    try:
        return push.body is not None
    except UnknownEnvelope:  # logged by the vault; it is made anew
        return False


@transaction.atomic
def settle(push: Push, told: Told) -> Verdict | None:
    """Write down what came of a push that this worker claimed. Returns None where another has taken it since."""
    verdict, now = judged(told.status), timezone.now()
    if not _ours(push).update(**_outcome(push, verdict, told, now)):
        return None
    if verdict == Verdict.LATER:
        _note_failure(push.destination_id, told, now)
    elif push.destination.failures:  # as it was at the claim: a success after a failure is claimed after it, too
        _note_health(push.destination_id, now)
    return verdict


@transaction.atomic
def release(pushes: Sequence[Push]) -> None:
    """Give back what was claimed and not sent."""
    for push in pushes:
        _ours(push).update(state=PushState.WAITING, leased_until=None)


def _ours(push: Push) -> "models.QuerySet[Push]":
    return Push.objects.filter(pk=push.pk, state=PushState.SENDING, attempts=push.attempts)


def _outcome(push: Push, verdict: Verdict, told: Told, now: datetime) -> dict[str, object]:
    if verdict == Verdict.ACKNOWLEDGED:
        return {
            "state": PushState.ACKNOWLEDGED, "acknowledged_at": now, "body": None, "leased_until": None,
            "status": told.status, "failure": "",
        }  # fmt: skip
    if verdict == Verdict.DEAD:
        return {
            "state": PushState.DEAD, "leased_until": None, "status": told.status, "failure": "exchange.refused",
        }  # fmt: skip
    wait = max(wait_after(push.attempts, random.random()), asked_to_wait(told.retry_after, now) or timedelta(0))  # noqa: S311 no secret
    failure = "exchange.no_answer" if told.status is None else "exchange.answered_later"
    return {
        "state": PushState.WAITING, "leased_until": None, "status": told.status, "failure": failure,
        "not_before": now + wait,
    }  # fmt: skip


def _note_failure(destination_id: UUID, told: Told, now: datetime) -> None:
    """Leave a destination alone after failures in a row, and as long as it asks for."""
    destination = Destination.objects.select_for_update().get(pk=destination_id)
    destination.failures += 1
    rests = rest_after(destination.failures, random.random())  # noqa: S311 no secret
    asked = asked_to_wait(told.retry_after, now)
    until = [now + wait for wait in (rests, asked) if wait is not None]
    destination.rests_until = max([*until, destination.rests_until or now]) if until else destination.rests_until
    destination.save(update_fields=["failures", "rests_until"])


def _note_health(destination_id: UUID, now: datetime) -> None:
    """Forget the failures of a destination that answers again; what waited for it goes at once."""
    found = Destination.objects.filter(pk=destination_id, failures__gt=0)
    was_away = found.filter(failures__gte=FAILURES_TO_OPEN).exists()
    if found.update(failures=0, rests_until=None) and was_away:
        Push.objects.filter(destination=destination_id, state=PushState.WAITING, not_before__gt=now).update(
            not_before=now
        )


_CLAIM = """
    UPDATE exchange_push SET state = 'sending', attempts = attempts + 1, leased_until = %s,
        handed_over_at = coalesce(handed_over_at, %s)
    WHERE id = ANY (ARRAY (
        SELECT push.id FROM exchange_push push
        WHERE push.destination_id = %s
          AND (push.state = 'waiting' AND push.not_before <= %s OR push.state = 'sending' AND push.leased_until < %s)
          AND NOT EXISTS (
              SELECT FROM exchange_push earlier
              WHERE earlier.destination_id = push.destination_id AND earlier.stream = push.stream
                AND earlier.position < push.position AND earlier.state IN ('waiting', 'sending', 'dead')
          )
        ORDER BY {order} LIMIT %s FOR UPDATE SKIP LOCKED
    ))
    RETURNING id
"""
"""The ARRAY is computed once: joined, a LIMIT under FOR UPDATE may be looked up again and take more."""
