"""Keys that sign and check: Ed25519 and ECDSA over P-256, as JSON Web Keys (RFC 7517, RFC 8037), named by their
thumbprint (RFC 7638). No Django: receivers use it as it is.
"""

import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ED25519, ECDSA_P256 = "ed25519", "ecdsa-p256-sha256"
ALGORITHMS = (ED25519, ECDSA_P256)
"""The two of RFC 9421's registry that receivers must know here."""
_COORDINATE_BYTES = 32
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks."""

    id: str
    algorithm: str
    key: Public

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Whether `signature` is this key's over `signed`; ECDSA as two numbers of 32 bytes (RFC 9421, 3.3.4)."""
        try:
            if isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, signed)
            else:
                self.key.verify(_as_der(signature), signed, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs."""

    id: str
    algorithm: str
    key: Private = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(content)
        first, second = decode_dss_signature(self.key.sign(content, ec.ECDSA(hashes.SHA256())))
        return first.to_bytes(_COORDINATE_BYTES, "big") + second.to_bytes(_COORDINATE_BYTES, "big")

    def public_jwk(self) -> dict[str, str]:
        """Return the public part as a JSON Web Key with its id and algorithm."""
        return public_jwk(self.key.public_key())

    def secret(self) -> str:
        """Return the private part in base64 (PKCS #8), to be sealed."""
        form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return b64encode(self.key.private_bytes(*form)).decode()


def new_signing_key(algorithm: str = ED25519) -> SigningKey:
    """Make a key. Raises ValueError for an algorithm that is not one of the two."""
    if algorithm not in ALGORITHMS:
        raise ValueError("the algorithm is ed25519 or ecdsa-p256-sha256")
    return _signing(
        ed25519.Ed25519PrivateKey.generate() if algorithm == ED25519 else ec.generate_private_key(ec.SECP256R1())
    )


def signing_key_of(secret: str) -> SigningKey:
    """Return the key that `secret()` gave."""
    key = serialization.load_der_private_key(b64decode(secret), password=None)
    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("a key of another kind")
    return _signing(key)


def public_keys(jwks: str) -> dict[str, PublicKey]:
    """Return the keys of a JSON Web Key Set by id. Raises ValueError for what is none, or a key of another kind."""
    document = json.loads(jwks)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("a key set is an object with a list `keys`")
    found = [public_key(entry) for entry in document["keys"]]
    return {key.id: key for key in found}


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Return the key of a JSON Web Key; its id is `kid`, else its thumbprint. Raises ValueError."""
    try:
        kind, x = (jwk["kty"], jwk["crv"]), _from_url(jwk["x"])
        if kind == ("OKP", "Ed25519"):
            key: Public = ed25519.Ed25519PublicKey.from_public_bytes(x)
        elif kind == ("EC", "P-256"):
            numbers = (int.from_bytes(x, "big"), int.from_bytes(_from_url(jwk["y"]), "big"))
            key = ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
        else:
            raise ValueError("a key is Ed25519 or on P-256")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a key is not to the form of RFC 7517") from error
    return PublicKey(str(jwk.get("kid") or thumbprint(jwk)), _algorithm(key), key)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the thumbprint of a key (RFC 7638): SHA-256 over its required members in order."""
    needed = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return _to_url(hashlib.sha256(json.dumps(needed, sort_keys=True, separators=(",", ":")).encode()).digest())


def _signing(key: Private) -> SigningKey:
    return SigningKey(public_jwk(key.public_key())["kid"], _algorithm(key.public_key()), key)


def _algorithm(key: Public) -> str:
    return ED25519 if isinstance(key, ed25519.Ed25519PublicKey) else ECDSA_P256


def public_jwk(key: Public) -> dict[str, str]:
    """Return a public key as a JSON Web Key, named by its thumbprint."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        found = {"kty": "OKP", "crv": "Ed25519", "x": _to_url(raw), "alg": "EdDSA"}
    else:
        at = key.public_numbers()
        x, y = (_to_url(number.to_bytes(_COORDINATE_BYTES, "big")) for number in (at.x, at.y))
        found = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256"}
    return {**found, "use": "sig", "kid": thumbprint(found)}


def _as_der(signature: bytes) -> bytes:
    if len(signature) != 2 * _COORDINATE_BYTES:
        raise ValueError("a signature over P-256 has 64 bytes")
    first, second = signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]
    return encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))


def _to_url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _from_url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
