"""The two families of algorithms a deployment chooses from; what either sealed is read beside the other.

international: AES-256-GCM (NIST SP 800-38D), HKDF and HMAC with SHA-256 (RFC 5869, RFC 2104).
national: SM4-GCM (GB/T 32907, RFC 8998), HKDF and HMAC with SM3 (GB/T 32905). SM4 has keys of 128 bits.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES, TAG_BYTES = 12, 16
SECRET_BYTES = 32
"""Of every secret that keys are derived from, whichever the suite."""
SEALS_A_KEY = 2**32
"""NIST SP 800-38D, 8.3: the most contents sealed by one key under random nonces of 96 bits."""

__all__ = ["NONCE_BYTES", "SEALS_A_KEY", "SECRET_BYTES", "SUITES", "TAG_BYTES", "InvalidTag", "Suite"]


class Aead(Protocol):
    """Seals and opens with one key. `decrypt` raises InvalidTag; the tag is the last 16 bytes."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class SM4GCM:
    """SM4 in Galois/counter mode, in the manner of cryptography's AESGCM, which has no SM4."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        sealing = Cipher(self._key, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        if len(data) < TAG_BYTES:
            raise InvalidTag
        opening = Cipher(self._key, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(data[:-TAG_BYTES]) + opening.finalize()


@dataclass(frozen=True, slots=True)
class Suite:
    """How one family derives, seals and hashes. `mac(key, message)` gives 32 bytes."""

    name: str
    key_bytes: int
    aead: Callable[[bytes], Aead]
    hash: Callable[[], hashes.HashAlgorithm]
    mac: Callable[[bytes, bytes], bytes]

    def derive(self, secret: bytes, info: bytes) -> bytes:
        """Return the key that `secret` has for a use (HKDF without salt: the secret is random)."""
        return HKDF(algorithm=self.hash(), length=self.key_bytes, salt=None, info=info).derive(secret)


def _mac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _mac_sm3(key: bytes, message: bytes) -> bytes:
    digest = HMAC(key, hashes.SM3())
    digest.update(message)
    return digest.finalize()


SUITES: Mapping[str, Suite] = {
    "aes256gcm": Suite("aes256gcm", 32, AESGCM, hashes.SHA256, _mac_sha256),
    "sm4gcm": Suite("sm4gcm", 16, SM4GCM, hashes.SM3, _mac_sm3),
}
SUITE_OF = {"international": "aes256gcm", "national": "sm4gcm", "both": "sm4gcm"}
"""The suite of new keys, by the deployment's choice (`YZT_CRYPTO`). `both` is a choice of signatures: nobody abroad
reads what lies here."""
