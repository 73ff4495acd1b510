"""The ledger: what was sent and what was acknowledged, written by the driver alone, each line on the disk at once."""

import json
import os
import threading
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Entry:
    """One request that changes something, however often it was sent. `attempts`: a request id for each sending.

    `facts`: ids and states from the answer. Not acknowledged: `status` 0.
    """

    key: str
    operation: str
    subject: str
    attempts: list[str] = field(default_factory=list)
    status: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_acknowledged(self) -> bool:
        return self.status > 0


class Ledger:
    """An append-only file of JSON lines with check sums; `write` returns when the line is on the disk."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def sending(self, entry: Entry) -> None:
        """Note that an entry's last attempt goes out now."""
        self._write({"sent": entry.attempts[-1], **_head(entry)})

    def acknowledged(self, entry: Entry) -> None:
        """Note that an entry was answered; only what this has written counts as acknowledged."""
        self._write({"answered": entry.attempts[-1], **asdict(entry)})

    def close(self) -> None:
        os.close(self._descriptor)

    def _write(self, record: dict[str, Any]) -> None:
        text = json.dumps(record, ensure_ascii=False, sort_keys=True)
        line = f"{zlib.crc32(text.encode()):08x} {text}\n".encode()
        with self._lock:
            os.write(self._descriptor, line)
            os.fsync(self._descriptor)


def read_ledger(path: Path) -> list[Entry]:
    """Return every entry of a ledger as its last line has it. Raises ValueError for a damaged line."""
    entries: dict[str, Entry] = {}
    for line in path.read_bytes().splitlines():
        check, _, text = line.partition(b" ")
        if int(check, 16) != zlib.crc32(text):
            raise ValueError("a line of the ledger is damaged")
        record = json.loads(text)
        entry = entries.setdefault(record["key"], Entry(record["key"], record["operation"], record["subject"]))
        if "sent" in record:
            entry.attempts.append(record["sent"])
        else:
            entry.status, entry.facts = record["status"], record["facts"]
    return list(entries.values())


def _head(entry: Entry) -> dict[str, Any]:
    return {"key": entry.key, "operation": entry.operation, "subject": entry.subject}
