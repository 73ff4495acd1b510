"""CBOR Object Signing (RFC 9052) as ISO 18013-5 uses it: COSE_Sign1 by ES256, COSE_Key, certificates as x5chain.

CBOR is written deterministically (RFC 8949 4.2.1). No register names SM2 for COSE: here only ES256 signs.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cbor2 import dumps

from yizhengtong.credentials.formats.jwk import coordinates
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256, Signer

ALGORITHM, X5CHAIN = 1, 33
_ES256 = -7
PROTECTED_ES256 = dumps({ALGORITHM: _ES256})
PROTECTED_ALGORITHMS = frozenset({PROTECTED_ES256, dumps({ALGORITHM: -9})})
"""What is believed of others: ES256, and the same said in full (ESP256)."""
_KEY_HEAD = bytes.fromhex("a401022001215820")  # {1: EC2, -1: P-256, -2: bytes of 32 …
_KEY_MIDDLE = bytes.fromhex("225820")  # … -3: bytes of 32}
_SIGN1_HEAD = b"\x84" + dumps(PROTECTED_ES256)
_BYTES, _SHORT, _BYTE, _TWO_BYTES = 0x40, 24, 0x100, 0x10000


def sign1(payload: bytes, signer: Signer) -> bytes:
    """Return COSE_Sign1 (RFC 9052 4.2), untagged, in CBOR: the payload inside, the signer's certificates beside.

    Raises FormatProblem `cose.algorithm_refused` for a signer that is not ES256.
    """
    if signer.algorithm != ES256:
        raise FormatProblem("cose.algorithm_refused")
    signature = signer.sign(signed_bytes(PROTECTED_ES256, payload))
    return b"".join((_SIGN1_HEAD, _unprotected(signer.certificates), byte_string(payload), byte_string(signature)))


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """Return Sig_structure (RFC 9052 4.4), without data of others: what the signature is over."""
    return b"".join((b"\x84\x6aSignature1", byte_string(protected), b"\x40", byte_string(payload)))


def cose_key(jwk: Mapping[str, Any]) -> bytes:
    """Return a public P-256 key as COSE_Key (RFC 9053 7.1.1), in CBOR. Raises FormatProblem `jwk.malformed`."""
    x, y = coordinates(jwk)
    return b"".join((_KEY_HEAD, x, _KEY_MIDDLE, y))


def byte_string(data: bytes) -> bytes:
    """Return a byte string in CBOR."""
    size = len(data)
    if size < _SHORT:
        return bytes((_BYTES | size,)) + data
    if size < _BYTE:
        return bytes((0x58, size)) + data
    return (b"\x59" + size.to_bytes(2, "big") if size < _TWO_BYTES else b"\x5a" + size.to_bytes(4, "big")) + data


@lru_cache(maxsize=64)
def _unprotected(certificates: tuple[bytes, ...]) -> bytes:
    """RFC 9360 2: one certificate stands alone, several in an array."""
    if not certificates:
        return dumps({})
    return dumps({X5CHAIN: certificates[0] if len(certificates) == 1 else list(certificates)})
