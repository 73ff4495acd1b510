"""Who an access token speaks for, and what a person has allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.bearing import brought, ensure_key
from yizhengtong.verification.authorization.models import Grant
from yizhengtong.verification.authorization.problems import refused_at_resource
from yizhengtong.verification.authorization.reading import grant_accessed, principal_behind
from yizhengtong.verification.authorization.secret_texts import hash_of
from yizhengtong.verification.authorization.sent import DPOP


@dataclass(frozen=True, slots=True)
class Access:
    """What a request to a protected address may collect.

    `by`: who acts, for services and the trail. `credential_identifiers`: identifier → configuration id; empty where
    credentials are asked for by configuration (OpenID4VCI 1.0 8.2). `dpop_thumbprint`: empty for a bearer token.
    """

    subject: UUID
    configuration_ids: tuple[str, ...]
    client_id: str
    dpop_thumbprint: str
    credential_identifiers: Mapping[str, str]
    grant_id: UUID
    by: Principal
    client_name: str = ""
    """Of a wallet whose maker vouches for it, or of a registered client; else empty."""
    instance_thumbprint: str = ""


def access_token(method: str, url: str, headers: Mapping[str, str]) -> Access:
    """Return what the access token of a request opens (RFC 6750, RFC 9449 7).

    `url`: as clients know it, with its query; `headers`: found without regard to case, such as Django's. The connection
    reads as the person who gave the grant from then on. Raises OAuthProblem: 401 with WWW-Authenticate, and 400
    invalid_request for a token in the address.
    """
    scheme, secret = brought(url, headers)
    grant = grant_accessed(hash_of(secret))
    if grant is None or grant.ended_at is not None:
        raise refused_at_resource("invalid_token", "The access token is not known, or over", scheme=scheme)
    if (scheme == DPOP) != bool(grant.dpop_thumbprint):
        raise refused_at_resource("invalid_token", "The access token is of the other scheme", scheme=scheme)
    if scheme == DPOP:
        ensure_key(grant.dpop_thumbprint, method, url, headers, secret)
    return _access(grant)


def ensure_living(access: Access) -> None:
    """Lock the grant behind an access in the caller's transaction. Raises OAuthProblem where it has ended meanwhile.

    Asked after what was collected under it: whoever ends a wallet locks its row first and its grants after it, so that
    one of the two waits, and neither leaves the other's half behind.
    """
    if not Grant.objects.select_for_update().filter(pk=access.grant_id, ended_at=None):
        scheme = DPOP if access.dpop_thumbprint else "Bearer"
        raise refused_at_resource("invalid_token", "The access token is over", scheme=scheme)


def grants_of(person: Person) -> QuerySet[Grant]:
    """Return the living grants of a person, the newest first: taken up, not ended, with a token that still opens.

    `client_id` and `client_name` (empty unless registered or attested), `begun_at`: since when, `configuration_ids`,
    `dpop_thumbprint`. Who never collected anything is among them.
    """
    now = timezone.now()
    renewable = ~Q(dpop_thumbprint="") & Q(renewed_at__gt=now - lifetimes.REFRESH)
    living = Q(ended_at=None) & (renewable | Q(renewed_at__gt=now - lifetimes.ACCESS))
    return Grant.objects.filter(living, person=person, begun_at__isnull=False).order_by("-id")


def _access(grant: Grant) -> Access:
    ids = tuple(grant.configuration_ids)
    return Access(
        subject=grant.person_id, configuration_ids=ids, client_id=grant.client_id,
        dpop_thumbprint=grant.dpop_thumbprint,
        credential_identifiers={each: each for each in ids} if grant.has_details else {},
        grant_id=grant.pk, by=principal_behind(grant), client_name=grant.client_name,
        instance_thumbprint=grant.instance_thumbprint,
    )  # fmt: skip
