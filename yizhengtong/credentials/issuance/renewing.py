"""Copies whose issuer key is no longer used: which wallets collect anew.

A copy cannot be signed again without its wallet: the holder's key and the claims are not kept. So its batch is marked
as due, the holder is told, and the wallet collects with its refresh token. Marking goes in steps, each a transaction
that notes how far it came: killed anywhere, the next run goes on.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.credentials.issuance.models import Batch, Renewal
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day

AT_ONCE = 500
_SIGNING_COPIES = frozenset({"sd_jwt", "mdoc"})
KEY_ROTATED, KEY_LOST = "credentials.key_rotated", "credentials.key_lost"
FOLLOWED = frozenset({KEY_ROTATED, KEY_LOST})


def follow_key(event: Event) -> None:
    """Begin a renewal when a key that signs copies was rotated or lost."""
    facts = event.facts
    if facts.get("use") not in _SIGNING_COPIES:
        return
    is_lost = event.kind == KEY_LOST
    key_id = facts["key"] if is_lost else facts["before"]
    begin_renewal(key_id=key_id, reason=Renewal.Reason.LOST if is_lost else Renewal.Reason.ROTATED)


@use_case
def begin_renewal(*, key_id: str, reason: str) -> None:
    """Have every batch that a key signed collected anew; begun once for each reason."""
    try:
        with transaction.atomic():
            Renewal.objects.create(key_id=key_id, reason=reason)
    except IntegrityError:
        return
    record_act("issuance.renew", by=SYSTEM, on=("renewal", None), person_id=None, fields=[reason])
    wake("issuance.renew")


def continue_renewals(*, at_once: int = AT_ONCE) -> int:
    """Mark all that is still to be marked. Returns how many batches were."""
    marked = 0
    for key in Renewal.objects.filter(done_at=None).order_by("id").values_list("pk", flat=True):
        while (step := _mark_some(renewal_id=key, at_once=at_once)) is not None:
            marked += step
    return marked


@use_case
def _mark_some(*, renewal_id: UUID, at_once: int) -> int | None:
    """Mark the next batches of one renewal; None once there are no more, or another process is at it."""
    renewal = Renewal.objects.select_for_update(skip_locked=True).filter(pk=renewal_id, done_at=None).first()
    if renewal is None:
        return None
    now = timezone.now()
    left = Batch.objects.filter(key_id=renewal.key_id, ended_at=None, due_at=None, expires_on__gte=legal_day(now))
    left = left.filter(pk__gt=renewal.position) if renewal.position else left
    batches = list(left.order_by("pk").select_for_update(of=("self",))[:at_once])
    if not batches:
        renewal.done_at = now
        renewal.save(update_fields=["done_at"])
        return None
    Batch.objects.filter(pk__in=[each.pk for each in batches]).update(due_at=now)
    for permit_id, person_id in {(each.permit_id, each.person_id) for each in batches}:
        publish("wallets.renewal_due", on=("permit", permit_id), person_id=person_id,
                facts={"renewal": str(renewal.pk), "reason": renewal.reason})  # fmt: skip
    renewal.position, renewal.marked = batches[-1].pk, renewal.marked + len(batches)
    renewal.save(update_fields=["position", "marked"])
    return len(batches)
