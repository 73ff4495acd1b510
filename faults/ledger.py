"""The ledger: what was sent and what was acknowledged, written by the driver alone, each line on the disk at once."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from faults.lines import Lines, read_lines


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
    """A file of lines; only what it has written counts as sent or acknowledged."""

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path)

    def sending(self, entry: Entry) -> None:
        """Note that an entry's last attempt goes out now."""
        self._lines.write({"sent": entry.attempts[-1], **_head(entry)})

    def acknowledged(self, entry: Entry) -> None:
        """Note that an entry was answered."""
        self._lines.write({"answered": entry.attempts[-1], **asdict(entry)})

    def close(self) -> None:
        self._lines.close()


def read_ledger(path: Path) -> list[Entry]:
    """Return every entry of a ledger as its last line has it. Raises ValueError for a damaged line."""
    entries: dict[str, Entry] = {}
    for record in read_lines(path):
        entry = entries.setdefault(record["key"], Entry(record["key"], record["operation"], record["subject"]))
        if "sent" in record:
            entry.attempts.append(record["sent"])
        else:
            entry.status, entry.facts = record["status"], record["facts"]
    return list(entries.values())


def _head(entry: Entry) -> dict[str, Any]:
    return {"key": entry.key, "operation": entry.operation, "subject": entry.subject}
