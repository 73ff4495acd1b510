"""Where received events lie: one SQLite file, each event on the disk before it is acknowledged."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS event (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        subject TEXT NOT NULL,
        sequence TEXT NOT NULL,
        partition_key TEXT NOT NULL,
        digest BLOB NOT NULL,
        key_id TEXT NOT NULL,
        received_at REAL NOT NULL,
        came INTEGER NOT NULL DEFAULT 1,
        body BLOB NOT NULL,
        UNIQUE (source, id)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS event_partition ON event (partition_key, sequence);
"""
_COLUMNS = "number, source, id, type, subject, sequence, partition_key, received_at, came, body"


class Taken(StrEnum):
    """What became of an event: new, known already, or known under this id with another content."""

    NEW = "stored"
    KNOWN = "known"
    OTHER = "other_content"


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it lies in the file. `came`: how often it was delivered. Its body may hold personal data."""

    number: int
    source: str
    id: str
    type: str
    subject: str
    sequence: str
    partition_key: str
    received_at: float
    came: int
    body: bytes


class Store:
    """The file of one receiver. Safe to share between threads; two processes take turns by SQLite's own lock."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
        self._lock = Lock()
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        self._connection.executescript(_SCHEMA)

    def take(self, event: dict[str, Any], body: bytes, *, key_id: str, now: float) -> Taken:
        """Keep an event; on the disk when this returns. Events are the same when source, id and content are."""
        digest = hashlib.sha256(body).digest()
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                taken = self._take(event, body, digest, key_id, now)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        return taken

    def _take(self, event: dict[str, Any], body: bytes, digest: bytes, key_id: str, now: float) -> Taken:
        identity = (event["source"], event["id"])
        found = self._connection.execute("SELECT digest FROM event WHERE source = ? AND id = ?", identity).fetchone()
        if found is None:
            optional = (event.get("subject", ""), event.get("sequence", ""), event.get("partitionkey", ""))
            self._connection.execute(
                "INSERT INTO event (source, id, type, subject, sequence, partition_key, digest, key_id, received_at,"
                " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*identity, event["type"], *optional, digest, key_id, now, body),
            )
            return Taken.NEW
        if found[0] != digest:
            return Taken.OTHER
        self._connection.execute("UPDATE event SET came = came + 1 WHERE source = ? AND id = ?", identity)
        return Taken.KNOWN

    def events(self, *, after: int = 0) -> Iterator[Kept]:
        """Yield what was received, in the order in which it came first."""
        with self._lock:
            statement = f"SELECT {_COLUMNS} FROM event WHERE number > ? ORDER BY number"  # noqa: S608 our own words
            rows = self._connection.execute(statement, (after,)).fetchall()
        for row in rows:
            yield Kept(*row)

    def out_of_order(self) -> int:
        """Return how many events came after a later one of the same person: none, from a platform that keeps order."""
        with self._lock:
            row = self._connection.execute(
                "SELECT count(*) FROM (SELECT sequence, max(sequence) OVER (PARTITION BY source, partition_key"
                " ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM event"
                " WHERE partition_key <> '') WHERE before > sequence"
            ).fetchone()
        return int(row[0])

    def close(self) -> None:
        with self._lock:
            self._connection.close()
