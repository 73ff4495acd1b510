"""SM2 with SM3 (GB/T 32918.2, GM/T 0009): signing and checking through the system's libcrypto. No Django.

A signature is 64 bytes, r and s; DER is only what libcrypto is told. The signer's identity is always the one that
GM/T 0009 gives where none was agreed: OpenSSL's own default is an empty one, and nobody's signatures would fit.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import SIGNATURE_BYTES, SM2
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url
from yizhengtong.credentials.keys import libcrypto
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.software import NUMBER_BYTES, der_signature, published, raw_signature

IDENTITY = b"1234567812345678"
"""GM/T 0009-2012, 10."""
CURVE = "SM2"
"""The name of the curve in our JSON Web Keys; no register has one."""
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_KIND = b"SM2"
_LONGEST_DER = 72
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
"""AlgorithmIdentifier: id-ecPublicKey (RFC 5480) on the curve 1.2.156.10197.1.301 (GM/T 0006)."""
_PUBLIC_START = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("03420004")
_PRIVATE_START = bytes.fromhex("3041020100") + _ALGORITHM + bytes.fromhex("0427302502010104" + "20")


@dataclass(frozen=True, slots=True)
class Sm2Signer:
    """A private key. No certificates: what makes those here knows no SM2 (docs/adr/0057)."""

    public_jwk: Mapping[str, str]
    _key: libcrypto.PrivateOrPublicKey = field(repr=False)
    certificates: tuple[bytes, ...] = ()

    @property
    def key_id(self) -> str:
        return self.public_jwk["kid"]

    @property
    def algorithm(self) -> str:
        return SM2

    def sign(self, data: bytes) -> bytes:
        return raw_signature(libcrypto.sign(self._key, data, IDENTITY, _LONGEST_DER))

    def secret(self) -> str:
        """Return the private number in base64, to be sealed."""
        return b64encode(self._key.private_number(NUMBER_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class Sm2Checker:
    """A public key."""

    key_id: str
    _key: libcrypto.PrivateOrPublicKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        return SM2

    def check(self, data: bytes, signature: bytes) -> bool:
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:NUMBER_BYTES], signature[NUMBER_BYTES:]))
        if not (0 < r < ORDER and 0 < s < ORDER) or (r + s) % ORDER == 0:  # GB/T 32918.2, 7.1: B1, B2, B5
            return False
        return libcrypto.verifies(self._key, data, der_signature(signature), IDENTITY)


def new_signer() -> Sm2Signer:
    """Make a key. Raises KeyProblem where libcrypto is missing, or was built without SM2."""
    return _signer_of(libcrypto.generate(_KIND))


def signer_of(secret: str) -> Sm2Signer:
    """Return the key whose private number `secret()` gave. Raises KeyProblem `keys.not_a_key`."""
    number = b64decode(secret)
    if len(number) != NUMBER_BYTES or not 0 < int.from_bytes(number, "big") < ORDER - 1:
        raise KeyProblem("keys.not_a_key")
    try:
        return _signer_of(libcrypto.private_key(_PRIVATE_START + number, _KIND))
    except libcrypto.Refused:
        raise KeyProblem("keys.not_a_key") from None


def checker_of(jwk: Mapping[str, str]) -> Sm2Checker:
    """Return the key that checks, from its JSON Web Key. Raises KeyProblem `keys.not_a_key`."""
    try:
        key = libcrypto.public_key(public_der(point_of(jwk)), _KIND)
    except (libcrypto.Refused, FormatProblem):
        raise KeyProblem("keys.not_a_key") from None
    return Sm2Checker(jwk["kid"], key)


def point_of(jwk: Mapping[str, str]) -> bytes:
    """Return x and y of a JSON Web Key, 64 bytes. Raises FormatProblem `jwk.malformed` for another curve or length."""
    point = b"".join(decode_base64url(jwk[name], "jwk.malformed") for name in ("x", "y"))
    if jwk.get("crv") != CURVE or len(point) != 2 * NUMBER_BYTES:
        raise FormatProblem("jwk.malformed")
    return point


def jwk_of(point: bytes) -> dict[str, str]:
    """Return the JSON Web Key of a point, 64 bytes, as we publish it."""
    x, y = (encode_base64url(half) for half in (point[:NUMBER_BYTES], point[NUMBER_BYTES:]))
    return published({"kty": "EC", "crv": CURVE, "x": x, "y": y}, SM2)


def public_der(point: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of a point, 64 bytes."""
    return _PUBLIC_START + point


def _signer_of(key: libcrypto.PrivateOrPublicKey) -> Sm2Signer:
    return Sm2Signer(jwk_of(key.public_der()[-2 * NUMBER_BYTES :]), key)
