"""The outbox's way: claimed, attempted, acknowledged (docs/adr/0038).

The attempt is noted and committed before anything is sent, the acknowledgement after. Who dies in between leaves a
delivery `sending`; after the lease it is `unsure`, and only then it is asked about or, by policy, sent again.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yizhengtong.foundation.notifications.channels.choosing import way_of
from yizhengtong.foundation.notifications.channels.contract import (
    Accepted,
    Known,
    Outgoing,
    Rejected,
    TryLater,
    Unsure,
    Way,
)
from yizhengtong.foundation.notifications.models import Delivery, DeliveryState
from yizhengtong.foundation.notifications.receipts import note_parts
from yizhengtong.foundation.notifications.rules import LEASE, MOST_ATTEMPTS, QuietHours, next_try

log = logging.getLogger(__name__)
State = DeliveryState
MOST_AT_ONCE = 20
"""A job's share: what an event leads to waits behind it on a busy worker."""
Ways = Callable[[str], Way | None]


def send_waiting(*, ways: Ways = way_of, most: int = MOST_AT_ONCE) -> int:
    """Send what is due, one by one, until nothing is or `most` were tried. Never in a transaction. Returns how many."""
    sent = 0
    while sent < most and (delivery := _claim()) is not None:
        _attempt(delivery, ways)
        sent += 1
    return sent


def _claim() -> Delivery | None:
    """Take the next delivery that is due, for this process alone, and note that it is being tried."""
    while True:
        with transaction.atomic():
            delivery = _next_due()
            if delivery is None:
                return None
            if _takes_its_turn(delivery, timezone.now()):
                return delivery


def _next_due() -> Delivery | None:
    due = Delivery.objects.filter(state=State.WAITING, not_before__lte=timezone.now()).order_by("not_before")
    return due.select_for_update(skip_locked=True, of=("self",)).first()


def _takes_its_turn(delivery: Delivery, now: datetime) -> bool:
    """Note the attempt, unless it is too late or too early in the day after all."""
    quiet = _quiet(delivery)
    if delivery.expires_at <= now:
        _settle(delivery, State.EXPIRED, "notifications.too_late")
    elif quiet is not None and quiet.holds(now):
        delivery.not_before = quiet.end_after(now)
        delivery.save(update_fields=["not_before"])
    else:
        delivery.state, delivery.attempted_at = State.SENDING, now
        delivery.attempts += 1
        delivery.save(update_fields=["state", "attempted_at", "attempts"])
        return True
    return False


def _attempt(delivery: Delivery, ways: Ways) -> None:
    """Send, and note what came of it. What no way foresees leaves the delivery `sending`, and so unsure later."""
    _conclude(delivery.pk, _outcome(delivery, ways))


def _outcome(delivery: Delivery, ways: Ways) -> Callable[[Delivery], None]:
    way = ways(delivery.channel)
    if way is None:
        return partial(_put_off, code="notifications.no_way_out")
    try:
        accepted = way.send(_outgoing(delivery))
    except Rejected as problem:
        return partial(_settle, state=State.FAILED, code=problem.code)
    except TryLater as problem:
        return partial(_put_off, code=problem.code, least=problem.least)
    except Unsure as problem:
        return partial(_leave_unsure, code=problem.code)
    return partial(_acknowledge, accepted=accepted)


def _outgoing(delivery: Delivery) -> Outgoing:
    return Outgoing(delivery.pk.hex, delivery.address, delivery.subject, delivery.text)


@transaction.atomic
def _conclude(key: UUID, write: Callable[[Delivery], None]) -> None:
    """Write what came of an attempt; of one that others have taken over meanwhile, only an acknowledgement counts."""
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=key)
    if row.state in (State.SENDING, State.UNSURE):
        write(row)


def _acknowledge(row: Delivery, accepted: Accepted) -> None:
    row.state, row.failure, row.accepted_at = State.ACCEPTED, "", timezone.now()
    row.settled_at = row.accepted_at if accepted.is_final else None
    _without_code(row)
    row.save()
    if not accepted.is_final:
        note_parts(row.pk, accepted.provider_ids)


def _settle(row: Delivery, state: str, code: str) -> None:
    row.state, row.failure, row.settled_at = state, code, timezone.now()
    _without_code(row)
    row.save()
    log.warning("notifications.not_sent delivery=%s channel=%s code=%s", row.pk, row.channel, code)


def _put_off(row: Delivery, code: str, *, least: timedelta = timedelta()) -> None:
    at = next_try(timezone.now(), row.attempts, row.expires_at, random.random, least=least)
    if at is None:
        _settle(row, State.FAILED, code)
        return
    quiet = _quiet(row)
    row.state, row.failure, row.not_before = State.WAITING, code, quiet.end_after(at) if quiet else at
    row.save(update_fields=["state", "failure", "not_before"])


def _leave_unsure(row: Delivery, code: str) -> None:
    row.state, row.failure = State.UNSURE, code
    row.save(update_fields=["state", "failure"])


def settle_unsure(*, ways: Ways = way_of, most: int = MOST_AT_ONCE) -> int:
    """Look after what may have gone: ask who can tell, send again by policy, leave the rest for people. Returns how
    many were looked at.

    Sent again, where nobody can tell: what a way repeats safely, and what the law wants told. What a person merely
    wished for is rather lost than doubled.
    """
    _take_over_abandoned()
    open_ones = Delivery.objects.filter(state=State.UNSURE, settled_at=None).order_by("attempted_at")
    keys = list(open_ones.values_list("pk", flat=True)[:most])
    for key in keys:
        _settle_one(key, ways)
    return len(keys)


def _take_over_abandoned() -> None:
    """What is still being sent after the lease was left by a process that died."""
    abandoned = Delivery.objects.filter(state=State.SENDING, attempted_at__lt=timezone.now() - LEASE)
    for row in abandoned.order_by("attempted_at")[:MOST_AT_ONCE]:
        with transaction.atomic():
            held = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                pk=row.pk, state=State.SENDING, attempted_at=row.attempted_at
            )
            for each in held:
                _leave_unsure(each, "notifications.sender_died")


def _settle_one(key: UUID, ways: Ways) -> None:
    delivery = Delivery.objects.get(pk=key)
    way = ways(delivery.channel)
    if way is None:
        return
    known = way.ask(delivery.pk.hex)
    if known == Known.HAS_IT:
        _conclude(key, lambda row: _acknowledge(row, Accepted((f"{way.name}:{row.pk.hex}",), is_final=False)))
    elif known == Known.HAS_IT_NOT or way.repeats_safely:
        _conclude(key, lambda row: _put_off(row, row.failure))
    elif delivery.is_due and delivery.attempts < MOST_ATTEMPTS:
        _conclude(key, lambda row: _put_off(row, "notifications.sent_again"))
    else:
        _conclude(key, _give_up)


def _give_up(row: Delivery) -> None:
    row.settled_at = timezone.now()
    _without_code(row)
    row.save()
    log.warning("notifications.left_unsure delivery=%s channel=%s", row.pk, row.channel)


def _quiet(delivery: Delivery) -> QuietHours | None:
    if delivery.quiet_from is None or delivery.quiet_until is None:
        return None
    return QuietHours(delivery.quiet_from, delivery.quiet_until)


def _without_code(row: Delivery) -> None:
    """A code that has gone is kept nowhere."""
    if row.message_id is None:
        row.text = ""
