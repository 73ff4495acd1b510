"""Which wallets hold a permit or may collect it, in which forms: for the holder and for officers. No copy is opened."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.strict import decode_base64url
from yizhengtong.credentials.issuance.copies import offered_types
from yizhengtong.credentials.issuance.models import Batch, Renewal, Wallet
from yizhengtong.permitting.permits.models import Permit

__all__ = [
    "Collected", "FormHeld", "MayCollect", "RenewalShown", "forms_of", "holding_none", "renewals", "wallet_of",
    "wallets_of",
]  # fmt: skip


class MayCollect(Protocol):
    """What somebody allowed a wallet, as verification.authorization keeps it; that room is above this one."""

    @property
    def pk(self) -> UUID: ...
    @property
    def dpop_thumbprint(self) -> str: ...
    @property
    def configuration_ids(self) -> Collection[str]: ...


Allowed = TypeVar("Allowed", bound=MayCollect)


@dataclass(frozen=True, slots=True)
class FormHeld:
    """A form of a permit in wallets. `copies`: good today; `is_due`: some are to be collected anew."""

    configuration_id: str
    wallets: int
    copies: int
    first_at: datetime
    last_at: datetime
    good_until: date
    is_due: bool


@dataclass(frozen=True, slots=True)
class Collected:
    """A wallet that holds a permit. `name`: empty where its provider is not known."""

    wallet_id: UUID
    name: str
    since: datetime
    last_at: datetime
    configuration_ids: tuple[str, ...]
    copies: int
    good_until: date
    is_due: bool
    grant_id: UUID
    key_thumbprint: bytes


def wallets_of(permit: Permit, on: date) -> list[Collected]:
    """Return the wallets that hold copies of a permit that are good on a day, the newest first."""
    by_wallet: dict[UUID, list[Batch]] = {}
    for batch in _living(permit, on).select_related("wallet"):
        by_wallet.setdefault(batch.wallet_id, []).append(batch)
    return [_collected(batches) for batches in by_wallet.values()]


def forms_of(permit: Permit, on: date) -> list[FormHeld]:
    """Return in which forms wallets hold a permit on a day, for who looks after it: no wallet is named."""
    by_form: dict[str, list[Batch]] = {}
    for batch in _living(permit, on):
        by_form.setdefault(batch.configuration_id, []).append(batch)
    return [_form(name, batches) for name, batches in sorted(by_form.items())]


def holding_none(permit: Permit, on: date, allowed: Iterable[Allowed]) -> list[Allowed]:
    """Return those of a person's living grants whose wallet may collect a permit and holds no copy good on a day.

    Of several grants of one wallet the first. A wallet that took up an offer and never collected is among them.
    """
    forms = {each.configuration_id for each in offered_types(permit)}
    living = _living(permit, on).select_related("wallet")
    seen: set[UUID | bytes | None] = {name for batch in living for name in _names_of(batch.wallet)}
    found: list[Allowed] = []
    for grant in allowed:
        names = {grant.pk, key_of(grant)} - {None}
        if seen.isdisjoint(names) and not forms.isdisjoint(grant.configuration_ids):
            found.append(grant)
        seen |= names
    return found


def wallet_of(person_id: UUID, grant: MayCollect) -> Wallet | None:
    """Return the wallet that a grant is of, if it has ever collected for the person."""
    is_its = Q(grant_id=grant.pk) | Q(key_thumbprint=key_of(grant) or b"")
    return Wallet.objects.filter(is_its, person_id=person_id).order_by("-first_at").first()


def key_of(grant: MayCollect) -> bytes | None:
    """Return the key that a grant's tokens are bound to, as `Wallet.key_thumbprint`; None for bearer tokens."""
    try:
        return decode_base64url(grant.dpop_thumbprint, "jwk.malformed") if grant.dpop_thumbprint else None
    except FormatProblem:
        return None


def _names_of(wallet: Wallet) -> tuple[UUID, bytes]:
    return wallet.grant_id, bytes(wallet.key_thumbprint)


def _living(permit: Permit, on: date) -> QuerySet[Batch]:
    return Batch.objects.filter(permit=permit, ended_at=None, expires_on__gte=on).order_by("-id")


def _collected(batches: list[Batch]) -> Collected:
    wallet = batches[0].wallet
    return Collected(
        wallet_id=wallet.pk,
        name=wallet.name,
        since=wallet.first_at,
        last_at=max(each.collected_at for each in batches),
        configuration_ids=tuple(sorted({each.configuration_id for each in batches})),
        copies=sum(each.copies for each in batches),
        good_until=max(each.expires_on for each in batches),
        is_due=any(_is_due(each) for each in batches),
        grant_id=wallet.grant_id,
        key_thumbprint=bytes(wallet.key_thumbprint),
    )


def _form(name: str, batches: list[Batch]) -> FormHeld:
    return FormHeld(
        configuration_id=name,
        wallets=len({each.wallet_id for each in batches}),
        copies=sum(each.copies for each in batches),
        first_at=min(each.collected_at for each in batches),
        last_at=max(each.collected_at for each in batches),
        good_until=max(each.expires_on for each in batches),
        is_due=any(_is_due(each) for each in batches),
    )


def _is_due(batch: Batch) -> bool:
    return batch.due_at is not None and batch.renewed_at is None


@dataclass(frozen=True, slots=True)
class RenewalShown:
    """How far a renewal has come: batches marked as due, and of those the collected anew, ended or expired ones."""

    key_id: str
    reason: str
    begun_at: datetime
    done_at: datetime | None
    marked: int
    renewed: int
    gone: int

    @property
    def waiting(self) -> int:
        return self.marked - self.renewed - self.gone


def renewals(on: date) -> list[RenewalShown]:
    """Return every renewal, the newest first."""
    return [_renewal(each, on) for each in Renewal.objects.order_by("-id")]


def _renewal(renewal: Renewal, on: date) -> RenewalShown:
    due = Batch.objects.filter(key_id=renewal.key_id, due_at__isnull=False)
    living = due.filter(renewed_at=None, ended_at=None, expires_on__gte=on).count()
    renewed = due.filter(renewed_at__isnull=False).count()
    return RenewalShown(
        renewal.key_id, renewal.reason, renewal.begun_at, renewal.done_at, renewal.marked, renewed,
        max(renewal.marked - renewed - living, 0),
    )  # fmt: skip
