"""Which client speaks: attested by its maker, known by a key of its own, or a public wallet that nobody vouches for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from joserfc.jwk import ECKey

from yizhengtong.verification.authorization import attestation
from yizhengtong.verification.authorization.attestation import Attested, check_attestation
from yizhengtong.verification.authorization.attesters import attester_of
from yizhengtong.verification.authorization.jwts import (
    BadToken,
    Claims,
    key_of_set,
    number_of,
    open_jwt,
    public_key,
    text_of,
)
from yizhengtong.verification.authorization.models import Client, WalletProvider
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_client, invalid_request
from yizhengtong.verification.authorization.replays import is_first_shown
from yizhengtong.verification.authorization.sent import Sent

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION_SECONDS = 600
LONGEST_CLIENT_ID = 255


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks. `client_id` is empty for a wallet that named none. `client_name`: by register or attestation only."""

    client_id: str
    client_name: str = ""
    instance_thumbprint: str = ""
    redirect_uris: tuple[str, ...] | None = None
    """Of a registered client or maker, the only ones it may name; None: nobody said which."""


def authenticate(sent: Sent) -> Asking:
    """Return the client of a request to the token, revocation or PAR endpoint.

    Raises invalid_client for a proof that fails, for none where the client is registered with a key, and for a wallet
    that nobody vouches for where the deployment asks for attestation (HAIP).
    """
    client_id = sent.parameters.get("client_id", "")
    if len(client_id) > LONGEST_CLIENT_ID or not client_id.isprintable():
        raise invalid_request("client_id is too long, or not printable")
    _ensure_one_method(sent)
    if attestation.HEADER in sent.headers or attestation.POP_HEADER in sent.headers:
        return _attested(sent, client_id)
    if "client_assertion" in sent.parameters or "client_assertion_type" in sent.parameters:
        return _asserted(sent, client_id)
    client = _registered(client_id)
    if client is not None:
        if client.jwks is not None:
            raise invalid_client("This client proves who it is")
        return _as_registered(client)
    if settings.YZT_WALLETS["attested_only"]:
        raise invalid_client("Only attested wallets are served here")
    return Asking(client_id)


def _ensure_one_method(sent: Sent) -> None:
    """RFC 6749 2.3: a client uses one way a request. A password is taken from nobody."""
    has_attestation = attestation.HEADER in sent.headers or attestation.POP_HEADER in sent.headers
    if has_attestation and "client_assertion" in sent.parameters:
        raise invalid_request("More than one way of proving who the client is")
    if "client_secret" in sent.parameters or sent.headers.get("Authorization", "").lower().startswith("basic "):
        problem = invalid_client("No client has a password here")
        raise OAuthProblem(problem.error, problem.description, problem.status, header='Basic realm="no passwords"')


def _attested(sent: Sent, client_id: str) -> Asking:
    providers: list[WalletProvider] = []

    def key_for(header: Mapping[str, Any], claims: Claims) -> ECKey:
        provider, jwk = attester_of(header, claims, at=datetime.fromtimestamp(sent.now, UTC))
        providers.append(provider)
        return public_key(jwk)

    jwt, pop = sent.headers.get(attestation.HEADER, ""), sent.headers.get(attestation.POP_HEADER, "")
    try:
        found = check_attestation(jwt, pop, key_for=key_for, audience=settings.YZT_ADDRESS, now=sent.now)
        _ensure_first(found)
    except BadToken as bad:
        raise invalid_client(f"The client attestation is not good: {bad}") from bad
    if client_id and client_id != found.client_id:
        raise invalid_client("The client attestation is another client's")
    registered = _registered(found.client_id)
    addresses = _as_registered(registered).redirect_uris if registered is not None else None
    addresses = addresses or tuple(providers[0].redirect_uris) or None
    return Asking(found.client_id, providers[0].name, found.thumbprint, addresses)


def _ensure_first(found: Attested) -> None:
    if not is_first_shown("attestation", found.thumbprint, found.jti, expires_at=found.expires_at):
        raise BadToken("its proof was used before")


def _asserted(sent: Sent, client_id: str) -> Asking:
    """private_key_jwt (RFC 7523 3, OpenID Connect Core 9)."""
    if sent.parameters.get("client_assertion_type") != ASSERTION_TYPE:
        raise invalid_client("This type of client assertion is not supported")
    clients: list[Client] = []

    def key_for(header: Mapping[str, Any], claims: Claims) -> ECKey:
        client = _registered(text_of(claims, "sub", LONGEST_CLIENT_ID))
        if client is None or client.jwks is None:
            raise BadToken("its client is not known")
        clients.append(client)
        return key_of_set(client.jwks, header)

    try:
        claims = open_jwt(sent.parameters.get("client_assertion", ""), typ=None, key_for=key_for).claims
        _ensure_assertion(claims, clients[0], sent)
    except BadToken as bad:
        raise invalid_client(f"The client assertion is not good: {bad}") from bad
    if client_id and client_id != clients[0].client_id:
        raise invalid_client("The client assertion is another client's")
    return _as_registered(clients[0])


def _ensure_assertion(claims: Claims, client: Client, sent: Sent) -> None:
    if text_of(claims, "iss") != client.client_id:
        raise BadToken("its issuer is not its subject")
    if claims.get("aud") != settings.YZT_ADDRESS:  # the issuer alone, as a text: no other server can pass it on
        raise BadToken("it is for another server")
    expires_at = number_of(claims, "exp")
    if not sent.now < expires_at <= sent.now + LONGEST_ASSERTION_SECONDS:
        raise BadToken("it is over, or too long")
    if not is_first_shown("assertion", client.client_id, text_of(claims, "jti"), expires_at=expires_at):
        raise BadToken("it was used before")


def _registered(client_id: str) -> Client | None:
    return Client.objects.filter(client_id=client_id).first() if client_id else None


def _as_registered(client: Client) -> Asking:
    if not client.is_active:
        raise invalid_client("This client is closed")
    return Asking(client.client_id, client.name, "", tuple(client.redirect_uris))
