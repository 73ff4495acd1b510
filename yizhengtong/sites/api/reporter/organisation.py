"""An organisation that checks permits, by an account that acts for it: purposes, addresses, keys, figures."""

from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from yizhengtong.foundation.web.idempotency import TOLD_ONCE
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.sites.api.framework import In, by, policy
from yizhengtong.sites.api.party_schemas import FiguresOut, GrantOut, KeyOut, PartyOut
from yizhengtong.sites.api.words import reader_language
from yizhengtong.verification.relying_parties.applying import add_address, ask_purpose, remove_address, take_back
from yizhengtong.verification.relying_parties.authenticating import KEY, audience_of_api
from yizhengtong.verification.relying_parties.bounds import (
    LONGEST_BASIS,
    LONGEST_LABEL,
    LONGEST_URI,
    MOST_ASSERTION,
    MOST_CERTIFICATE,
)
from yizhengtong.verification.relying_parties.keeping import (
    end_key,
    make_secret,
    register_certificate,
    register_jwk,
    revoke_key,
    rotate_secret,
)
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.relying_parties.policies import own_party
from yizhengtong.verification.relying_parties.queries import grants_of, keys_of
from yizhengtong.verification.relying_parties.services import invite_member
from yizhengtong.verification.relying_parties.shapes import (
    ADDRESS,
    GRANT,
    told_of_address,
    told_of_figures,
    told_of_grant,
    told_of_key,
    told_of_party,
)

router = Router()
_OWN = "own organisation"
_ADDS = policy(_OWN, limits=["organisation_changes"])
"""What makes a row; what stops or takes away is never kept waiting."""
_LONGEST_MINUTES = 24 * 60
Environment = Literal["test", "production"]


class AddressOut(BaseModel):
    """An address that is compared letter by letter."""

    id: str
    kind: str
    uri: str


class OrganisationOut(PartyOut):
    """The organisation with what it asked for and registered."""

    grants: list[GrantOut]
    addresses: list[AddressOut]
    proof_audience: str = Field(description="`aud` of the proofs of keys, and of assertions of the API.")


class AskedIn(In):
    """A purpose, on which legal basis, and which claims of it are needed; none: only matching."""

    purpose: str = Field(max_length=24)
    legal_basis: str = Field(min_length=1, max_length=LONGEST_BASIS)
    claims: list[str] = Field(default_factory=list, max_length=20)


class AddressIn(In):
    kind: Literal["redirect", "logout", "webhook"]
    uri: str = Field(min_length=8, max_length=LONGEST_URI, description="https, a host name, no fragment.")


class SecretIn(In):
    environment: Environment
    label: str = Field("", max_length=LONGEST_LABEL)


class JwkIn(SecretIn):
    """A public key with an assertion of one's own (`iss`, `sub`, `aud`, `exp`, `jti`) that it signed."""

    jwk: dict[str, Any]
    proof: str = Field(max_length=MOST_ASSERTION)


class CertificateIn(SecretIn):
    """A certificate with an assertion of one's own that its key signed."""

    pem: str = Field(max_length=MOST_CERTIFICATE)
    proof: str = Field(max_length=MOST_ASSERTION)

    @field_validator("*", mode="after")
    @classmethod
    def can_be_printed(cls, value: Any, field: ValidationInfo) -> Any:  # type: ignore[override]  # who asks is told
        """As everywhere; but a PEM file has lines."""
        return value if field.field_name == "pem" else In.can_be_printed(value)


class RotationIn(In):
    """Until when the old key goes on beside the new one: 30 days at most."""

    ends_at: datetime


class RevocationIn(In):
    because: Literal["replaced", "leaked"]


class SecretOut(BaseModel):
    """A secret, told this once: the platform keeps its hash alone."""

    key: KeyOut
    secret: str


class InvitationOut(BaseModel):
    """A code, told this once, by which one more account joins."""

    code: str


@router.get("/organisation", response=OrganisationOut, openapi_extra=policy(_OWN))
def read_organisation(request: HttpRequest) -> OrganisationOut:
    """The organisation one acts for, its purposes and addresses."""
    party, language = own_party(by(request)), reader_language(request)
    addresses = RelyingPartyAddress.objects.filter(relying_party=party).order_by("id")
    return OrganisationOut.model_validate(
        {
            **told_of_party(party, language),
            "grants": [told_of_grant(each, language) for each in grants_of(party)],
            "addresses": [told_of_address(each) for each in addresses],
            "proof_audience": audience_of_api(),
        }
    )


@router.post("/organisation/invitations", response={201: InvitationOut}, openapi_extra=_ADDS)
def invite(request: HttpRequest, response: HttpResponse) -> Status[InvitationOut]:
    """A code by which one more account joins, within a week."""
    setattr(response, TOLD_ONCE, True)
    return Status(201, InvitationOut(code=invite_member(by=by(request), at=timezone.now())))


@router.post("/organisation/purposes", response={201: GrantOut}, openapi_extra=_ADDS)
def ask(request: HttpRequest, payload: AskedIn) -> Status[GrantOut]:
    """Ask for a purpose, the first or a further one. An officer answers each by itself."""
    asked = ask_purpose(**payload.model_dump(), by=by(request), at=timezone.now())
    return Status(201, GrantOut.model_validate(told_of_grant(asked, reader_language(request))))


