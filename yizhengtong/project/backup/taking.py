"""Taking a backup: first a snapshot of the database, then the files that its rows name.

A content is on the disk before the row that names it is committed, has a random name, and is never changed. So every
file named in the snapshot was there at its instant, and copying afterwards misses only what was removed with its row
meanwhile; that is told apart from a loss by asking for the row again.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from yizhengtong import __version__
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.ids import new_id
from yizhengtong.project.backup import manifest as written
from yizhengtong.project.backup.keys import check_values
from yizhengtong.project.backup.manifest import DATABASE, FILES, PARTIAL, Kept, Manifest
from yizhengtong.project.backup.programs import client_program, run_program, server_major
from yizhengtong.project.backup.rows import FILE_COLUMNS, LEFT_OUT, count_rows

Say = Callable[[str], None]
_JOBS = 2
_COMPRESSION = 1


def take_backup(folder: Path, *, say: Say, keep: int = 0) -> Path:
    """Write a backup below `folder` and return its own folder; with `keep` only so many of the newest stay.

    Raises Conflict: `backup.inside_home`, `backup.runs_already`, `backup.no_programs`, `backup.program_failed`; and
    `backup.files_missing` after the backup is whole.
    """
    _ensure_apart(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        record_act("operations.backup", by=SYSTEM, on=("backup", new_id()), person_id=None)  # in the backup itself
        target = folder / f"{timezone.now().astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
        staging = target.with_suffix(PARTIAL)
        staging.mkdir(mode=0o700)
        manifest = _write(staging, folder, say)
        digest = manifest.write(staging)
        written.flush_folders(path for path in (staging, *staging.rglob("*")) if path.is_dir())
        staging.rename(target)
        written.flush_folders([folder])
        _forget_old(folder, keep, say)
    say(f"backup {target} manifest sha256 {digest}")
    if manifest.missing:
        raise Conflict("backup.files_missing", missing=len(manifest.missing))
    return target


def _write(staging: Path, folder: Path, say: Say) -> Manifest:
    major = server_major()
    with _snapshot() as (session, name):
        manifest = _begin(session)
        _dump(staging, name, major, say)
        needed = {row[0] for table, column in FILE_COLUMNS for row in _names(session, table, column)}
    for path in sorted((staging / DATABASE).iterdir()):
        manifest.database[path.name] = written.measured(path)
    say(f"database: {_megabytes(sum(kept.size for kept in manifest.database.values()))} MB written")
    kept, absent = _copy_files(needed, staging / FILES, folder, say)
    manifest.missing, manifest.gone = _told_apart(absent)
    manifest.files, manifest.file_bytes = len(kept), sum(each.size for each in kept.values())
    manifest.list_sha256 = written.write_list(staging, kept)
    manifest.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    return manifest


def _begin(session: "psycopg.Connection[Any]") -> Manifest:
    applied = session.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return Manifest(
        version=__version__,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=session.info.server_version,
        migrations=[name for (name,) in applied],
        keys=check_values(),
        rows=count_rows(session),
    )


@contextmanager
def _snapshot() -> Iterator[tuple["psycopg.Connection[Any]", str]]:
    """Hold one snapshot of the database open and name it, so that other sessions look at the same instant."""
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in _CONNECTING}
    tls = {name: value for name, value in connection.get_connection_params().items() if name.startswith("ssl")}
    with psycopg.connect(**parameters, **tls) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.read_only = True
        row = session.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101 narrows the type
        yield session, row[0]


_CONNECTING = ("host", "port", "user", "password", "dbname")


def _dump(staging: Path, snapshot: str, major: int, say: Say) -> None:
    """Run pg_dump on the snapshot. A role that row-level security binds makes it fail: never half a backup."""
    say(f"database: pg_dump {major} begins")
    left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
    run_program(
        [
            str(client_program("pg_dump", major)),
            *("--format=directory", f"--file={staging / DATABASE}", f"--jobs={_JOBS}"),
            *(f"--compress={_COMPRESSION}", f"--snapshot={snapshot}", *left_out),
        ]
    )


def _names(session: "psycopg.Connection[Any]", table: str, column: str) -> Iterator[tuple[str]]:
    statement = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
    with session.cursor(name="files") as cursor:  # a server-side one: there may be millions
        cursor.execute(statement)
        yield from cursor


def _copy_files(needed: set[str], target: Path, folder: Path, say: Say) -> tuple[dict[str, Kept], list[str]]:
    """Link what the last backup holds, copy what is new; return what is kept and what was not on the disk."""
    previous = next(reversed(written.whole_backups(folder)), None)
    before = written.read_list(previous) if previous else {}
    kept: dict[str, Kept] = {}
    absent = []
    target.mkdir(mode=0o700)
    for count, name in enumerate(sorted(needed), 1):
        (target / name).parent.mkdir(exist_ok=True, mode=0o700)
        try:
            kept[name] = _kept(name, target, previous, before)
        except FileNotFoundError:
            absent.append(name)
        if count % 1000 == 0:
            say(f"files: {count} of {len(needed)}")
    linked = len(kept.keys() & before.keys())
    say(f"files: {len(kept)} kept, of which {linked} are those of the last backup")
    return kept, absent


def _kept(name: str, target: Path, previous: Path | None, before: Mapping[str, Kept]) -> Kept:
    """Keep one file. Raises FileNotFoundError. A damaged copy of before is seen by its size and made again."""
    if previous is not None and name in before:
        earlier = previous / FILES / name
        if earlier.is_file() and earlier.stat().st_size == before[name].size:
            os.link(earlier, target / name)
            return before[name]
    return written.copied(Path(settings.YZT_FILES) / name, target / name)


def _told_apart(absent: list[str]) -> tuple[list[str], int]:
    """Return the files that rows still name, which are lost, and how many went with their rows."""
    lost: set[str] = set()
    with connection.cursor() as cursor:
        for table, column in FILE_COLUMNS:
            statement = sql.SQL("SELECT {0} FROM {1} WHERE {0} = ANY(%s)")
            cursor.execute(statement.format(sql.Identifier(column), sql.Identifier(table)), [absent])
            lost.update(name for (name,) in cursor.fetchall())
    return sorted(lost), len(absent) - len(lost)


def _ensure_apart(folder: Path) -> None:
    homes = {Path(settings.CONFIGURATION.home).resolve(), Path(settings.YZT_FILES).resolve()}
    if any(home == each for home in homes for each in (folder.resolve(), *folder.resolve().parents)):
        raise Conflict("backup.inside_home")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this backup; remove what one that was cut off left behind."""
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.glob(f"*{PARTIAL}"):
            shutil.rmtree(path)
        yield
    except BlockingIOError:
        raise Conflict("backup.runs_already") from None
    finally:
        os.close(lock)


def _forget_old(folder: Path, keep: int, say: Say) -> None:
    for path in written.whole_backups(folder)[:-keep] if keep else []:
        shutil.rmtree(path)
        say(f"removed {path.name}: {keep} are kept")


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f}"
