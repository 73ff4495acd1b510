"""Keys of ECDSA over P-256 that lie in memory and sign (ES256, RFC 7518 3.4); and the form of every key of ours."""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from yizhengtong.credentials.formats import jwk
from yizhengtong.credentials.formats.signing import ES256, SIGNATURE_BYTES
from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.credentials.keys.errors import KeyProblem

NUMBER_BYTES = SIGNATURE_BYTES // 2
_HASH = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """A private key in memory. `certificates` as the protocol says."""

    public_jwk: Mapping[str, str]
    private: ec.EllipticCurvePrivateKey = field(repr=False)
    certificates: tuple[bytes, ...] = ()

    @property
    def key_id(self) -> str:
        return self.public_jwk["kid"]

    @property
    def algorithm(self) -> str:
        return ES256

    def sign(self, data: bytes) -> bytes:
        return raw_signature(self.private.sign(data, _HASH))

    def secret(self) -> str:
        """Return the private part in base64 (PKCS #8), to be sealed."""
        form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return b64encode(self.private.private_bytes(*form)).decode()


def new_signer() -> SoftwareSigner:
    """Make a key."""
    return _signer_of(ec.generate_private_key(ec.SECP256R1()))


def signer_of(secret: str, certificates: tuple[bytes, ...] = ()) -> SoftwareSigner:
    """Return the key whose private part `secret()` gave. Raises KeyProblem `keys.not_a_key`."""
    try:
        key = serialization.load_der_private_key(b64decode(secret), password=None)
    except ValueError:
        raise KeyProblem("keys.not_a_key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyProblem("keys.not_a_key")
    return _signer_of(key, certificates)


def published(point: Mapping[str, str], algorithm: str) -> dict[str, str]:
    """Return the JSON Web Key we publish for `kty`, `crv`, `x`, `y`: with its thumbprint as `kid` (RFC 7638 3)."""
    needed = {name: point[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(needed, sort_keys=True, separators=(",", ":")).encode()).digest()
    return {**point, "kid": encode_base64url(digest), "alg": algorithm, "use": "sig"}


def raw_signature(der: bytes) -> bytes:
    """Return r and s, 32 bytes each, of a signature in DER."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(NUMBER_BYTES, "big") + s.to_bytes(NUMBER_BYTES, "big")


def der_signature(raw: bytes) -> bytes:
    """Return a signature of 64 bytes in DER."""
    r, s = (int.from_bytes(half, "big") for half in (raw[:NUMBER_BYTES], raw[NUMBER_BYTES:]))
    return encode_dss_signature(r, s)


def _signer_of(key: ec.EllipticCurvePrivateKey, certificates: tuple[bytes, ...] = ()) -> SoftwareSigner:
    return SoftwareSigner(published(jwk.jwk_of(key.public_key()), ES256), key, certificates)
