"""Master keys: they wrap the keys that lie in the database, and never lie there themselves.

`settings.YZT_KEYS` names where they are: a file, or a token by a PKCS#11 address (pkcs11.py). In a file each line is
`name secret`, the secret in hexadecimal; the last line wraps, the others still unwrap.
"""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings

from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.suites import NONCE_BYTES, SECRET_BYTES, SUITES, TAG_BYTES, InvalidTag

_OTHERS = 0o077


class Masters(Protocol):
    """The master keys of a deployment."""

    @property
    def current(self) -> str:
        """The name of the master key that wraps now."""

    def wrap(self, secret: bytes, *, suite: str, bound: bytes) -> bytes:
        """Wrap a secret with the current master key, bound to what it is for."""

    def unwrap(self, wrapped: bytes, *, master: str, suite: str, bound: bytes) -> bytes:
        """Unwrap. Raises KeyProblem `vault.master_unknown`, `vault.wrapped_key_damaged`."""


def masters() -> Masters:
    """Return the master keys this deployment is set to. Raises KeyProblem with `vault.master_…`."""
    address = str(settings.YZT_KEYS)
    if address.startswith("pkcs11:"):
        return _token_masters(address)
    return FileMasters(Path(address))


def _token_masters(address: str) -> Masters:
    try:
        from yizhengtong.foundation.vault.pkcs11 import TokenMasters  # its library is an extra (requirements/pkcs11.in)
    except ImportError:
        raise KeyProblem("vault.token_unusable", what="python-pkcs11") from None
    return TokenMasters(address)


class FileMasters:
    """Master keys in a file that only the platform's account can read."""

    def __init__(self, path: Path) -> None:
        if not path.exists() and not settings.YZT_PRODUCTION:
            add_master(path)
        self._secrets = _read(path)

    @property
    def current(self) -> str:
        return list(self._secrets)[-1]

    def wrap(self, secret: bytes, *, suite: str, bound: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + SUITES[suite].aead(self._key(self.current, suite)).encrypt(nonce, secret, bound)

    def unwrap(self, wrapped: bytes, *, master: str, suite: str, bound: bytes) -> bytes:
        aead = SUITES[suite].aead(self._key(master, suite))
        try:
            if len(wrapped) < NONCE_BYTES + TAG_BYTES:
                raise InvalidTag
            return aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
        except InvalidTag:
            raise KeyProblem("vault.wrapped_key_damaged") from None

    def _key(self, master: str, suite: str) -> bytes:
        if master not in self._secrets:
            raise KeyProblem("vault.master_unknown", master=master)
        return SUITES[suite].derive(self._secrets[master], b"yzt/wrap")


def add_master(path: Path) -> str:
    """Add a master key to the file, which is made if it is not there, and return its name. Old ones stay readable."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(4)}"
    before = path.read_text(encoding="ascii") if path.exists() else ""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{before}{name} {secrets.token_hex(SECRET_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())
    if before:
        partial.replace(path)
    else:
        _publish(partial, path)
    return name


def _publish(partial: Path, path: Path) -> None:
    """Put the first file in its place unless another process was faster: two first master keys would lose one."""
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> dict[str, bytes]:
    try:
        seen = path.stat()
        lines = path.read_text(encoding="ascii").split("\n")
    except FileNotFoundError:
        raise KeyProblem("vault.master_missing") from None
    except (PermissionError, UnicodeDecodeError):
        raise KeyProblem("vault.master_unreadable") from None
    if seen.st_mode & _OTHERS:
        raise KeyProblem("vault.master_readable_by_others")
    try:
        found = {name: bytes.fromhex(secret) for name, secret in (line.split() for line in lines if line.strip())}
    except ValueError:
        raise KeyProblem("vault.master_unreadable") from None
    if not found or any(len(secret) != SECRET_BYTES for secret in found.values()):
        raise KeyProblem("vault.master_unreadable")
    return found
