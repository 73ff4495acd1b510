"""Static files, compressed once when the server starts: a first page must fit through a thin line.

The files are those of the applications' folders, as they lie; what is compressed lies beside the other working files of
the home folder and is found again by the hash of what it was made from. Pages themselves go uncompressed: most hold
something personal, and a reader of lengths could guess at it (BREACH).
"""

import gzip
import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.responders import MissingFileError, StaticFile  # type: ignore[import-untyped]

_COMPRESSED = frozenset({".css", ".js", ".svg", ".json", ".txt"})
_LEAST_BYTES = 400


class StaticsMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, which gives what is text in gzip to who takes it."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        plain: StaticFile = super().get_static_file(path, url, stat_cache)
        if os.path.splitext(path)[1] not in _COMPRESSED:
            return plain
        try:
            packed = compressed(Path(path), Path(settings.CONFIGURATION.home) / "static")
        except OSError:  # a home that cannot be written: the files are served as they are
            return plain
        if packed is None:
            return plain
        headers: Any = self.headers_of(path, url)
        try:
            return StaticFile(path, headers.items(), encodings={"gzip": str(packed)})
        except MissingFileError:
            return plain

    def headers_of(self, path: str, url: str) -> Any:
        """Return the headers that WhiteNoise gives a file."""
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        if self.allow_all_origins:
            headers["Access-Control-Allow-Origin"] = "*"
        return headers


def compressed(source: Path, folder: Path) -> Path | None:
    """Return the gzip of a file in `folder`, made unless it is there; None where nothing would be gained.

    The same bytes give the same file, whoever makes it: several servers that start at once do not disturb each other.
    """
    content = source.read_bytes()
    if len(content) < _LEAST_BYTES:
        return None
    target = folder / f"{sha256(content).hexdigest()}.gz"
    if target.exists():
        return target
    packed = gzip.compress(content, 9, mtime=0)
    if len(packed) >= len(content):
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(packed)
    os.replace(name, target)
    return target
