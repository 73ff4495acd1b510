"""Master keys that stay in a token: a hardware security module, or SoftHSM2 for trying it out.

The address is that of RFC 7512: `pkcs11:token=T;object=NAME?module-path=/…/lib.so&pin-source=file:/…`. The master key
is an AES key of 256 bits that cannot be extracted; the token seals with AES-GCM, whatever the deployment's suite:
SM4 is no mechanism of the PKCS#11 standard.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pkcs11
from pkcs11 import KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error

from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.suites import NONCE_BYTES, TAG_BYTES

_NEEDED = {"token", "object", "module-path", "pin-source"}


class TokenMasters:
    """The master keys of one token, by their labels. Each use opens a session of its own: keys are unwrapped rarely."""

    def __init__(self, address: str) -> None:
        self._where = _parsed(address)

    @property
    def current(self) -> str:
        return self._where["object"]

    def wrap(self, secret: bytes, *, suite: str, bound: bytes) -> bytes:  # noqa: ARG002 the token has one suite
        nonce = os.urandom(NONCE_BYTES)
        with self._key(self.current) as key:
            return nonce + bytes(key.encrypt(secret, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, bound)))

    def unwrap(self, wrapped: bytes, *, master: str, suite: str, bound: bytes) -> bytes:  # noqa: ARG002 as above
        nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        with self._key(master) as key:
            try:
                return bytes(key.decrypt(rest, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, bound)))
            except PKCS11Error:
                raise KeyProblem("vault.wrapped_key_damaged") from None

    @contextmanager
    def _key(self, label: str) -> Iterator[Any]:
        try:
            token = pkcs11.lib(self._where["module-path"]).get_token(token_label=self._where["token"])
            session = token.open(user_pin=_pin(self._where["pin-source"]))
        except (PKCS11Error, RuntimeError, OSError) as error:
            raise KeyProblem("vault.token_unusable", what=type(error).__name__) from None
        with session:
            try:
                key = session.get_key(object_class=ObjectClass.SECRET_KEY, key_type=KeyType.AES, label=label)
            except PKCS11Error:
                raise KeyProblem("vault.master_unknown", master=label) from None
            yield key


def _gcm(nonce: bytes, bound: bytes) -> Any:
    return pkcs11.GCMParams(nonce, aad=bound, tag_bits=8 * TAG_BYTES)


def _parsed(address: str) -> dict[str, str]:
    path, _, query = address.removeprefix("pkcs11:").partition("?")
    parts = [part.partition("=") for part in (*path.split(";"), *query.split("&")) if part]
    found = {name: unquote(value) for name, _, value in parts}
    if missing := sorted(_NEEDED - found.keys()):
        raise KeyProblem("vault.token_unusable", what=missing[0])
    return found


def _pin(source: str) -> str:
    return Path(source.removeprefix("file:")).read_text(encoding="utf-8").strip()
