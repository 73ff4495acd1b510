"""Making copies of a permit: each with a key, a status and salts of its own, and nothing else that tells them apart.

What all copies of a day share they share with those of everybody else: they are issued at the day's beginning and end
with a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from uuid import UUID

from cryptography.x509 import load_der_x509_certificate
from django.conf import settings

from yizhengtong.credentials.catalogue.queries import Claims, CredentialType, Format, claims_of, types_of
from yizhengtong.credentials.formats import mdoc, sd_jwt
from yizhengtong.credentials.formats.signing import Signer
from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.credentials.issuance.proofs import HolderKey
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.credentials.status.services import StatusReference, allocate
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.kernel.dates import CHINA
from yizhengtong.permitting.permits.kinds import ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.states import LIVING, PermitState


class Readiness(Enum):
    """Whether copies of a permit can be made today."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Made:
    """Copies, in the order of their keys, with what of them is kept."""

    credentials: tuple[str, ...]
    statuses: tuple[StatusReference, ...]
    key_id: str
    expires_on: date


def readiness(permit: Permit, on: date) -> Readiness:
    """Say whether copies can be made: later while a card is still being made, never of what is not valid (ours).

    What will be printed on a card can still be put right until it is made; an electronic permit has no card.
    """
    now = standing(permit, on)
    if now.reason == "not_yet_valid":
        return Readiness.LATER
    if not now.is_valid:
        return Readiness.NEVER
    is_made = permit.state != PermitState.ORDERED or permit.delivery == ELECTRONIC
    return Readiness.NOW if is_made else Readiness.LATER


def permit_for(person_id: UUID, configuration_id: str) -> tuple[Permit, CredentialType] | None:
    """Return the living permit of a person that has this form, the newest first; None where there is none."""
    for permit in _LIVING_OF(person_id):
        for each in types_of(permit):
            if each.configuration_id == configuration_id:
                return permit, each
    return None


_LIVING_OF = Prepared(
    lambda person_id: (
        Permit.objects.filter(person_id=person_id, state__in=LIVING).select_related("person").order_by("-pk")
    )
)


def offered_types(permit: Permit) -> tuple[CredentialType, ...]:
    """Return the forms in which a permit can be collected, now or later."""
    return types_of(permit) if permit.state in LIVING else ()


def last_day_of_copies(permit: Permit, on: date) -> date:
    """Return the last day on which copies made today are good: never past the permit's, or its endorsement's."""
    longest = on + timedelta(days=settings.YZT_CREDENTIAL_DAYS)
    return min(day for day in (longest, permit.last_valid_day, permit.endorsed_until) if day is not None)


def make_copies(permit: Permit, kind: CredentialType, keys: Sequence[HolderKey], on: date) -> Made:
    """Make a copy for each key. It opens the holder's data: the caller records the read."""
    until = last_day_of_copies(permit, on)
    statuses = allocate(permit, count=len(keys), until=until)
    claims, signed_by = claims_of(permit, on), signer(Use.MDOC if kind.format == Format.MDOC else Use.SD_JWT)
    begin, end = _issued_at(on, signed_by), _begin(until + timedelta(days=1))
    make = _mdoc if kind.format == Format.MDOC else _sd_jwt
    credentials = tuple(
        make(kind, claims, key, status, signed_by, begin, end) for key, status in zip(keys, statuses, strict=True)
    )
    return Made(credentials, tuple(statuses), signed_by.key_id, until)


def _issued_at(on: date, by: Signer) -> datetime:
    """Return the day's beginning, or when the signer's certificate begins, if that is later: for everybody the same.

    A signature from before its certificate is refused (ISO/IEC 18013-5 9.3.1).
    """
    return max(_begin(on), _certified_from(by.certificates[0])) if by.certificates else _begin(on)


@lru_cache(maxsize=64)
def _certified_from(certificate: bytes) -> datetime:
    return load_der_x509_certificate(certificate).not_valid_before_utc


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _sd_jwt(
    kind: CredentialType, claims: Claims, key: HolderKey, status: StatusReference, by: Signer, begin: datetime,
    end: datetime,
) -> str:  # fmt: skip
    return sd_jwt.issue(
        claims.flat, kind.disclosable, vct=kind.vct, issuer=settings.YZT_ADDRESS, signer=by, holder_jwk=key.jwk,
        iat=int(begin.timestamp()), exp=int(end.timestamp()), status=status.claim,
    )  # fmt: skip


def _mdoc(
    kind: CredentialType, claims: Claims, key: HolderKey, status: StatusReference, by: Signer, begin: datetime,
    end: datetime,
) -> str:  # fmt: skip
    return encode_base64url(
        mdoc.issue(
            claims.elements, doctype=kind.doctype, signer=by, device_key_jwk=key.jwk, signed_at=begin,
            valid_from=begin, valid_until=end, status=status.claim,
        )
    )  # fmt: skip