@router.delete("/organisation/purposes/{grant_id}", response={204: None}, openapi_extra=policy(_OWN))
def withdraw(request: HttpRequest, grant_id: str) -> Status[None]:
    """Take back what nobody has answered yet."""
    take_back(grant_id=parse_public_id(GRANT, grant_id), by=by(request))
    return Status(204, None)


@router.post("/organisation/addresses", response={201: AddressOut}, openapi_extra=_ADDS)
def register_address(request: HttpRequest, payload: AddressIn) -> Status[AddressOut]:
    """Register an address to which answers, sign-outs or webhooks may go."""
    return Status(201, AddressOut.model_validate(told_of_address(add_address(**payload.model_dump(), by=by(request)))))


@router.delete("/organisation/addresses/{address_id}", response={204: None}, openapi_extra=policy(_OWN))
def drop_address(request: HttpRequest, address_id: str) -> Status[None]:
    """Take an address away. Nothing goes there any more."""
    remove_address(address_id=parse_public_id(ADDRESS, address_id), by=by(request))
    return Status(204, None)


@router.get("/organisation/keys", response=list[KeyOut], openapi_extra=policy(_OWN))
def list_keys(request: HttpRequest) -> list[KeyOut]:
    """Every key, of both environments, the newest first."""
    now = timezone.now()
    return [KeyOut.model_validate(told_of_key(each, now)) for each in keys_of(own_party(by(request)))]


@router.post("/organisation/secrets", response={201: SecretOut}, openapi_extra=_ADDS)
def new_secret(request: HttpRequest, response: HttpResponse, payload: SecretIn) -> Status[SecretOut]:
    """A new secret of 256 bits, shown this once: the same request sent again is refused."""
    setattr(response, TOLD_ONCE, True)
    now = timezone.now()
    key, secret = make_secret(**payload.model_dump(), by=by(request), at=now)
    return Status(201, SecretOut(key=KeyOut.model_validate(told_of_key(key, now)), secret=secret))


@router.post("/organisation/jwks", response={201: KeyOut}, openapi_extra=_ADDS)
def new_jwk(request: HttpRequest, payload: JwkIn) -> Status[KeyOut]:
    """Register a public key, Ed25519 or on P-256, for assertions and signed requests."""
    now = timezone.now()
    key = register_jwk(**payload.model_dump(), audience=audience_of_api(), by=by(request), at=now)
    return Status(201, KeyOut.model_validate(told_of_key(key, now)))


@router.post("/organisation/certificates", response={201: KeyOut}, openapi_extra=_ADDS)
def new_certificate(request: HttpRequest, payload: CertificateIn) -> Status[KeyOut]:
    """Register a certificate by which the proxy knows the organisation."""
    now = timezone.now()
    key = register_certificate(**payload.model_dump(), audience=audience_of_api(), by=by(request), at=now)
    return Status(201, KeyOut.model_validate(told_of_key(key, now)))


@router.post("/organisation/keys/{key_id}/rotation", response={201: SecretOut}, openapi_extra=_ADDS)
def rotate(request: HttpRequest, response: HttpResponse, key_id: str, payload: RotationIn) -> Status[SecretOut]:
    """A new secret in place of an old key, which goes on for a while."""
    setattr(response, TOLD_ONCE, True)
    now = timezone.now()
    key, secret = rotate_secret(key_id=parse_public_id(KEY, key_id), ends_at=payload.ends_at, by=by(request), at=now)
    return Status(201, SecretOut(key=KeyOut.model_validate(told_of_key(key, now)), secret=secret))


@router.post("/organisation/keys/{key_id}/end", response=KeyOut, openapi_extra=policy(_OWN))
def let_end(request: HttpRequest, key_id: str, payload: RotationIn) -> KeyOut:
    """Let a key end soon: another one follows it."""
    now = timezone.now()
    key = end_key(key_id=parse_public_id(KEY, key_id), ends_at=payload.ends_at, by=by(request), at=now)
    return KeyOut.model_validate(told_of_key(key, now))


@router.post("/organisation/keys/{key_id}/revocation", response=KeyOut, openapi_extra=policy(_OWN))
def revoke(request: HttpRequest, key_id: str, payload: RevocationIn) -> KeyOut:
    """Stop a key at once and for good."""
    now = timezone.now()
    key = revoke_key(key_id=parse_public_id(KEY, key_id), because=payload.because, by=by(request), at=now)
    return KeyOut.model_validate(told_of_key(key, now))


@router.get("/organisation/figures", response=FiguresOut, openapi_extra=policy(_OWN))
def read_figures(
    request: HttpRequest,
    environment: Environment = Query("production"),
    minutes: int = Query(60, ge=1, le=_LONGEST_MINUTES),
) -> FiguresOut:
    """How the organisation's requests of the last minutes fared, the running minute included."""
    now = timezone.now()
    since = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
    return FiguresOut.model_validate(told_of_figures(own_party(by(request)), environment, since, now))
