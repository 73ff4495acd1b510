"""Lines that are on the disk before anything else happens, each with its check sum."""

import json
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Lines:
    """An append-only file of JSON lines; `write` returns when the line is on the disk. Shared between threads."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, record: dict[str, Any]) -> None:
        text = json.dumps(record, ensure_ascii=False, sort_keys=True)
        line = f"{zlib.crc32(text.encode()):08x} {text}\n".encode()
        with self._lock:
            os.write(self._descriptor, line)
            os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield every record of a file. Raises ValueError for a damaged line."""
    for line in path.read_bytes().splitlines():
        check, _, text = line.partition(b" ")
        if int(check, 16) != zlib.crc32(text):
            raise ValueError("a line of the ledger is damaged")
        yield json.loads(text)
