"""Signed checkpoints: lines of JSON in a file outside the database, each holding the hash of the line before.

A checkpoint says: at this time the chain had so many links, and the last one was this. It also states what expired,
announces the next key, and says what a restored backup lost. Keys are Ed25519 (RFC 8032). No Django, no database.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from yizhengtong.foundation.audit.canonical import hash_named

FILE, TRUST = "checkpoints.jsonl", "trust.json"
_KEY_LENGTH = 32
_TAIL_BYTES = 65536


def line_of(body: Mapping[str, Any]) -> bytes:
    """Return the one form of a body in JSON: names in order, no spaces, ASCII."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def key_id(public: bytes) -> str:
    """Return the short name of a public key (32 bytes)."""
    return sha256(public).hexdigest()[:_KEY_LENGTH]


def signed(body: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Return the line of a checkpoint with its signature."""
    return line_of({**body, "signature": key.sign(line_of(body)).hex()})


def read_line(line: bytes) -> dict[str, Any] | None:
    """Return what a checkpoint's line says, None when it is not in the one form."""
    try:
        body = json.loads(line)
    except ValueError:
        return None
    is_sound = isinstance(body, dict) and line_of(body) == line and _FIELDS.keys() <= body.keys()
    return body if is_sound and all(isinstance(body[name], kind) for name, kind in _FIELDS.items()) else None


_FIELDS: Mapping[str, type] = {
    "number": int, "sequence": int, "link": str, "at": str, "key": str, "hash": str, "previous": str, "expired": list,
    "signature": str,
}  # fmt: skip


def is_signed_by(body: Mapping[str, Any], public: bytes) -> bool:
    """Whether the signature of a read checkpoint is that of this public key."""
    unsigned = {name: value for name, value in body.items() if name != "signature"}
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(body["signature"]), line_of(unsigned))
    except (InvalidSignature, ValueError):
        return False
    return True


def split_lines(content: bytes) -> list[bytes]:
    """Return the lines of a file; an unfinished last one is a line too."""
    lines = content.split(b"\n")
    return lines[:-1] if not lines[-1] else lines


def hash_of_line(line: bytes, name: str) -> str:
    """Return what the next checkpoint's `previous` says of this line."""
    return hash_named(name)(line)


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """The file of checkpoints in its folder, with the trust file beside it. One writer at a time: the sealer."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / FILE

    def lines(self) -> list[bytes]:
        """Return every line, also an unfinished last one."""
        return split_lines(self.path.read_bytes()) if self.path.exists() else []

    def last(self) -> bytes | None:
        """Return the last finished line, None when there is none. Reads the end of the file only."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            finished = file.read().rpartition(b"\n")[0]
        return finished.rpartition(b"\n")[2] or None

    def append(self, line: bytes) -> None:
        """Write a line; on the disk when this returns. What a crash left unfinished before it is cut off."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not self.path.exists()
        with open(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            self._cut_unfinished(file.fileno())
            file.seek(0, os.SEEK_END)
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.folder)

    def _cut_unfinished(self, descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        unfinished = len(tail) - (tail.rfind(b"\n") + 1)
        if unfinished:
            os.ftruncate(descriptor, size - unfinished)

    def trust(self) -> list[dict[str, Any]]:
        """Return the public keys with their history: `key`, `public` (hex), `from`; the first is the root."""
        path = self.folder / TRUST
        keys = json.loads(path.read_text())["keys"] if path.exists() else []
        return list(keys)

    def save_trust(self, keys: Iterable[Mapping[str, Any]]) -> None:
        """Write the trust file anew, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.folder / TRUST, json.dumps({"keys": list(keys)}, indent=1).encode() + b"\n", mode=0o644)


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The folder of private keys, one file a key, readable by the sealer's account alone."""

    folder: Path

    @property
    def request(self) -> Path:
        """The file by which an operator asks the running sealer for a new key."""
        return self.folder / "rotate"

    def make(self) -> tuple[str, str]:
        """Make a key, on the disk when this returns. Returns its name and its public half in hexadecimal."""
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._path(key_id(public)), key.private_bytes_raw().hex().encode(), mode=0o600)
        return key_id(public), public.hex()

    def get(self, name: str) -> Ed25519PrivateKey | None:
        """Return a private key by its name, None when it is not here."""
        path = self._path(name)
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text())) if path.exists() else None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.key"


def write_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Put a file in its place in one step, synced, so that a crash leaves the old one or the new one."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
