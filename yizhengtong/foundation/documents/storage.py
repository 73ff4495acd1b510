"""Where contents lie: sealed, under random names in `settings.YZT_FILES`, on disk before a row speaks of them.

A content is bound to its name: a file that takes another's place does not open. Another storage takes this one's place
through `STORAGES["documents"]` in the settings, and is given sealed contents as well.
"""

import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages

from yizhengtong.foundation.vault.contents import CONTENT_HEADER_BYTES, key_of_content, open_content, seal_content
from yizhengtong.foundation.vault.envelope import Place
from yizhengtong.foundation.vault.keyring import ring_for_sealing

_ALIAS = "documents"


class DocumentStorage(FileSystemStorage):
    """Files that only the platform's own account can read, flushed to the disk before `save` returns."""

    def __init__(self, location: str | Path | None = None) -> None:
        super().__init__(
            location=location or settings.YZT_FILES, file_permissions_mode=0o600, directory_permissions_mode=0o700
        )

    def _save(self, name: str, content: "File[Any] | IO[Any]") -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # missing from the stubs
        path = Path(self.path(saved))
        for entry in (path, path.parent, path.parent.parent):
            _flush(entry)
        return saved


def place() -> Storage:
    """Return the storage in force."""
    try:
        return storages[_ALIAS]
    except InvalidStorageError:
        return DocumentStorage()


def write_content(content: bytes) -> str:
    """Write a content under a new random name and return the name. Raises OSError when the disk refuses."""
    random = secrets.token_hex(24)
    name = f"{random[:2]}/{random}"
    saved = place().save(name, ContentFile(seal_content(content, _bound_to(name))))
    if saved != name:  # another file has the name, of 192 random bits: what is sealed to the first would not open
        place().delete(saved)
        raise OSError("the random name of a content was taken")
    return name


def read_content(name: str) -> bytes:
    """Return a content. Raises FileNotFoundError, UnknownEnvelope."""
    with place().open(name) as file:
        return open_content(file.read(), _bound_to(name))


def remove_content(name: str) -> None:
    """Remove a content; it is no error if it is gone already."""
    place().delete(name)


def names_written_before(instant: datetime) -> Iterator[str]:
    """Yield the names of all contents last written before an instant (UTC)."""
    here = place()
    if not here.exists(""):
        return
    for folder in here.listdir("")[0]:
        for file in here.listdir(folder)[1]:
            name = f"{folder}/{file}"
            if here.get_modified_time(name) < instant:
                yield name


def reseal_content(name: str) -> bool:
    """Seal a content with the key in use, unless it is; readers find the old or the new file, whole.

    Returns whether it was changed. Raises UnknownEnvelope. The storage in force must be one of files.
    """
    path = Path(place().path(name))
    sealed = path.read_bytes()
    if key_of_content(sealed) == ring_for_sealing().sealing.id:
        return False
    bound = _bound_to(name)
    resealed = seal_content(open_content(sealed, bound), bound)
    _replace(path, resealed)
    return True


def key_of_file(name: str) -> int:
    """Return the id of the key that sealed a content. Raises FileNotFoundError, UnknownEnvelope."""
    with place().open(name) as file:
        return key_of_content(file.read(CONTENT_HEADER_BYTES))


def _bound_to(name: str) -> Place:
    return Place("documents_document", "content", name)


def _replace(path: Path, content: bytes) -> None:
    """Put a content in a file's place at once, flushed, with the file's age: sweeping orphans goes by it."""
    seen = path.stat()
    partial = path.with_name(f"{path.name}.resealed")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    os.utime(partial, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    partial.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
