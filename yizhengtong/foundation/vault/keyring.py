"""The keys of this process: read from the database once, unwrapped, and turned into ciphers that are kept.

Keys that others make are noticed when an envelope names an unknown one, and before sealing once the ring is older
than `settings.YZT_KEYS_REFRESH_SECONDS`: a new key is used by every process within that time.
"""

import asyncio
import math
import secrets
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connections

from yizhengtong.foundation.vault.errors import KeyProblem, UnknownEnvelope
from yizhengtong.foundation.vault.suites import SECRET_BYTES, SUITES, Aead

OPEN_KEY = 0
OPEN_SUITE = "open"
_LEAST_SECONDS_BETWEEN = 1.0
"""An envelope that names a key nobody has must not make every reader ask the database."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, unwrapped; a retired one without its secret."""

    id: int
    kind: str
    suite: str
    state: str
    secret: bytes = field(repr=False)
    wrapped: bytes = field(default=b"", repr=False)


class Keyring:
    """Keys by id, and what was derived from them. Safe to share between threads: entries are only added."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.loaded_at = time.monotonic()
        self.keys = {key.id: key for key in keys}
        self._data = self._active("data")
        self._index = self._active("index")
        self._aeads: dict[tuple[int, str, str], Aead] = {}
        self._index_secret = b"" if self._index is None else self._index.secret
        self._mac = SUITES["aes256gcm" if self._index is None else self._index.suite].mac

    @property
    def sealing(self) -> Key:
        """Return the key that new values are sealed with. Raises KeyProblem `vault.no_key`."""
        if self._data is None:
            raise KeyProblem("vault.no_key")
        if self._data.id == OPEN_KEY and settings.YZT_PRODUCTION:
            raise KeyProblem("vault.open_key_refused")
        return self._data

    def aead(self, key_id: int, table: str, column: str) -> Aead:
        """Return the cipher of a key for one column. Raises UnknownEnvelope `vault.key_unknown`, `.key_retired`.

        Every column has a key of its own, derived, so that the bound on random nonces counts per column.
        """
        known = self._aeads.get((key_id, table, column))
        if known is None:
            key = self.opening(key_id)
            suite = SUITES[key.suite]
            known = suite.aead(suite.derive(key.secret, f"yzt/seal\0{table}\0{column}".encode()))
            self._aeads[key_id, table, column] = known
        return known

    def opening(self, key_id: int) -> Key:
        """Return a key that may still open. Raises UnknownEnvelope."""
        key = self.keys.get(key_id)
        if key is None or key.kind != "data":
            raise UnknownEnvelope("vault.key_unknown", key=key_id)
        if key.state == "retired":
            raise UnknownEnvelope("vault.key_retired", key=key_id)
        return key

    def mac(self, message: bytes) -> bytes:
        """Return the keyed hash of a message, 32 bytes. Raises KeyProblem `vault.no_key`."""
        if not self._index_secret:
            raise KeyProblem("vault.no_key")
        return self._mac(self._index_secret, message)

    def _active(self, kind: str) -> Key | None:
        return next((key for key in self.keys.values() if key.kind == kind and key.state == "active"), None)


_ring: Keyring | None = None


def keyring() -> Keyring:
    """Return the ring as it was last read."""
    return _ring or reload()


def ring_for_sealing() -> Keyring:
    """Return the ring, read again when it is older than a deployment allows."""
    ring = _ring
    if ring is None or time.monotonic() - ring.loaded_at > settings.YZT_KEYS_REFRESH_SECONDS:
        return reload()
    return ring


def ring_with(key_id: int) -> Keyring:
    """Return a ring that knows a key, reading again for an unknown one; a ring without it when there is none."""
    ring = keyring()
    if key_id not in ring.keys and time.monotonic() - ring.loaded_at > _LEAST_SECONDS_BETWEEN:
        return reload()
    return ring


def reload() -> Keyring:
    """Read the ring from the database now."""
    known = {} if _ring is None else _ring.keys
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return use(Keyring(_read(known)))
    with ThreadPoolExecutor(1) as thread:  # the worker's event loop: Django's connections belong to threads without one
        return use(Keyring(thread.submit(_read_apart, known).result()))


def _read(known: Mapping[int, Key]) -> list[Key]:
    from yizhengtong.foundation.vault.keys import read_keys  # below it: keys.py needs models, fields need this

    return read_keys(known)


def _read_apart(known: Mapping[int, Key]) -> list[Key]:
    try:
        return _read(known)
    finally:
        connections.close_all()


def use(ring: Keyring) -> Keyring:
    """Use a ring from now on in this process."""
    global _ring  # noqa: PLW0603 one ring a process
    _ring = ring
    return ring


def forget() -> None:
    """Drop the ring; the next need reads it anew."""
    global _ring  # noqa: PLW0603 one ring a process
    _ring = None


def is_loaded() -> bool:
    """Whether this process holds a ring."""
    return _ring is not None


def ring_of_random_keys(suite: str = "aes256gcm") -> Keyring:
    """Return a ring that no database knows and none is asked about, for work without one."""
    kinds = {1: "data", 2: "index"}
    ring = Keyring(Key(at, kind, suite, "active", secrets.token_bytes(SECRET_BYTES)) for at, kind in kinds.items())
    ring.loaded_at = math.inf
    return ring
