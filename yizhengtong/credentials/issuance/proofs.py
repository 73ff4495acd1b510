"""Proofs of the keys that copies are bound to (OpenID4VCI 1.0, appendix F): `jwt`, and `attestation`. No Django.

A proof is for this issuer, is young, bears our nonce and is signed with the key it names. A key attestation is what a
wallet's provider says of keys: believed from providers that the deployment trusts, else no proof of anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.formats.jwk import checker_of, public_part, thumbprint
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256, Checker
from yizhengtong.credentials.formats.strict import decode_base64url, read_object
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem

PROOF_TYPE, ATTESTATION_TYPE = "openid4vci-proof+jwt", "key-attestation+jwt"
PROOF_ALGORITHMS = (ES256,)
OLDEST_SECONDS, AHEAD_SECONDS = 600, 60
"""Ours: how old a proof may be, and how far a wallet's clock may run ahead."""

Attesters = Callable[[Mapping[str, Any]], Checker]
"""From the header of a key attestation to the trusted provider's key. Raises FormatProblem."""


@dataclass(frozen=True, slots=True)
class HolderKey:
    """A public key of a wallet: `jwk` with `kty`, `crv`, `x`, `y` alone; `thumbprint` by RFC 7638, 32 bytes."""

    jwk: Mapping[str, str]
    thumbprint: bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """What a proof must say. `client_id`: empty for a wallet that did not say who it is. `now`: Unix time.

    `most`: how many keys one request may name. `attesters`: none where no provider is trusted.
    """

    issuer: str
    client_id: str
    now: float
    most: int
    attesters: Attesters | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """The keys, in the order of their proofs, and every nonce that was borne."""

    keys: tuple[HolderKey, ...]
    nonces: frozenset[str]


def prove(proofs: Any, expected: Expected) -> Proven:
    """Return the keys that a request's `proofs` prove. Raises IssuanceProblem `invalid_proof`."""
    if not isinstance(proofs, Mapping) or len(proofs) != 1:
        raise _invalid("proofs must hold exactly one proof type")
    (kind, given), *_ = proofs.items()
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise _invalid("a proof type must hold a non-empty array of strings")
    if len(given) > expected.most:
        raise _invalid("more proofs than batch_size")
    if kind not in ("jwt", "attestation") or (kind == "attestation" and expected.attesters is None):
        raise _invalid("the proof type is not supported")
    try:
        found = _of_jwts(given, expected) if kind == "jwt" else _of_attestation(given, expected)
    except FormatProblem as problem:
        raise _invalid(f"the proof was refused: {problem.code}") from problem
    return _distinct(found, expected.most)


def copies_asked(proofs: Any, most: int) -> int:
    """Return how many copies a request asks for, 1 to `most`: one for each key, named by a proof or attested.

    Counted before anything is believed, so that trying is not free.
    """
    given = proofs if isinstance(proofs, Mapping) else {}
    named, attesting = _texts(given.get("jwt"), most), _texts(given.get("attestation"), most)
    borne = [_unchecked(each, 0).get("key_attestation") for each in named]
    attested = {*attesting, *(each for each in borne if isinstance(each, str))}
    keys = [_unchecked(each, 1).get("attested_keys") for each in attested]
    copies = borne.count(None) + sum(len(each) if isinstance(each, list) else 1 for each in keys)
    return min(max(copies, 1), most)


def _texts(given: Any, most: int) -> list[str]:
    return [each for each in given[:most] if isinstance(each, str)] if isinstance(given, list) else []


def _unchecked(token: str, part: int) -> Mapping[str, Any]:
    """Return header (0) or payload (1) of what may be a JWT; an empty one of what is none."""
    try:
        return read_object(decode_base64url(token.split(".")[part], "proof.malformed"), "proof.malformed")
    except (IndexError, FormatProblem):
        return {}


def _of_jwts(given: Sequence[str], expected: Expected) -> list[tuple[list[dict[str, str]], str]]:
    return [_of_jwt(each, expected) for each in given]


