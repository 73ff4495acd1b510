"""Assertions of a client that are signed with its own key (RFC 7523, OpenID Connect Core 9: private_key_jwt).

Compact JWS alone, ES256 or EdDSA as the registered key has it, nothing critical, no doubled member, no address from
which a key would be fetched. Unknown members are left alone. No Django, and no clock.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yizhengtong.foundation.exchange.keys import ECDSA_P256, ED25519, PublicKey
from yizhengtong.verification.relying_parties.bounds import ASSERTION_LASTS, MOST_ASSERTION, SKEW

ALGORITHMS = {ECDSA_P256: "ES256", ED25519: "EdDSA"}
_PARTS = 3
_LONGEST_ID = 128


class NotProven(Exception):
    """A request does not prove whom it comes from. The words hold nothing of it."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion whose signature nobody has looked at yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


def read_assertion(token: str) -> Assertion:
    """Return what a token says, unchecked. Raises NotProven for what is no signed token of ours."""
    parts = token.split(".")
    if len(token) > MOST_ASSERTION or not token.isascii() or len(parts) != _PARTS or not all(parts):
        raise NotProven("it is no assertion")
    try:
        header, claims = (json.loads(_bytes(part), object_pairs_hook=_once) for part in parts[:2])
        signature = _bytes(parts[2])
    except (ValueError, RecursionError) as error:
        raise NotProven("it is no assertion") from error
    if not isinstance(header, dict) or not isinstance(claims, dict) or {"crit", "b64"} & header.keys():
        raise NotProven("it is no assertion")
    return Assertion(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def ensure_good(assertion: Assertion, key: PublicKey, *, party: str, audience: str, now: float) -> tuple[str, float]:
    """Return `jti` and `exp` of an assertion that is this key's, for us and in time. Raises NotProven.

    `party`: who it must be of, as `iss` and `sub`. `now`: Unix seconds.
    """
    if assertion.header.get("alg") != ALGORITHMS[key.algorithm]:
        raise NotProven("its algorithm is not its key's")
    if not key.verifies(assertion.signature, assertion.signed):
        raise NotProven("its signature is wrong")
    claims = assertion.claims
    if claims.get("iss") != party or claims.get("sub") != party:
        raise NotProven("it is not of its sender")
    if claims.get("aud") != audience:  # one text: nobody else can pass it on
        raise NotProven("it is for another server")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_ID:
        raise NotProven("it has no jti")
    return jti, _end_of(claims, now)


def _end_of(claims: Mapping[str, Any], now: float) -> float:
    expires, begins = _time(claims.get("exp")), _time(claims.get("nbf", claims.get("iat", now)))
    if not now < expires <= now + ASSERTION_LASTS.total_seconds():
        raise NotProven("it is over, or too long")
    if begins > now + SKEW.total_seconds():
        raise NotProven("it has not begun")
    return expires


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise NotProven("it has no time")
    return float(value)


def _bytes(part: str) -> bytes:
    if "=" in part:
        raise ValueError
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse doubled members: two readers could take each its own."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members
