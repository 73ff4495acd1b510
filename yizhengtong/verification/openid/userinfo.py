"""What a sign-in tells of a resident, by its access token (OpenID Connect Core 1.0, 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.postgresql.readers import read_as_partner
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.verification.authorization.bearing import brought, ensure_key
from yizhengtong.verification.authorization.problems import refused_at_resource
from yizhengtong.verification.authorization.secret_texts import hash_of
from yizhengtong.verification.authorization.sent import DPOP
from yizhengtong.verification.links.pairwise import pairwise_id
from yizhengtong.verification.openid.claims import told_of
from yizhengtong.verification.openid.issuer import issuer, signed
from yizhengtong.verification.openid.models import SignIn
from yizhengtong.verification.openid.parties import client_id_of
from yizhengtong.verification.openid.reading import sign_in_of_token
from yizhengtong.verification.openid.standing import permit_behind


@dataclass(frozen=True, slots=True)
class Told:
    """The claims for one party."""

    client_id: str
    claims: Mapping[str, Any] = field(repr=False)

    def as_jwt(self) -> str:
        """Return them signed (OpenID Connect Core 1.0, 5.3.2). Raises OAuthProblem as `issuer.signed`."""
        return signed({"iss": issuer(), "aud": self.client_id, **self.claims})


def userinfo(method: str, url: str, headers: Mapping[str, str]) -> Told:
    """Return what the access token of a request opens: what was agreed then and still is, of today's permit.

    `url`: as clients know it, with its query. Raises OAuthProblem: 401 with WWW-Authenticate.
    """
    scheme, secret = brought(url, headers)
    sign_in = sign_in_of_token(hash_of(secret))
    if sign_in is None or sign_in.access_expires_at is None or sign_in.access_expires_at <= timezone.now():
        raise refused_at_resource("invalid_token", "The access token is not known, or over", scheme=scheme)
    if (scheme == DPOP) != bool(sign_in.dpop_thumbprint):
        raise refused_at_resource("invalid_token", "The access token is of the other scheme", scheme=scheme)
    if scheme == DPOP:
        ensure_key(sign_in.dpop_thumbprint, method, url, headers, secret)
    told = _tell(sign_in=sign_in)
    if told is None:
        raise refused_at_resource("invalid_token", "The access token is not known, or over", scheme=scheme)
    return told


@use_case
def _tell(*, sign_in: SignIn) -> Told | None:
    permit = permit_behind(sign_in)
    if permit is None:
        return None
    claims = told_of(permit, sign_in.claims, legal_day(timezone.now()))
    party_id = sign_in.relying_party_id
    read_as_partner(party_id)  # who reads stands in the holder's trail
    record_read(
        "openid.read_userinfo", by=Principal(PrincipalKind.PARTNER, party_id), on=("openid_sign_in", sign_in.pk),
        person_id=sign_in.person_id, purpose=sign_in.consent.purpose, fields=sign_in.claims,
    )  # fmt: skip
    sub = pairwise_id(sign_in.person_id, str(party_id))
    return Told(client_id_of(sign_in.relying_party), {"sub": sub, **claims})
