"""A wallet's keys as tests play them: proofs, right ones and wrong ones."""

import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.keys.software import SoftwareSigner, new_signer

ISSUER = "https://issuer.example"
LEFT_OUT = object()


def a_key() -> SoftwareSigner:
    return new_signer()


def public(key: SoftwareSigner) -> dict[str, str]:
    return {name: key.public_jwk[name] for name in ("kty", "crv", "x", "y")}


def proof_of(key: SoftwareSigner, nonce: Any, *, issuer: str = ISSUER, header: Any = None, **claims: Any) -> str:
    """Return a proof; `header` and claims replace what a good one says, LEFT_OUT leaves out."""
    head = {"typ": "openid4vci-proof+jwt", "jwk": public(key), **(header or {})}
    said = {"aud": issuer, "iat": int(time.time()), "nonce": nonce, **claims}
    return sign_compact(_without(head), _without(said), key)


def attestation_of(
    keys: list[SoftwareSigner], nonce: str, provider: SoftwareSigner, *, header: Any = None, **claims: Any
) -> str:
    """Return what a provider says of keys."""
    now = int(time.time())
    said = {"iat": now, "exp": now + 600, "attested_keys": [public(key) for key in keys], "nonce": nonce, **claims}
    head = {"typ": "key-attestation+jwt", "kid": provider.key_id, **(header or {})}
    return sign_compact(_without(head), _without(said), provider)


def private(key: SoftwareSigner) -> ec.EllipticCurvePrivateKey:
    return key.private


def _without(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not LEFT_OUT}
