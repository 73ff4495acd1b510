"""`yzt audit export`: what an outside auditor takes away: lines, links, checkpoints, public keys. No Django.

The period is widened to the checkpoints around it, so that both ends of what is exported are signed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel

from yizhengtong.foundation.audit.canonical import NOTHING, START
from yizhengtong.foundation.audit.checkpoints import FILE, TRUST, CheckpointFile
from yizhengtong.foundation.audit.reading import Row, copied, one, open_session, single
from yizhengtong.foundation.audit.verifying import inserted, lines_of_snapshot, rows_between, stored_lines
from yizhengtong.kernel.dates import CHINA

TRAIL, MANIFEST, STORED, INSERTED = "trail.tsv", "manifest.json", "checkpoints.database.jsonl", "inserted.txt"


def export(
    conninfo: str, file: CheckpointFile, folder: Path, *, since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    """Write the trail of the days [since, until) into an empty folder. Returns the manifest.

    Raises FileExistsError when the folder holds something, psycopg.Error where the trail cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        open_session(connection)
        stored = stored_lines(connection)
        manifest = _manifest(connection, since, until)
        _write_trail(connection, folder / TRAIL, manifest)
        (folder / INSERTED).write_text("".join(f"{row[0]}\n" for row in inserted(connection)))
    _write_lines(folder / STORED, stored)
    _write_lines(folder / FILE, lines_of_snapshot(conninfo, file, len(stored)))
    (folder / TRUST).write_text(json.dumps({"keys": file.trust()}, indent=1) + "\n")
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def _manifest(connection: "Connection[Row]", since: date | None, until: date | None) -> dict[str, Any]:
    """Return what is exported: after which link, and up to which one, None meaning the end of the chain."""
    after, last = 0, None
    if since or until:
        first, final = single(connection, _PERIOD, _instant(since or date.min), _instant(until or date.max))
        after = single(connection, _CHECKPOINT_BEFORE, first or 0)[0]
        last = single(connection, _CHECKPOINT_FROM, final or 0)[0] if until else None
    link = one(connection, "SELECT encode(link, 'hex') FROM audit_link WHERE sequence = %s", after)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"form": 1, "after": after, "link": link[0] if link else START.decode(), "until": last, "exported_at": at}


def _write_trail(connection: "Connection[Row]", path: Path, manifest: Mapping[str, Any]) -> None:
    last = manifest["until"] or single(connection, "SELECT coalesce(max(sequence), 0) FROM audit_link")[0]
    with path.open("wb") as trail:
        for row in copied(connection, rows_between(manifest["after"], last)):
            *place, line = row.split(b"\t", 5)
            trail.write(b"\t".join([*place, NOTHING if line.startswith(NOTHING) else line]) + b"\n")


def _write_lines(path: Path, lines: Sequence[bytes]) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _instant(day: date) -> datetime:
    """Return when a day begins; legal days are China's."""
    return datetime.combine(day, time(), UTC if day in (date.min, date.max) else CHINA)


_PERIOD = """
    SELECT min(link.sequence), max(link.sequence)
    FROM audit_link link JOIN audit_entry entry ON entry.id = link.entry_id
    WHERE entry.at >= %s AND entry.at < %s
"""
_CHECKPOINT_BEFORE = "SELECT coalesce(max(sequence), 0) FROM audit_checkpoint WHERE sequence < %s"
_CHECKPOINT_FROM = "SELECT min(sequence) FROM audit_checkpoint WHERE sequence >= %s"
