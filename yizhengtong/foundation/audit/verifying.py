"""`yzt audit verify`: the database's trail against its chain and the checkpoints outside, on every core. No Django.

Everything is read in one snapshot, which the processes share; stretches of the chain are walked side by side.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise, repeat
from multiprocessing import get_context

import psycopg
from psycopg import Connection, IsolationLevel

from yizhengtong.foundation.audit.canonical import START, columns_of
from yizhengtong.foundation.audit.checking import (
    Walk,
    check_checkpoints,
    close,
    compare_with_database,
    compare_with_own,
    walk,
)
from yizhengtong.foundation.audit.checkpoints import CheckpointFile
from yizhengtong.foundation.audit.findings import Report, Statements
from yizhengtong.foundation.audit.reading import Row, copied, one, open_session, single

_FEW = 20_000
"""So many links are walked in one process: starting more would take longer."""


def verify(
    conninfo: str, file: CheckpointFile, *, own: CheckpointFile | None = None, processes: int | None = None
) -> Report:
    """Check the whole trail of a database. Raises psycopg.Error where it cannot be read.

    `own`: the folder in which whoever checks keeps trust file and checkpoints of earlier.
    """
    report = Report()
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        open_session(connection)
        stored = stored_lines(connection)
        lines = lines_of_snapshot(conninfo, file, len(stored))  # after the snapshot: the file is written first
        statements, _ = check_checkpoints(lines, file.trust(), report, own.trust() if own else None)
        compare_with_database(lines, stored, report)
        compare_with_own(lines, own.lines() if own else (), report)
        bounds = _bounds(connection, processes or len(os.sched_getaffinity(0)))
        close(_walk_all(conninfo, connection, bounds, statements), bounds[1:], statements, report)
        _find_inserted(connection, report)
    report.findings.sort(key=lambda found: (found.at, found.code))
    return report


def stored_lines(connection: "Connection[Row]") -> list[bytes]:
    """Return the database's copies of the checkpoints."""
    return [str(row[0]).encode() for row in connection.execute(_STORED).fetchall()]


def lines_of_snapshot(conninfo: str, file: CheckpointFile, stored: int) -> list[bytes]:
    """Return the file's lines without those that were signed after our snapshot, which the database knows by now."""
    lines = file.lines()
    if len(lines) > stored:
        with psycopg.connect(conninfo) as now:
            if single(now, "SELECT count(*) FROM audit_checkpoint")[0] > stored:
                return lines[:stored]
    return lines


def _bounds(connection: "Connection[Row]", processes: int) -> list[int]:
    """Return where stretches begin and end: one for each process, one alone where there are few links."""
    last = int(single(connection, "SELECT coalesce(max(sequence), 0) FROM audit_link")[0])
    parts = processes if last > _FEW else 1
    return [last * part // parts for part in range(parts + 1)]


def _walk_all(
    conninfo: str, connection: "Connection[Row]", bounds: Sequence[int], statements: Statements
) -> list[Walk]:
    stretches = list(pairwise(bounds))
    if len(stretches) == 1:
        return [_stretch(connection, *stretches[0], statements)]
    snapshot = single(connection, "SELECT pg_export_snapshot()")[0]
    with ProcessPoolExecutor(len(stretches), mp_context=get_context("fork")) as pool:
        return list(
            pool.map(_walk_apart, repeat(conninfo), repeat(snapshot), *zip(*stretches, strict=True), repeat(statements))
        )


def _walk_apart(conninfo: str, snapshot: str, after: int, until: int, statements: Statements) -> Walk:
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.execute("SET TRANSACTION SNAPSHOT " + _quoted(snapshot))
        open_session(connection)
        return _stretch(connection, after, until, statements)


def _stretch(connection: "Connection[Row]", after: int, until: int, statements: Statements) -> Walk:
    """Walk from the link after `after` to `until`. The link at `after` is taken as stored: its stretch checks it."""
    link: bytes | None = START
    if after:
        row = one(connection, "SELECT encode(link, 'hex') FROM audit_link WHERE sequence = %s", after)
        link = row[0].encode() if row else None
    return walk(copied(connection, rows_between(after, until)), after, link, statements)


def rows_between(after: int, until: int) -> str:
    """Return the query of the links after `after` up to `until` with their entries, in the form `walk` takes."""
    return f"""
        SELECT encode(link.link, 'hex'), link.sequence, link.entry_id, link.retention,
            encode(link.entry_hash, 'hex'), {columns_of("entry")}
        FROM audit_link link LEFT JOIN audit_entry entry ON entry.id = link.entry_id
        WHERE link.sequence > {int(after)} AND link.sequence <= {int(until)} ORDER BY link.sequence
    """  # noqa: S608 numbers and our own columns


def inserted(connection: "Connection[Row]") -> Sequence[Row]:
    """Return entries that have no link though the sealer has passed their transaction: put in behind the seal."""
    return connection.execute(_INSERTED).fetchall()


def _find_inserted(connection: "Connection[Row]", report: Report) -> None:
    unlinked = int(single(connection, "SELECT count(*) FROM audit_entry")[0]) - report.entries
    if not unlinked:
        return
    found = inserted(connection)
    for row in found:
        report.add("audit.entry_inserted", 0, str(row[0]))
    if unlinked > len(found):
        report.note("audit.not_sealed_yet", unlinked - len(found))


def _quoted(text: str) -> str:
    return "'" + "".join(letter for letter in text if letter.isalnum() or letter == "-") + "'"


_STORED = "SELECT line FROM audit_checkpoint ORDER BY number"
_INSERTED = """
    SELECT entry.id::text FROM audit_entry entry
    WHERE entry.transaction_id < (SELECT transaction_id FROM audit_position)
        AND NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
    ORDER BY entry.at, entry.id LIMIT 1000
"""
