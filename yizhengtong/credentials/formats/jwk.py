"""Public keys as JSON Web Keys (RFC 7517, 7518): read strictly, checked with, told apart by thumbprint (RFC 7638)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256, SIGNATURE_BYTES
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url, write_json

_COORDINATE_BYTES = 32
_PUBLIC = ("crv", "kty", "x", "y")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_ECDSA = ec.ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class ES256Checker:
    """A P-256 key that checks ES256 (RFC 7518 3.4), the Checker of whoever gave it: a wallet, an issuer."""

    key_id: str
    key: ec.EllipticCurvePublicKey = field(repr=False)
    algorithm: str = ES256

    def check(self, data: bytes, signature: bytes) -> bool:
        """Whether `signature`, r and s of 32 bytes each, is this key's over `data`."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        try:
            self.key.verify(encode_dss_signature(r, s), data, _ECDSA)
        except InvalidSignature:
            return False
        return True


def public_part(jwk: Mapping[str, Any]) -> dict[str, str]:
    """Return `kty`, `crv`, `x`, `y` of a P-256 key, and nothing else. Raises FormatProblem `jwk.malformed`.

    `jwk.private`: a private key was given where a public one belongs, and must be held for lost.
    """
    if _PRIVATE & jwk.keys():
        raise FormatProblem("jwk.private")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise FormatProblem("jwk.malformed")
    return {name: str(jwk[name]) for name in _PUBLIC} if _has_point(jwk) else _refuse()


def coordinates(jwk: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return x and y, 32 bytes each, of a public P-256 key. Raises FormatProblem."""
    part = public_part(jwk)
    x, y = (decode_base64url(part[name], "jwk.malformed") for name in ("x", "y"))
    if len(x) != _COORDINATE_BYTES or len(y) != _COORDINATE_BYTES:
        raise FormatProblem("jwk.malformed")
    return x, y


def es256_key(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """Return the key, which lies on the curve. Raises FormatProblem `jwk.malformed`, `jwk.private`."""
    x, y = coordinates(jwk)
    try:
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
        ).public_key()
    except ValueError as error:
        raise FormatProblem("jwk.malformed") from error


def checker_of(jwk: Mapping[str, Any]) -> ES256Checker:
    """Return what checks signatures of a P-256 key, by its `kid`, else its thumbprint. Raises FormatProblem."""
    if jwk.get("alg", ES256) != ES256 or jwk.get("use", "sig") != "sig":
        raise FormatProblem("jwk.malformed")
    return ES256Checker(str(jwk.get("kid") or thumbprint(jwk)), es256_key(jwk))


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return a P-256 key as a JWK without a `kid`."""
    point = key.public_numbers()
    x, y = (encode_base64url(each.to_bytes(_COORDINATE_BYTES, "big")) for each in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the SHA-256 thumbprint in base64url (RFC 7638 3). Raises FormatProblem."""
    return encode_base64url(sha256(write_json(public_part(jwk))).digest())


def _has_point(jwk: Mapping[str, Any]) -> bool:
    return isinstance(jwk.get("x"), str) and isinstance(jwk.get("y"), str)


def _refuse() -> dict[str, str]:
    raise FormatProblem("jwk.malformed")
