"""Signed tokens that clients bring (RFC 7515, 7519): one narrow door for proofs, attestations and assertions.

The signature is joserfc's; what may come in is ours: compact, bounded, ES256 alone, one `typ`, no `crit`, public keys
of P-256 only, no address from which a key would be fetched.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from yizhengtong.verification.authorization.problems import SIGNING_ALGORITHMS

MOST_LETTERS = 8192
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_COORDINATE = 43

Claims = Mapping[str, Any]
KeyFor = Callable[[Mapping[str, Any], Claims], ECKey]
"""Header and claims, both unchecked yet → the key that must have signed. Raises BadToken where there is none."""


class _Registry(jws.JWSRegistry):
    """Headers as long as a token may be: certificates stand in them. What is not known there is left alone."""

    max_header_length = MOST_LETTERS


_REGISTRY = _Registry(algorithms=list(SIGNING_ALGORITHMS), strict_check_header=False)


class BadToken(Exception):
    """What is wrong with a token, in words that hold nothing of it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Header and claims of a token whose signature is its key's."""

    header: Mapping[str, Any]
    claims: Claims
    key: ECKey


def open_jwt(token: str, *, typ: str | None, key_for: KeyFor) -> Opened:
    """Return what a compact JWS says. Raises BadToken. Times, audiences and replays are the caller's to look at.

    `typ` None: none is asked for (RFC 7523 names none).
    """
    if len(token) > MOST_LETTERS:
        raise BadToken("it is too long")
    header, claims = _peek(token)
    if header.get("alg") not in SIGNING_ALGORITHMS:
        raise BadToken("its algorithm is not supported")
    if typ is not None and header.get("typ") != typ:
        raise BadToken(f"its typ is not {typ}")
    if "crit" in header or "b64" in header:
        raise BadToken("it has critical extensions")
    key = key_for(header, claims)
    try:
        jws.deserialize_compact(token, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken("its signature is wrong") from error
    return Opened(header, claims, key)


def public_key(jwk: object) -> ECKey:
    """Return a public key of P-256. Raises BadToken: also where a private member came along."""
    if not isinstance(jwk, Mapping):
        raise BadToken("it brings no key")
    if _PRIVATE & jwk.keys():
        raise BadToken("its key is a private one")
    is_ours = jwk.get("kty") == "EC" and jwk.get("crv") == "P-256" and jwk.get("alg", "ES256") == "ES256"
    coordinates = [jwk.get(name) for name in ("x", "y")]
    if not is_ours or not all(isinstance(each, str) and len(each) == _COORDINATE for each in coordinates):
        raise BadToken("its key is not one of P-256")
    try:
        key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"]})
        key.public_key  # noqa: B018 the point must lie on the curve
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken("its key is not one of P-256") from error
    return key


def key_of_set(jwks: object, header: Mapping[str, Any]) -> ECKey:
    """Return the key of a JWK set that a header names by `kid`, or the only one. Raises BadToken."""
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    named = [each for each in keys or [] if isinstance(each, Mapping) and each.get("kid") == header.get("kid")]
    found = named or (keys if keys and len(keys) == 1 and "kid" not in header else [])
    if len(found) != 1:
        raise BadToken("its key is not known")
    return public_key(found[0])


def thumbprint(key: ECKey) -> str:
    """Return the SHA-256 thumbprint of RFC 7638, 43 letters."""
    return str(key.thumbprint())


def number_of(claims: Claims, name: str) -> float:
    """Return a time of the claims in seconds. Raises BadToken where there is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e12:
        raise BadToken(f"it has no {name}")
    return float(value)


def text_of(claims: Claims, name: str, most: int = 512) -> str:
    """Return a text of the claims. Raises BadToken where there is none, or too much."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise BadToken(f"it has no {name}")
    return value


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims, unchecked. Raises BadToken."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts) or not token.isascii():
        raise BadToken("it is no signed token")
    return _members(parts[0]), _members(parts[1])


def _members(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadToken("it is no signed token") from error
    if not isinstance(found, dict):
        raise BadToken("it is no signed token")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse doubled members: two readers could take each its own (RFC 7515 4)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members
