"""JSON Web Signatures in compact form (RFC 7515), by ES256, and by SM2 between those who agreed on it.

No register names SM2 with SM3 for JOSE: the `alg` value `SM2` is private to those who read it (docs/adr/0058).
"""

from collections.abc import Callable, Mapping
from typing import Any

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256, SM2, Checker, Signer
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url, read_object, write_json

__all__ = ["FormatProblem", "open_compact", "open_signed", "sign_compact"]

LONGEST_TOKEN = 1_000_000
"""Characters; a portrait in an SD-JWT is the longest thing that is signed here. Ours, in no standard."""

_PARTS = 3
_ALGORITHMS = (ES256, SM2)
_NOT_UNDERSTOOD = frozenset({"crit", "b64", "zip"})

Resolve = Callable[[Mapping[str, Any]], Checker]
"""From a header, not yet trusted, to the key that must have signed. Raises FormatProblem `jose.key_unknown`."""


def sign_compact(header: Mapping[str, Any], payload: Mapping[str, Any], signer: Signer) -> str:
    """Return header, payload and signature in base64url with dots between. `alg` is the signer's.

    The header names the key by `kid` unless it carries it otherwise (`kid`, `jwk`, `x5c`). Raises ValueError where it
    names another algorithm.
    """
    named = {**header, "alg": signer.algorithm}
    if header.get("alg", signer.algorithm) != signer.algorithm:
        raise ValueError("the header names another algorithm than the signer's")
    if not {"kid", "jwk", "x5c"} & header.keys():
        named["kid"] = signer.key_id
    signed = f"{encode_base64url(write_json(named))}.{encode_base64url(write_json(payload))}"
    return f"{signed}.{encode_base64url(signer.sign(signed.encode('ascii')))}"


def open_compact(
    token: str, checkers: Mapping[str, Checker] | Resolve, *, typ: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and payload of a token that one of these keys signed.

    `checkers`: by `kid`, or what finds the key for a header. `typ`: what the header must say. The algorithm is the
    key's own: what the token says of it must agree and decides nothing. Raises FormatProblem `jose.malformed`,
    `jose.wrong_type`, `jose.algorithm_refused`, `jose.key_unknown`, `jose.signature_wrong`.
    """
    header, payload = open_signed(token, checkers, typ=typ)
    return header, read_object(payload, "jose.malformed")


def open_signed(
    token: str, checkers: Mapping[str, Checker] | Resolve, *, typ: str | None = None
) -> tuple[dict[str, Any], bytes]:
    """Return header and payload as bytes, as `open_compact` does, for payloads that are no JSON object."""
    parts = token.split(".") if len(token) <= LONGEST_TOKEN else []
    if len(parts) != _PARTS:
        raise FormatProblem("jose.malformed")
    header = read_object(decode_base64url(parts[0], "jose.malformed"), "jose.malformed")
    payload, signature = (decode_base64url(part, "jose.malformed") for part in parts[1:])
    _ensure_expected(header, typ)
    checker = _checker(header, checkers)
    if header["alg"] != checker.algorithm:
        raise FormatProblem("jose.algorithm_refused")
    if not checker.check(f"{parts[0]}.{parts[1]}".encode("ascii"), signature):
        raise FormatProblem("jose.signature_wrong")
    return header, payload


def _ensure_expected(header: Mapping[str, Any], typ: str | None) -> None:
    if header.get("alg") not in _ALGORITHMS:
        raise FormatProblem("jose.algorithm_refused")
    if _NOT_UNDERSTOOD & header.keys():
        raise FormatProblem("jose.malformed")
    if typ is not None and header.get("typ") != typ:
        raise FormatProblem("jose.wrong_type")


def _checker(header: Mapping[str, Any], checkers: Mapping[str, Checker] | Resolve) -> Checker:
    if callable(checkers):
        return checkers(header)
    found = checkers.get(header["kid"]) if isinstance(header.get("kid"), str) else None
    if found is None:
        raise FormatProblem("jose.key_unknown")
    return found
