"""The sealer: chains what was written, within a second, and signs checkpoints. psycopg only, no Django.

One at a time: an advisory lock keeps a second one waiting; should two write all the same, the row of the position and
the sequence as primary key let only one of them commit. Killed between any two steps it continues from what is there.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from yizhengtong.foundation.audit.canonical import START, columns_of, hash_named, link_after, place_of
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys
from yizhengtong.foundation.audit.reading import Row, copied, one, open_session, single
from yizhengtong.foundation.audit.signing import Signer, Stopped

log = logging.getLogger(__name__)

LOCK = 0x797A745F7365616C  # "yzt_seal"
BATCH = 2000
_DELETED_AT_ONCE = 20_000
CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sealer is told: where it signs, with which hash a new chain begins, how long contents are kept at least.

    `keep_months`: months by class; a class that is not in it never expires.
    """

    file: CheckpointFile
    keys: SigningKeys
    hash_name: str = "sha256"
    keep_months: Mapping[str, int] = field(default_factory=dict)
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    at_step: Callable[[str], None] = lambda _step: None


class Sealer:
    """Seals over one connection of its own, in autocommit mode. Call `prepare`, then `turn` again and again."""

    def __init__(self, connection: "Connection[Row]", plan: Plan) -> None:
        self._connection = connection
        self._plan = plan
        self._signer = Signer(connection, plan.file, plan.keys, plan.hash_name, now=plan.now, at_step=plan.at_step)
        self._signed_at = float("-inf")
        self._refused: set[Any] = set()

    def prepare(self) -> None:
        """Take what is there as the beginning. Raises Stopped where file, database and keys do not fit together."""
        open_session(self._connection)
        self._connection.execute("SET enable_hashjoin TO off; SET enable_mergejoin TO off")
        self._signer.prepare()
        self._delete_expired()

    def take_lock(self) -> bool:
        """Whether this is the one sealer; asked again until it is."""
        return bool(single(self._connection, "SELECT pg_try_advisory_lock(%s)", LOCK)[0])

    def turn(self) -> int:
        """Seal everything that is complete, expire what is asked for, sign when it is time. Returns entries sealed."""
        sealed = 0
        while count := self.seal_batch():
            sealed += count
            if self._is_time():
                self.checkpoint()
        self._rotate_if_asked()
        self._expire_if_asked()
        if self._is_time():
            self.checkpoint()
        return sealed

    def finish(self) -> None:
        """Sign what is not signed yet, before a clean stop."""
        self.turn()
        if self._signer.has_news():
            self.checkpoint()

    def checkpoint(self, **statements: Any) -> None:
        """Sign the chain as it is now."""
        self._signer.sign(**statements)
        self._signed_at = time.monotonic()

    def seal_batch(self) -> int:
        """Chain the next entries, in one transaction. Returns how many; 0 when everything complete is chained."""
        hashed = hash_named(self._signer.hash_name)
        with self._connection.transaction():
            reach = self._reach()
            head = one(self._connection, _HEAD)
            sequence, link = (int(head[0]), bytes(head[1]).hex().encode()) if head else (0, START)
            rows = []
            last = b""
            for row in copied(self._connection, reach.unsealed):
                last, _, line = row.partition(b"\t")
                sequence += 1
                place = place_of(sequence, line, hashed)
                link = link_after(link, place, hashed)
                rows.append(_stored(place, link))
            self._plan.at_step("batch read")
            if rows:
                with self._connection.cursor().copy(_ADD_LINKS) as copy:
                    copy.write(b"".join(rows))
            self._plan.at_step("batch written")
            self._move(reach, last.decode() if len(rows) == BATCH else None)
        self._plan.at_step("batch committed")
        return len(rows)

    def _reach(self) -> "_Reach":
        """Lock the position and say from where to where entries are complete."""
        row = one(self._connection, _POSITION)
        if row is None:
            self._connection.execute(_FIRST_POSITION)
            row = single(self._connection, _POSITION)
        start, is_this_cluster, horizon = row
        return _Reach(start, horizon, bool(is_this_cluster))

    def _move(self, reach: "_Reach", last: str | None) -> None:
        """Move the position to the last entry's transaction, or to the horizon once nothing is left below it."""
        if last is None:
            if not reach.is_this_cluster or reach.start != reach.horizon:
                self._connection.execute(_MOVE_ON, [reach.horizon])
        elif reach.is_this_cluster:
            self._connection.execute(_MOVE, [last])

    def _is_time(self) -> bool:
        return time.monotonic() - self._signed_at >= self._plan.checkpoint_seconds and self._signer.has_news()

    def _rotate_if_asked(self) -> None:
        if self._plan.keys.request.exists():
            self._signer.rotate()
            self._signed_at = time.monotonic()

    def _expire_if_asked(self) -> None:
        """Sign one request after the other, each followed by its deletion; what is not due is refused and logged."""
        for expiry in list(self._requests()):
            if not self._is_due(expiry):
                self._refused.add(expiry.id)
                log.error("audit.expiry_refused retention=%s up_to=%s", expiry.retention, expiry.up_to)
                continue
            self.checkpoint(expired=[expiry.statement])
            self._delete_expired()

    def _requests(self) -> "Iterator[_Expiry]":
        rows = self._connection.execute(_REQUESTS).fetchall()
        return (_Expiry(*row) for row in rows if row[0] not in self._refused)

    def _is_due(self, expiry: "_Expiry") -> bool:
        """Whether a request names a class that expires, lies under a checkpoint, is exact, and old enough."""
        months = self._plan.keep_months.get(expiry.retention)
        if months is None or expiry.up_to > self._signer.sequence:
            return False
        count, is_early = single(self._connection, _EXPIRING, months, self._plan.now(), expiry.retention, expiry.up_to)
        return bool(count == expiry.entries and not is_early)

    def _delete_expired(self) -> None:
        while single(self._connection, "SELECT audit_delete_expired(%s)", _DELETED_AT_ONCE)[0]:
            self._plan.at_step("expired deleted")


