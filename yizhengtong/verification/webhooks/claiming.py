"""Taking notices to send and writing down what came of them: each a short transaction, nothing is sent within.

The rules are those of the exchange's outbox: who takes a notice leases it, those of one subscription go one after the
other, an address that fails again and again rests and is then tried with one.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.exchange.claiming import LEASE, Told
from yizhengtong.foundation.exchange.rules import FAILURES_TO_OPEN, asked_to_wait, rest_after
from yizhengtong.kernel.dates import legal_day
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.webhooks.bounds import FIRST_WAIT, LONGEST_WAIT
from yizhengtong.verification.webhooks.models import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from yizhengtong.verification.webhooks.notices import Verdict, verdict_of, wait_after
from yizhengtong.verification.webhooks.services import close_endpoint
from yizhengtong.verification.webhooks.standing import stands


@dataclass(frozen=True, slots=True)
class Answered(Told):
    """What an address answered; `is_proven`: to a challenge as it must be."""

    is_proven: bool = True


def open_endpoints() -> list[Endpoint]:
    """Return the addresses that something waits for and that do not rest, those that answer first.

    Only of parties that are active, and only those that are still registered by a member.
    """
    now = timezone.now()
    due = Delivery.objects.filter(endpoint=OuterRef("pk")).filter(_is_due(now))
    registered = RelyingPartyAddress.objects.filter(
        relying_party=OuterRef("party"), kind=RelyingPartyAddress.Kind.WEBHOOK, uri=OuterRef("url")
    )
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    found = Endpoint.objects.filter(rested, Exists(registered), Exists(due), party__is_active=True)
    return list(found.exclude(state=EndpointState.ENDED).order_by("failures", "pk"))


def _is_due(now: datetime) -> Q:
    return Q(state=DeliveryState.WAITING, not_before__lte=now) | Q(state=DeliveryState.SENDING, leased_until__lt=now)


@transaction.atomic
def claim(endpoint: Endpoint, limit: int) -> list[Delivery]:
    """Take up to `limit` notices to send now, for the length of the lease; to one that has not proved itself, its
    challenge alone."""
    is_trial = endpoint.failures >= FAILURES_TO_OPEN
    kinds = [DeliveryKind.CHALLENGE] if endpoint.state == EndpointState.PENDING else list(DeliveryKind)
    now = timezone.now()
    order = "notice.attempts, notice.id" if is_trial else "notice.position, notice.id"
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(order=order),
            [now + LEASE, endpoint.pk, [str(kind) for kind in kinds], now, now, 1 if is_trial else limit],
        )
        keys = [row[0] for row in cursor.fetchall()]
    found = Delivery.objects.filter(pk__in=keys).select_related("endpoint__party", "subscription__party")
    return [each for each in found.order_by("position", "pk") if _is_ready(each)]


def _is_ready(delivery: Delivery) -> bool:
    """Look at the basis once more, and record before it leaves that somebody is told."""
    subscription = delivery.subscription
    if subscription is None:
        return True
    if not stands(subscription, legal_day(timezone.now())):
        _settle_as(delivery, state=DeliveryState.DROPPED, settled_at=timezone.now())
        return False
    if delivery.attempts == 1:
        record_read(
            "webhooks.tell",
            by=Principal(PrincipalKind.PARTNER, delivery.endpoint.party_id),
            on=("subscription", subscription.pk),
            person_id=subscription.person_id,
            purpose=subscription.purpose,
            fields=["state"],
        )
    return True


@transaction.atomic
def settle(delivery: Delivery, told: Told) -> Verdict | None:
    """Write down what came of a notice that this worker claimed. Returns None where another has taken it since."""
    verdict, now = verdict_of(told.status), timezone.now()
    is_unproven = verdict == Verdict.ACKNOWLEDGED and isinstance(told, Answered) and not told.is_proven
    if is_unproven:
        verdict = Verdict.LATER
    # The address before its notices, as who ends it locks them.
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=delivery.endpoint_id)
    if not _settle_as(delivery, **_outcome(delivery, verdict, told, now, is_unproven=is_unproven)):
        return None
    if verdict == Verdict.GONE and endpoint.state != EndpointState.ENDED:
        close_endpoint(endpoint)
    elif verdict == Verdict.LATER:
        _note_failure(endpoint, told, now)
    elif verdict == Verdict.ACKNOWLEDGED:
        _note_health(endpoint, delivery, now)
    return verdict


@transaction.atomic
def release(delivery: Delivery) -> None:
    """Give back what was claimed and not sent."""
    _settle_as(delivery, state=DeliveryState.WAITING)


def _settle_as(delivery: Delivery, **columns: object) -> int:
    ours = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts)
    return ours.update(**columns, leased_until=None)


def _outcome(
    delivery: Delivery, verdict: Verdict, told: Told, now: datetime, *, is_unproven: bool
) -> dict[str, object]:
    if verdict == Verdict.ACKNOWLEDGED:
        return {"state": DeliveryState.ACKNOWLEDGED, "settled_at": now, "status": told.status, "failure": ""}
    failure = "webhooks.no_answer" if told.status is None else "webhooks.answered_wrong"
    failed = {"status": told.status, "failure": "webhooks.proof_wrong" if is_unproven else failure}
    wait = wait_after(delivery.attempts, random.random(), FIRST_WAIT, LONGEST_WAIT)  # noqa: S311 no secret
    again = now + max(wait, asked_to_wait(told.retry_after, now) or timedelta(0))
    if verdict == Verdict.GONE or again > delivery.give_up_at:
        return {**failed, "state": DeliveryState.DEAD, "settled_at": now}
    return {**failed, "state": DeliveryState.WAITING, "not_before": again}


def _note_failure(endpoint: Endpoint, told: Told, now: datetime) -> None:
    """Leave an address alone after failures in a row, and as long as it asks for."""
    endpoint.failures += 1
    waits = (rest_after(endpoint.failures, random.random()), asked_to_wait(told.retry_after, now))  # noqa: S311 no secret
    until = [now + wait for wait in waits if wait is not None]
    if until:
        endpoint.rests_until = max([*until, endpoint.rests_until or now])
    endpoint.save(update_fields=["failures", "rests_until"])


def _note_health(endpoint: Endpoint, delivery: Delivery, now: datetime) -> None:
    """Forget the failures of an address that answers again; what waited for it goes at once."""
    was_away = endpoint.failures >= FAILURES_TO_OPEN
    if delivery.kind == DeliveryKind.CHALLENGE and endpoint.state == EndpointState.PENDING:
        endpoint.state = EndpointState.ON
    endpoint.failures, endpoint.rests_until = 0, None
    endpoint.save(update_fields=["state", "failures", "rests_until"])
    if was_away:
        Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.WAITING).update(
            not_before=models.functions.Least("not_before", models.Value(now))
        )


_CLAIM = """
    UPDATE webhooks_delivery SET state = 'sending', attempts = attempts + 1, leased_until = %s
    WHERE id = ANY (ARRAY (
        SELECT notice.id FROM webhooks_delivery notice
        WHERE notice.endpoint_id = %s AND notice.kind = ANY (%s)
          AND (notice.state = 'waiting' AND notice.not_before <= %s
               OR notice.state = 'sending' AND notice.leased_until < %s)
          AND NOT EXISTS (
              SELECT FROM webhooks_delivery earlier
              WHERE earlier.subscription_id = notice.subscription_id AND earlier.position < notice.position
                AND earlier.state IN ('waiting', 'sending')
          )
        ORDER BY {order} LIMIT %s FOR UPDATE SKIP LOCKED
    ))
    RETURNING id
"""
"""A notice that was given up does not stand in the way of the later ones: the newest state is what counts."""
