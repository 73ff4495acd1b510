"""What an operator does with the chain beside the running sealer: status, a new key, going on after a restore."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import Connection

from yizhengtong.foundation.audit.reading import Row, one, single
from yizhengtong.foundation.audit.sealing import LOCK, Plan
from yizhengtong.foundation.audit.signing import Signer, Stopped

_WAIT_SECONDS = 15.0
_STEP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Status:
    """How far the sealing is."""

    entries: int
    links: int
    unsealed: int
    lag_seconds: float
    """Age of the oldest entry without a link."""
    checkpoints: int
    checkpoint_sequence: int
    checkpoint_age_seconds: float | None
    key: str
    is_running: bool


def status(conninfo: str, plan: Plan) -> Status:
    """Return how far the sealing is. Reads what the indexes give; the number of entries is PostgreSQL's estimate."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        behind = single(connection, _BEHIND)
        links = single(connection, "SELECT coalesce(max(sequence), 0) FROM audit_link")
        last = one(connection, _LAST)
        entries = one(connection, "SELECT reltuples::bigint FROM pg_class WHERE oid = 'audit_entry'::regclass")
        running = one(connection, _LOCKED, LOCK >> 32, LOCK & 0xFFFFFFFF)
    at = datetime.fromisoformat(last[2]) if last else None
    return Status(
        entries=max(0, entries[0]) if entries else 0,
        links=links[0],
        unsealed=behind[0],
        lag_seconds=float(behind[1] or 0),
        checkpoints=last[0] if last else 0,
        checkpoint_sequence=last[1] if last else 0,
        checkpoint_age_seconds=(plan.now().astimezone(UTC) - at).total_seconds() if at else None,
        key=str(last[3]) if last else "",
        is_running=running is not None,
    )


def rotate_key(conninfo: str, plan: Plan) -> str:
    """Have a new key announced by the old one, by the running sealer or else here. Returns the new key's name.

    Raises Stopped `audit.sealer_busy` when a sealer runs and does not answer, or why sealing is stopped.
    """
    before = len(plan.file.trust())
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if _lock(connection):
            signer = _signer(connection, plan)
            signer.prepare()
            return signer.rotate()
    plan.keys.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    plan.keys.request.touch(mode=0o600)
    for _ in _tries():
        if len(plan.file.trust()) > before:
            return str(plan.file.trust()[-1]["key"])
    plan.keys.request.unlink(missing_ok=True)
    raise Stopped("audit.sealer_busy")


def replace_root(conninfo: str, plan: Plan, reason: str) -> str:
    """Begin anew with another key because the old one is lost; see Signer.replace_root. Returns its name."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for _ in _tries():
            if _lock(connection):
                return _signer(connection, plan).replace_root(reason)
    raise Stopped("audit.sealer_busy")


def resume(conninfo: str, plan: Plan, reason: str) -> str:
    """Go on after a restore; see Signer.resume. A sealer that is stopped gives up the lock now and then.

    Raises Stopped `audit.sealer_busy` when a sealer works: then there is nothing to resume.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for _ in _tries():
            if _lock(connection):
                return _signer(connection, plan).resume(reason)
    raise Stopped("audit.sealer_busy")


def _signer(connection: "Connection[Row]", plan: Plan) -> Signer:
    return Signer(connection, plan.file, plan.keys, plan.hash_name, now=plan.now)


def _lock(connection: "Connection[Row]") -> bool:
    return bool(single(connection, "SELECT pg_try_advisory_lock(%s)", LOCK)[0])


def _tries() -> Iterator[None]:
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        yield
        time.sleep(_STEP_SECONDS)


_BEHIND = """
    SELECT count(*), extract(epoch FROM clock_timestamp() - min(at)) FROM audit_entry entry
    WHERE transaction_id >= coalesce((SELECT transaction_id FROM audit_position), '0')
        AND NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
"""
_LAST = """
    SELECT number, sequence, line::jsonb ->> 'at', line::jsonb ->> 'key'
    FROM audit_checkpoint ORDER BY number DESC LIMIT 1
"""
_LOCKED = """
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
