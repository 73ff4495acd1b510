"""What a relying party may do, and what is registered of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.verification.relying_parties.models import (
    PurposeGrant,
    RelyingParty,
    RelyingPartyAddress,
    RelyingPartyKey,
    RelyingPartyMember,
)
from yizhengtong.verification.relying_parties.purposes import Purpose, purposes


def granted(party: RelyingParty, purpose: str) -> bool:
    """Whether a party may check for a purpose now."""
    return party.is_active and party.state == RelyingParty.State.APPROVED and purpose in party.purposes


def require_purpose(party: RelyingParty, purpose: str) -> Purpose:
    """Return a purpose that is granted to a party. Raises Forbidden `relying_parties.purpose_not_registered`."""
    if not granted(party, purpose) or purpose not in purposes():
        raise Forbidden("relying_parties.purpose_not_registered")
    return purposes()[purpose]


def claims_of(party: RelyingParty, purpose: str) -> tuple[str, ...]:
    """Return what a party may be told at most for a purpose that is granted to it: what an officer left of it.

    Raises Forbidden `relying_parties.purpose_not_registered`.
    """
    most = require_purpose(party, purpose).claims
    left = PurposeGrant.objects.filter(
        relying_party=party, purpose=purpose, state=PurposeGrant.State.GRANTED
    ).values_list("claims", flat=True)
    return tuple(claim for claim in most if claim in set(left[0] if left else most))


def basis_of(party: RelyingParty, purpose: str) -> str:
    """Return the legal basis on which a purpose was granted to a party; else the one that the party was registered on.

    Parties of the time before purposes were granted one by one have the latter alone.
    """
    found = PurposeGrant.objects.filter(relying_party=party, purpose=purpose, state=PurposeGrant.State.GRANTED)
    return found.values_list("legal_basis", flat=True).first() or party.legal_basis


def party_of_account(account_id: UUID) -> RelyingParty:
    """Return the organisation that an account acts for. Raises NotFound."""
    member = RelyingPartyMember.objects.select_related("relying_party").filter(account_id=account_id).first()
    if member is None:
        raise NotFound("not_found")
    return member.relying_party


def grants_of(party: RelyingParty) -> Sequence[PurposeGrant]:
    """Return what a party ever asked for, the newest first."""
    return list(PurposeGrant.objects.filter(relying_party=party).order_by("-id"))


def keys_of(party: RelyingParty) -> Sequence[RelyingPartyKey]:
    """Return the keys of a party, the newest first, those that ended too."""
    return list(RelyingPartyKey.objects.filter(relying_party=party).order_by("-id"))


def is_good(key: RelyingPartyKey, at: datetime) -> bool:
    """Whether a key opens anything at an instant."""
    return key.revoked_at is None and key.not_before <= at < key.not_after


def addresses_of(party: RelyingParty, kind: str) -> Sequence[str]:
    """Return the addresses of one kind that a party registered, as it wrote them."""
    found = RelyingPartyAddress.objects.filter(relying_party=party, kind=kind).order_by("id")
    return list(found.values_list("uri", flat=True))


def is_registered(party: RelyingParty, kind: str, uri: str) -> bool:
    """Whether an address is registered, letter by letter."""
    return RelyingPartyAddress.objects.filter(relying_party=party, kind=kind, uri=uri).exists()
