"""Copies that are no longer good: their holder ended them, their wallet lost them, or leave to collect them is over.

Leave is over with the representation of who gave it, and with the account: whoever had an account that was recovered
may have had its wallets, too.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from yizhengtong.credentials.issuance.models import Batch, IssuedCredential, Offer, Wallet
from yizhengtong.credentials.issuance.policies import ensure_may_end
from yizhengtong.credentials.status.services import StatusReference, withdraw
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.registry.people.models import Representation
from yizhengtong.registry.people.queries import may_act_for

REPRESENTATION_ENDED, ACCOUNT_RECOVERED = "people.representation_ended", "accounts.recovered"
FOLLOWED = frozenset({REPRESENTATION_ENDED, ACCOUNT_RECOVERED})
LOOKED_BACK = timedelta(days=30)
"""Ours: for how long after its last day a representation's copies are looked for, should the job not have run."""


@use_case
def end_wallet(*, wallet_id: UUID, by: Principal) -> Wallet:
    """End a wallet: every copy it holds becomes invalid. Raises NotFound for a stranger's.

    The tokens it collects with are another room's: whoever calls ends those too.
    """
    wallet = Wallet.objects.select_for_update(of=("self",)).select_related("person").filter(pk=wallet_id).first()
    if wallet is None:
        raise NotFound("not_found")
    ensure_may_end(wallet.person, by)
    end_batches(Batch.objects.filter(wallet=wallet, ended_at=None).select_related("permit"))
    wallet.ended_at = timezone.now()
    wallet.save(update_fields=["ended_at"])
    record_act("issuance.end_wallet", by=by, on=("wallet", wallet.pk), person_id=wallet.person_id)
    return wallet


def end_batches(batches: Iterable[Batch]) -> None:
    """Make the copies of some batches invalid. Each comes with its permit."""
    now = timezone.now()
    for batch in batches:
        copies = IssuedCredential.objects.filter(batch=batch)
        withdraw(batch.permit, [StatusReference(each.status_uri, each.status_index) for each in copies])
        batch.ended_at = now
        batch.save(update_fields=["ended_at"])


def follow_leave(event: Event) -> None:
    """End what was collected by leave that is over."""
    if event.kind == ACCOUNT_RECOVERED:
        end_leave_of_account(account_id=event.object_id)
    else:
        end_leave_of_representation(representation_id=event.object_id, on=legal_day(timezone.now()))


def end_leave_of_representations(on: date) -> int:
    """End what was collected by representations that ended of themselves, as when a child grew up. Returns how many."""
    over = Representation.objects.filter(until__lte=on, until__gt=on - LOOKED_BACK).order_by("id")
    keys = over.values_list("pk", flat=True)
    return sum(end_leave_of_representation(representation_id=key, on=on) for key in keys)


@use_case
def end_leave_of_account(*, account_id: UUID) -> int:
    """End what wallets collected by leave of an account that was lost, its holder's and wards' alike; its offers go."""
    Offer.objects.filter(made_by=account_id).delete()
    return _end_leave(Batch.objects.filter(account_id=account_id))


@use_case
def end_leave_of_representation(*, representation_id: UUID, on: date) -> int:
    """End what wallets of somebody hold of a person for whom they act no longer. Returns how many batches ended.

    Nothing ends before the representation has, nor while another one holds.
    """
    over = Representation.objects.select_related("representative", "represented").filter(pk=representation_id).first()
    if over is None or over.representative.account_id is None or may_act_for(over.representative, over.represented, on):
        return 0
    account_id = over.representative.account_id
    Offer.objects.filter(person=over.represented, made_by=account_id).delete()
    return _end_leave(Batch.objects.filter(person=over.represented, account_id=account_id))


def _end_leave(collected: QuerySet[Batch]) -> int:
    """End copies that are good, and wallets that hold nothing else; each permit's holder is told once.

    Wallets are locked before their batches, as where they collect.
    """
    living = Batch.objects.filter(ended_at=None, expires_on__gte=legal_day(timezone.now()))
    of_leave = (collected & living).order_by("id")
    keys = {each.pk for each in _locked(Wallet.objects.filter(pk__in=of_leave.values("wallet_id")))}
    batches = list(of_leave.filter(wallet_id__in=keys).select_related("permit").select_for_update(of=("self",)))
    end_batches(batches)
    holds = Exists(living.filter(wallet_id=OuterRef("pk")))
    Wallet.objects.filter(~holds, pk__in=keys, ended_at=None).update(ended_at=timezone.now())
    for permit_id, person_id in sorted({(each.permit_id, each.person_id) for each in batches}):
        record_act("issuance.end_leave", by=SYSTEM, on=("permit", permit_id), person_id=person_id)
        publish("wallets.ended", on=("permit", permit_id), person_id=person_id)
    return len(batches)


def _locked(wallets: QuerySet[Wallet]) -> list[Wallet]:
    return list(wallets.order_by("id").select_for_update())
