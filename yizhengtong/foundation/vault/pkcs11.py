"""Master keys that stay in a token (tokens.py): AES keys of 256 bits that cannot be extracted.

The token seals with AES-GCM, whatever the deployment's suite: SM4 is no mechanism of the PKCS#11 standard.
"""

import os
from collections.abc import Callable
from typing import Any

import pkcs11
from pkcs11 import Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error

from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.suites import NONCE_BYTES, TAG_BYTES
from yizhengtong.foundation.vault.tokens import read_address, session_of


class TokenMasters:
    """The master keys of one token, by their labels."""

    def __init__(self, address: str) -> None:
        self._where = read_address(address, needs_object=True)

    @property
    def current(self) -> str:
        return self._where.object

    def wrap(self, secret: bytes, *, suite: str, bound: bytes) -> bytes:  # noqa: ARG002 the token has one suite
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._with(self.current, lambda key: bytes(key.encrypt(secret, **_gcm(nonce, bound))))

    def unwrap(self, wrapped: bytes, *, master: str, suite: str, bound: bytes) -> bytes:  # noqa: ARG002 as above
        nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._with(master, lambda key: bytes(key.decrypt(rest, **_gcm(nonce, bound))))
        except PKCS11Error:
            raise KeyProblem("vault.wrapped_key_damaged") from None

    def _with(self, label: str, work: Callable[[Any], bytes]) -> bytes:
        return session_of(self._where).with_key(ObjectClass.SECRET_KEY, label, work)


def _gcm(nonce: bytes, bound: bytes) -> dict[str, Any]:
    parameters = pkcs11.GCMParams(nonce, aad=bound, tag_bits=8 * TAG_BYTES)
    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": parameters}
