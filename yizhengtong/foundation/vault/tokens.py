"""Tokens that keep keys: a hardware security module, or SoftHSM2 for trying it out; asked by PKCS#11.

The address is that of RFC 7512: `pkcs11:token=T;object=NAME?module-path=/…/lib.so&pin-source=file:/…`. Who logs in to a
token is the whole process, so it has one session a token, which stays open and is opened anew when the token was
restarted. One at a time uses it.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import unquote

import pkcs11
from pkcs11 import KeyType, ObjectClass
from pkcs11 import exceptions as told
from pkcs11.exceptions import PKCS11Error

from yizhengtong.foundation.vault.errors import KeyProblem

R = TypeVar("R")
_NEEDED = ("token", "module-path", "pin-source")


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Where a token is, and which object of it is meant, if one is."""

    token: str
    module: str
    pin_source: str
    object: str = ""


def read_address(address: str, *, needs_object: bool = False) -> TokenAddress:
    """Return the parts of an RFC 7512 address. Raises KeyProblem `vault.token_unusable` that names what is missing."""
    path, _, query = address.removeprefix("pkcs11:").partition("?")
    parts = [part.partition("=") for part in (*path.split(";"), *query.split("&")) if part]
    found = {name: unquote(value) for name, _, value in parts}
    needed = (*_NEEDED, "object") if needs_object else _NEEDED
    if missing := sorted(set(needed) - found.keys()):
        raise KeyProblem("vault.token_unusable", what=missing[0])
    return TokenAddress(found["token"], found["module-path"], found["pin-source"], found.get("object", ""))


def session_of(address: TokenAddress) -> "TokenSession":
    """Return this process's session of a token, whatever object is meant."""
    return _session(address.token, address.module, address.pin_source)


@cache
def _session(token: str, module: str, pin_source: str) -> "TokenSession":
    return TokenSession(TokenAddress(token, module, pin_source))


@dataclass(slots=True)
class TokenSession:
    """The open session of a token, and the keys found in it. Safe to share between threads."""

    address: TokenAddress
    _open: Any = None
    _keys: dict[tuple[Any, str], Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def with_key(self, kind: ObjectClass, label: str, work: Callable[[Any], R]) -> R:
        """Do something with a key of the token; once more in a new session if it fails: no two tokens say alike that
        they were restarted.

        Raises KeyProblem `vault.token_unusable`, `vault.master_unknown`, and what `work` is told by the token.
        """
        with self._lock:
            try:
                return work(self._key(kind, label))
            except PKCS11Error:
                self._drop()
                return work(self._key(kind, label))

    def with_writing(self, work: Callable[[Any], R]) -> R:
        """Do something with a session that may write, such as making a key. Raises KeyProblem."""
        with self._lock:
            try:
                return self._written(work)
            except PKCS11Error:
                self._drop()
                return self._written(work)

    def _written(self, work: Callable[[Any], R]) -> R:
        self._session()  # by which this process is logged in
        with self._token().open(rw=True) as writing:
            return work(writing)

    def _key(self, kind: ObjectClass, label: str) -> Any:
        session = self._session()
        if (kind, label) not in self._keys:
            key_type = KeyType.AES if kind == ObjectClass.SECRET_KEY else KeyType.EC
            try:
                found = session.get_key(object_class=kind, key_type=key_type, label=label)
            except (told.NoSuchKey, told.MultipleObjectsReturned):
                raise KeyProblem("vault.master_unknown", master=label) from None
            self._keys[kind, label] = found
        return self._keys[kind, label]

    def _session(self) -> Any:
        if self._open is None:
            try:
                self._open = self._opened()
            except (PKCS11Error, RuntimeError, OSError) as error:
                raise KeyProblem("vault.token_unusable", what=type(error).__name__) from None
        return self._open

    def _opened(self) -> Any:
        pin = Path(self.address.pin_source.removeprefix("file:")).read_text(encoding="utf-8").strip()
        try:
            return self._token().open(user_pin=pin)
        except told.UserAlreadyLoggedIn:
            return self._token().open()

    def _token(self) -> Any:
        return pkcs11.lib(self.address.module).get_token(token_label=self.address.token)

    def _drop(self) -> None:
        """Give the session up, and the library's state with it when the library has none any more."""
        stale, self._open = self._open, None
        self._keys.clear()
        if stale is not None:
            with contextlib.suppress(PKCS11Error):
                stale.close()
        try:
            self._token()
        except PKCS11Error:
            with contextlib.suppress(PKCS11Error):
                pkcs11.lib(self.address.module).finalize()
            pkcs11.lib(self.address.module)
