"""What an organisation asks for itself: purposes, each on its legal basis, and addresses that are its own."""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.verification.relying_parties.bounds import ADDRESSES_AT_ONCE, LONGEST_BASIS, LONGEST_URI
from yizhengtong.verification.relying_parties.models import PurposeGrant, RelyingParty, RelyingPartyAddress
from yizhengtong.verification.relying_parties.policies import own_party
from yizhengtong.verification.relying_parties.purposes import purposes

_State = PurposeGrant.State
_WITHDRAWN_BY_ITSELF = "withdrawn by the organisation"


@use_case
def ask_purpose(*, purpose: str, legal_basis: str, claims: Sequence[str], by: Principal, at: datetime) -> PurposeGrant:
    """Ask for a purpose, the first or a further one: an officer answers each by itself.

    `claims`: what is needed of what the purpose holds; none of it for matching alone. Raises Invalid
    `relying_parties.purpose_invalid` with every wrong field, Conflict `relying_parties.purpose_asked`.
    """
    party = own_party(by)
    _ensure_askable(purpose, legal_basis, claims)
    try:
        with transaction.atomic():
            asked = PurposeGrant.objects.create(
                relying_party=party, purpose=purpose, legal_basis=legal_basis.strip(), claims=list(claims),
                asked_by=by.id, asked_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("relying_parties.purpose_asked") from error
    RelyingParty.objects.filter(pk=party.pk, state=RelyingParty.State.TEST).update(state=RelyingParty.State.APPLIED)
    record_act("relying_parties.ask_purpose", by=by, on=("relying_party", party.pk), person_id=None, fields=[purpose])
    return asked


@use_case
def take_back(*, grant_id: UUID, by: Principal) -> None:
    """Take back a purpose that nobody has answered yet. Raises NotFound."""
    # Before its grants, as officers do who answer: two who take both the other way round would wait for each other.
    party = RelyingParty.objects.select_for_update(no_key=True).get(pk=own_party(by).pk)
    taken = PurposeGrant.objects.filter(pk=grant_id, relying_party=party, state=_State.APPLIED).update(
        state=_State.WITHDRAWN, reason=_WITHDRAWN_BY_ITSELF, reviewed_at=timezone.now()
    )
    if not taken:
        raise NotFound("not_found")
    if not PurposeGrant.objects.filter(relying_party=party, state__in=[_State.APPLIED, _State.GRANTED]).exists():
        RelyingParty.objects.filter(pk=party.pk, state=RelyingParty.State.APPLIED).update(state=RelyingParty.State.TEST)
    record_act("relying_parties.take_back", by=by, on=("relying_party", party.pk), person_id=None)


@use_case
def add_address(*, kind: str, uri: str, by: Principal) -> RelyingPartyAddress:
    """Register an address of the organisation. It is compared letter by letter ever after.

    Raises Invalid `relying_parties.address_wrong`, Conflict `relying_parties.address_there`,
    `relying_parties.too_many_addresses`.
    """
    party = own_party(by)
    if kind not in RelyingPartyAddress.Kind.values or not is_own_address(uri):
        raise Invalid("relying_parties.address_wrong", errors=[FieldError("uri", "relying_parties.address_wrong")])
    if RelyingPartyAddress.objects.filter(relying_party=party).count() >= ADDRESSES_AT_ONCE:
        raise Conflict("relying_parties.too_many_addresses", most=ADDRESSES_AT_ONCE)
    try:
        with transaction.atomic():
            added = RelyingPartyAddress.objects.create(relying_party=party, kind=kind, uri=uri)
    except IntegrityError as error:
        raise Conflict("relying_parties.address_there") from error
    record_act("relying_parties.add_address", by=by, on=("relying_party", party.pk), person_id=None, fields=[kind])
    return added


@use_case
def remove_address(*, address_id: UUID, by: Principal) -> None:
    """Take an address away; nothing is sent there from then on. Raises NotFound."""
    party = own_party(by)
    if not RelyingPartyAddress.objects.filter(pk=address_id, relying_party=party).delete()[0]:
        raise NotFound("not_found")
    record_act("relying_parties.remove_address", by=by, on=("relying_party", party.pk), person_id=None)


def is_own_address(uri: str) -> bool:
    """Whether an address can be read in one way only: https, a host by name, nobody's password, no fragment.

    Where it leads is looked at again whenever something is sent (`kernel.outbound`).
    """
    is_plain = uri.isascii() and uri.isprintable() and not set(uri) & set(' "<>\\^`{|}#*') and len(uri) <= LONGEST_URI
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return is_plain and uri.startswith("https://") and "@" not in parts.netloc and "." in host and not _is_number(host)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()  # 127.1 is an address of IPv4 to some readers
    return True


def _ensure_askable(purpose: str, legal_basis: str, claims: Sequence[str]) -> None:
    known = purposes().get(purpose)
    wrong = {
        "purpose": known is not None,
        "legal_basis": 0 < len(legal_basis.strip()) <= LONGEST_BASIS,
        "claims": known is None or (set(claims) <= set(known.claims) and len(set(claims)) == len(claims)),
    }
    errors = [FieldError(field, f"relying_parties.{field}_wrong") for field, is_right in wrong.items() if not is_right]
    if errors:
        raise Invalid("relying_parties.purpose_invalid", errors=errors)