@dataclass(frozen=True, slots=True)
class _Reach:
    """From which transaction on, and below which, entries are looked for. Not this cluster's: everything unlinked."""

    start: str
    horizon: str
    is_this_cluster: bool

    @property
    def unsealed(self) -> str:
        bounds = f"transaction_id >= '{int(self.start)}'::xid8 AND transaction_id < '{int(self.horizon)}'::xid8"
        return f"""
            SELECT entry.transaction_id, {columns_of("entry")} FROM audit_entry entry
            WHERE {bounds if self.is_this_cluster else "true"}
                AND NOT EXISTS (SELECT FROM audit_link WHERE audit_link.entry_id = entry.id)
            ORDER BY entry.transaction_id, entry.at, entry.id LIMIT {BATCH}"""  # noqa: S608 numbers and our own columns


@dataclass(frozen=True, slots=True)
class _Expiry:
    """A request of the retention job."""

    id: Any
    retention: str
    up_to: int
    entries: int

    @property
    def statement(self) -> dict[str, Any]:
        return {"expiry": str(self.id), "class": self.retention, "up_to": self.up_to, "count": self.entries}


def _stored(place: bytes, link: bytes) -> bytes:
    """Return the line by which COPY takes a link: hashes as bytea."""
    rest, _, entry_hash = place.rpartition(b"\t")
    return b"%b\t\\\\x%b\t\\\\x%b\n" % (rest, entry_hash, link)


_HEAD = "SELECT sequence, link FROM audit_link ORDER BY sequence DESC LIMIT 1"
_ADD_LINKS = b"COPY audit_link (sequence, entry_id, retention, entry_hash, link) FROM STDIN"
_CLUSTER = "(SELECT system_identifier::text FROM pg_control_system())"
_POSITION = f"""
    SELECT transaction_id::text, cluster = {_CLUSTER}, pg_snapshot_xmin(pg_current_snapshot())::text
    FROM audit_position FOR UPDATE
"""  # noqa: S608 our own text
_FIRST_POSITION = (
    f"INSERT INTO audit_position (id, transaction_id, cluster) VALUES (1, '0', {_CLUSTER}) ON CONFLICT DO NOTHING"  # noqa: S608 our own text
)
_MOVE = "UPDATE audit_position SET transaction_id = %s::xid8"
_MOVE_ON = f"UPDATE audit_position SET transaction_id = %s::xid8, cluster = {_CLUSTER}"  # noqa: S608 our own text
_REQUESTS = """
    SELECT id, retention, up_to, entries FROM audit_expiry
    WHERE NOT EXISTS (SELECT FROM audit_statement WHERE expiry_id = audit_expiry.id) ORDER BY up_to
"""
_EXPIRING = """
    SELECT count(*), coalesce(bool_or(entry.at + make_interval(months => %s) > %s), true)
    FROM audit_link link JOIN audit_entry entry ON entry.id = link.entry_id
    WHERE link.retention = %s AND link.sequence <= %s
"""

__all__ = ["LOCK", "Plan", "Sealer", "Stopped"]