def _of_jwt(token: str, expected: Expected) -> tuple[list[dict[str, str]], str]:
    """Return the keys of one proof, its own first, and its nonce."""
    named: list[Mapping[str, Any]] = []

    def resolve(header: Mapping[str, Any]) -> Checker:
        named.append(_key_of(header, expected))
        return checker_of(named[0])

    header, payload = open_compact(token, resolve, typ=PROOF_TYPE)
    _ensure_for_us(payload, expected)
    nonce = _nonce_of(payload)
    attested = header.get("key_attestation")
    if attested is None or expected.attesters is None:
        return [public_part(named[0])], nonce
    keys, attested_nonce = _attested(attested, expected)
    if public_part(named[0]) not in keys or attested_nonce != nonce:
        raise _invalid("the key attestation is of other keys or another nonce")
    return keys, nonce


def _key_of(header: Mapping[str, Any], expected: Expected) -> Mapping[str, Any]:
    """Return the key a header names: by itself, or by its id among attested keys."""
    if len({"jwk", "kid", "x5c"} & header.keys()) != 1 or "trust_chain" in header:
        raise FormatProblem("proof.names_no_key")
    if isinstance(header.get("jwk"), Mapping):
        key: Mapping[str, Any] = header["jwk"]
        return key
    attested = header.get("key_attestation")
    if "kid" not in header or not isinstance(attested, str) or expected.attesters is None:
        raise FormatProblem("proof.names_no_key")
    _, payload = open_compact(attested, expected.attesters, typ=ATTESTATION_TYPE)
    for key in _keys_in(payload):
        if header["kid"] in (key.get("kid"), thumbprint(key)):
            return key
    raise FormatProblem("proof.names_no_key")


def _ensure_for_us(payload: Mapping[str, Any], expected: Expected) -> None:
    if payload.get("aud") != expected.issuer:
        raise _invalid("aud must be the credential issuer identifier")
    if "iss" in payload and (not expected.client_id or payload["iss"] != expected.client_id):
        raise _invalid("iss must be the client_id, and be left out by an anonymous wallet")
    _ensure_young(payload, expected.now)


def _ensure_young(payload: Mapping[str, Any], now: float) -> None:
    issued = payload.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise _invalid("iat must be a number")
    if not now - OLDEST_SECONDS <= issued <= now + AHEAD_SECONDS:
        raise _invalid("iat is too old or lies ahead")
    ends = payload.get("exp")
    if ends is not None and (isinstance(ends, bool) or not isinstance(ends, int | float) or ends <= now):
        raise _invalid("the proof has expired")


def _nonce_of(payload: Mapping[str, Any]) -> str:
    nonce = payload.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise _invalid("the proof bears no nonce of the nonce endpoint")
    return nonce


def _of_attestation(given: Sequence[str], expected: Expected) -> list[tuple[list[dict[str, str]], str]]:
    if len(given) != 1:
        raise _invalid("exactly one key attestation is expected")
    return [_attested(given[0], expected)]


def _attested(token: Any, expected: Expected) -> tuple[list[dict[str, str]], str]:
    """Return the keys a provider attests, and the nonce it bears."""
    if not isinstance(token, str) or expected.attesters is None:
        raise FormatProblem("proof.attestation_refused")
    _, payload = open_compact(token, expected.attesters, typ=ATTESTATION_TYPE)
    ends = payload.get("exp")
    if isinstance(ends, bool) or not isinstance(ends, int | float) or ends <= expected.now:
        raise FormatProblem("proof.attestation_expired")
    return [public_part(key) for key in _keys_in(payload)], _nonce_of(payload)


def _keys_in(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    keys = payload.get("attested_keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, Mapping) for key in keys):
        raise FormatProblem("proof.attestation_refused")
    return keys


def _distinct(found: Sequence[tuple[Sequence[Mapping[str, str]], str]], most: int) -> Proven:
    """Each key gets one copy at most; a key that stands in several attestations counts once, one in two proofs not."""
    own = [thumbprint(keys[0]) for keys, _ in found]
    if len(found) > 1 and all(len(keys) == 1 for keys, _ in found) and len(set(own)) != len(own):
        raise _invalid("each proof must prove a key of its own")
    keys = {thumbprint(key): key for named, _ in found for key in named}
    holders = [HolderKey(key, decode_base64url(name, "jwk.malformed")) for name, key in keys.items()]
    return Proven(tuple(holders[:most]), frozenset(nonce for _, nonce in found))


def _invalid(description: str) -> IssuanceProblem:
    return IssuanceProblem(Fault.INVALID_PROOF, description)
