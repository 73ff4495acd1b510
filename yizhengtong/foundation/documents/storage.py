"""Where contents lie: random names under `settings.YZT_FILES`, on disk before a row speaks of them.

Another storage, such as one that encrypts, takes this one's place through `STORAGES["documents"]` in the settings.
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
    name = secrets.token_hex(24)
    return place().save(f"{name[:2]}/{name}", ContentFile(content))


def read_content(name: str) -> bytes:
    """Return a content. Raises FileNotFoundError."""
    with place().open(name) as file:
        content: bytes = file.read()
    return content


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


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
