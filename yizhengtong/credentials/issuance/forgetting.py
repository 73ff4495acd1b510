"""What is no longer needed of offers, nonces, deferrals and copies goes; copies that are still good are kept."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from yizhengtong.credentials.issuance import nonces
from yizhengtong.credentials.issuance.models import Batch, Deferral, Offer, Wallet
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day

AT_ONCE = 500


def forget_ended(*, before: datetime, person_id: UUID | None = None) -> int:
    """Delete copies ended or expired before an instant, of one person or of all. Returns how many batches.

    With one person's goes what their wallets wait for, and what was offered to them. In steps, each a transaction with
    its own entry in the trail: cut off anywhere, the next run goes on.
    """
    forgotten = 0
    if person_id is not None:
        _forget_waiting(person_id=person_id)
    while step := _forget_some(before=before, person_id=person_id):
        forgotten += step
    return forgotten


def forget_passing() -> int:
    """Delete what lasts minutes or weeks by itself: offers, nonces, deferrals whose time is over. Returns how many."""
    now = timezone.now()
    return (
        nonces.forget_ended()
        + Offer.objects.filter(expires_at__lt=now).delete()[0]
        + Deferral.objects.filter(expires_at__lt=now).delete()[0]
    )


@use_case
def _forget_waiting(*, person_id: UUID) -> None:
    waiting = Deferral.objects.filter(person_id=person_id).delete()[0]
    offers = Offer.objects.filter(person_id=person_id).delete()[0]
    if waiting or offers:
        record_act("issuance.forget", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
                   fields=[f"deferrals:{waiting}", f"offers:{offers}"])  # fmt: skip


@use_case
def _forget_some(*, before: datetime, person_id: UUID | None) -> int:
    due = Batch.objects.filter(Q(ended_at__lt=before) | Q(expires_on__lt=legal_day(before))).order_by("id")
    due = due.filter(person_id=person_id) if person_id else due
    batches = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "wallet_id")[:AT_ONCE])
    if not batches:
        return 0
    Batch.objects.filter(pk__in=[key for key, _ in batches]).delete()
    Wallet.objects.filter(pk__in={wallet for _, wallet in batches}, batches=None).delete()
    record_act("issuance.forget", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
               fields=[f"batches:{len(batches)}"])  # fmt: skip
    return len(batches)
