"""What a backup says of itself: manifest.json for the whole, files.txt with a line a file."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from yizhengtong.kernel.errors import Conflict, NotFound

MANIFEST, LIST, DATABASE, FILES = "manifest.json", "files.txt", "database", "files"
PARTIAL = ".partial"
FORMAT = 1
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a backup: SHA-256 in hexadecimal, size in bytes."""

    sha256: str
    size: int


@dataclass(slots=True)
class Manifest:
    """What a backup holds. `rows` counts each table, `gone` the files removed with their rows meanwhile."""

    version: str
    started_at: str
    server_version: int
    migrations: list[str]
    keys: Mapping[str, str]
    rows: Mapping[str, int]
    format: int = FORMAT
    finished_at: str = ""
    database: dict[str, Kept] = field(default_factory=dict)
    list_sha256: str = ""
    files: int = 0
    file_bytes: int = 0
    gone: int = 0
    missing: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> str:
        """Write manifest.json and return its SHA-256, which the operator keeps elsewhere."""
        content = json.dumps(asdict(self), indent=1, sort_keys=True).encode() + b"\n"
        write_durably(folder / MANIFEST, content)
        return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Return a backup's manifest. Raises NotFound `backup.not_a_backup` for what is none, or of an unknown format."""
    try:
        known = json.loads((folder / MANIFEST).read_bytes())
        if known["format"] != FORMAT:
            raise NotFound("backup.not_a_backup")
        known["database"] = {name: Kept(**kept) for name, kept in known["database"].items()}
        return Manifest(**known)
    except (OSError, ValueError, KeyError, TypeError):
        raise NotFound("backup.not_a_backup") from None


def write_list(folder: Path, kept: Mapping[str, Kept]) -> str:
    """Write files.txt and return its SHA-256."""
    lines = "".join(f"{each.sha256} {each.size} {name}\n" for name, each in sorted(kept.items()))
    write_durably(folder / LIST, lines.encode())
    return hashlib.sha256(lines.encode()).hexdigest()


def read_list(folder: Path) -> dict[str, Kept]:
    """Return what files.txt says, by name; nothing where there is none."""
    try:
        lines = (folder / LIST).read_text().splitlines()
    except FileNotFoundError:
        return {}
    rows = (line.split(" ", 2) for line in lines)
    return {name: Kept(sha256, int(size)) for sha256, size, name in rows}


def whole_backups(folder: Path) -> list[Path]:
    """Return the finished backups in a folder, the oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if (path / MANIFEST).is_file() and path.suffix != PARTIAL)


def verify(folder: Path, manifest: Manifest) -> None:
    """Read everything and compare it with the manifest. Raises Conflict `backup.damaged`."""
    damaged = list(_damaged(folder, manifest))
    if damaged:
        raise Conflict("backup.damaged", damaged=len(damaged), first=damaged[0])


def _damaged(folder: Path, manifest: Manifest) -> Iterator[str]:
    if not _is(folder / LIST, manifest.list_sha256):
        yield LIST
        return
    expected = {f"{DATABASE}/{name}": kept for name, kept in manifest.database.items()}
    expected |= {f"{FILES}/{name}": kept for name, kept in read_list(folder).items()}
    yield from (name for name, kept in expected.items() if not _is(folder / name, kept.sha256))


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and measured(path).sha256 == sha256


def measured(path: Path) -> Kept:
    """Return hash and size of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Kept(digest.hexdigest(), size)


def copied(source: Path, target: Path) -> Kept:
    """Copy a file for our eyes only, flushed to the disk; return hash and size of what was copied."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as file, os.fdopen(descriptor, "wb") as copy:
        while chunk := file.read(_CHUNK):
            copy.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return Kept(digest.hexdigest(), size)


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file for our eyes only, flushed to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_folders(paths: Iterable[Path]) -> None:
    """Flush folders to the disk, so that the names in them are there after a power cut."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
