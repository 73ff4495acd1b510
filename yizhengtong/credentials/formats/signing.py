"""Who signs and who checks, whichever key and wherever it lies: a file, a token, the system's libcrypto."""

from collections.abc import Mapping
from typing import Protocol

ES256, SM2 = "ES256", "SM2"
"""ECDSA with P-256 and SHA-256 (RFC 7518 3.4); SM2 with SM3 (GB/T 32918), which no register of JOSE or COSE names."""

SIGNATURE_BYTES = 64


class Signer(Protocol):
    """A private key that signs. `certificates`: X.509 in DER, its own first, without the root; or none."""

    @property
    def key_id(self) -> str: ...

    @property
    def algorithm(self) -> str:
        """ES256 or SM2."""

    @property
    def certificates(self) -> tuple[bytes, ...]: ...

    @property
    def public_jwk(self) -> Mapping[str, str]:
        """`kty`, `crv`, `x`, `y`, `kid`, `alg`, `use`."""

    def sign(self, data: bytes) -> bytes:
        """Return 64 bytes, r and s of 32 bytes each, over the hash of `data`."""


class Checker(Protocol):
    """A public key that checks what a signer signed."""

    @property
    def key_id(self) -> str: ...

    @property
    def algorithm(self) -> str: ...

    def check(self, data: bytes, signature: bytes) -> bool:
        """Whether `signature`, 64 bytes, is this key's over `data`. Whatever is malformed is not."""
