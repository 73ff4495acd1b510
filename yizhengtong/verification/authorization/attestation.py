"""Attested wallets: draft-ietf-oauth-attestation-based-client-auth-07, pinned; its names stand in this module alone.

OpenID4VCI 1.0 (appendix E) and HAIP 1.0 ask for it. A provider signs for each installation that a key is its own
(`cnf`), and the installation signs with that key for each request. No challenge is handed out: `jti` guards replays.
Whose key signed is found by attesters.py, where `iss` of the attestation is looked at: drafts after 07 leave it out.
"""

from dataclasses import dataclass

from joserfc.jwk import ECKey

from yizhengtong.verification.authorization.jwts import (
    BadToken,
    Claims,
    KeyFor,
    number_of,
    open_jwt,
    public_key,
    text_of,
    thumbprint,
)

METHOD = "attest_jwt_client_auth"
HEADER = "OAuth-Client-Attestation"
POP_HEADER = "OAuth-Client-Attestation-PoP"
_TYP = "oauth-client-attestation+jwt"
_POP_TYP = "oauth-client-attestation-pop+jwt"
LATE_SECONDS = 120
EARLY_SECONDS = 30
"""How old a proof of possession may be, and how far in the future: ours."""


@dataclass(frozen=True, slots=True)
class Attested:
    """An installation that its provider vouches for: client_id, the installation's key, the proof's name."""

    client_id: str
    thumbprint: str
    jti: str
    expires_at: float


def check_attestation(attestation: str, pop: str, *, key_for: KeyFor, audience: str, now: float) -> Attested:
    """Return who is attested (sections 5.1, 5.2, 8). Raises BadToken. `key_for`: of its provider."""
    opened = open_jwt(attestation, typ=_TYP, key_for=key_for)
    claims = opened.claims
    if number_of(claims, "exp") <= now:
        raise BadToken("it is over")
    _ensure_begun(claims, now)
    client_id, key = text_of(claims, "sub", 255), _instance_key(claims)
    shown = open_jwt(pop, typ=_POP_TYP, key_for=lambda _header, _claims: key).claims
    if text_of(shown, "iss") != client_id:
        raise BadToken("its proof is another client's")
    audiences = shown.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise BadToken("its proof is for another server")
    issued_at = number_of(shown, "iat")
    if not now - LATE_SECONDS <= issued_at <= now + EARLY_SECONDS:
        raise BadToken("its proof is not of now")
    if "exp" in shown and number_of(shown, "exp") <= now:
        raise BadToken("its proof is over")
    _ensure_begun(shown, now)
    return Attested(client_id, thumbprint(key), text_of(shown, "jti"), issued_at + LATE_SECONDS)


def _instance_key(claims: Claims) -> ECKey:
    confirmed = claims.get("cnf")
    return public_key(confirmed.get("jwk") if isinstance(confirmed, dict) else None)


def _ensure_begun(claims: Claims, now: float) -> None:
    for name in ("iat", "nbf"):
        if name in claims and number_of(claims, name) > now + EARLY_SECONDS:
            raise BadToken("it is of the future")
