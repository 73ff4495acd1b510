"""`restore`: a backup of 1,000,000 permits restored into an empty database, beside a raw COPY of the same rows."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg

from benchmarks.figures import Figure
from benchmarks.ground import Ground, _environment, _new_home, _quiet, prepare_city, run_python
from yizhengtong.project.database import ConnectionInfo, EmbeddedPostgres

PERMITS = 1_000_000
TABLES = ("people_person", "applications_application", "casework_case", "permits_permit")
_LARGEST_SECONDS = 360
_AT_ONCE = 2
_CHUNK = 1 << 20


def measure(permits: int = PERMITS) -> Iterator[Figure]:
    """Yield the figures of `restore`. Three databases at most exist at a time, on one durable server."""
    with _ground() as ground, tempfile.TemporaryDirectory(prefix="yzt-backups-", dir=ground.home.parent) as backups:
        prepare_city(ground)
        begun = time.monotonic()
        run_python(ground, "-m", "benchmarks.fill_permits", str(permits), seconds=_LARGEST_SECONDS)
        yield Figure("fill_seconds", time.monotonic() - begun, "s")
        size = _size_of(ground.database)
        begun = time.monotonic()
        run_python(ground, "-m", "yizhengtong.project.manage", "backup", backups)
        backing_up = time.monotonic() - begun
        backup = next(path for path in Path(backups).iterdir() if path.is_dir())
        copied_bytes, copying = _copy_raw(ground)
        restoring = _restore(ground, backup)
        yield from figures(permits, restoring, backing_up, copying, copied_bytes)
        yield Figure("database_bytes", size, "bytes")
        yield Figure("backup_bytes", sum(path.stat().st_size for path in backup.rglob("*")), "bytes", limit=size)


def figures(permits: int, restoring: float, backing_up: float, copying: float, copied: float) -> Iterator[Figure]:
    """Yield minutes and MB/s, each beside the raw COPY; `copied` is in bytes, the rest in seconds."""
    megabytes = copied / 1_000_000
    yield Figure("permits", permits, "permits")
    yield Figure("restore_minutes", restoring / 60, "min", limit=copying / 60)
    yield Figure("restore_mb_per_second", megabytes / restoring, "MB/s", limit=megabytes / copying)
    yield Figure("restore_permits_per_second", permits / restoring, "1/s", limit=permits / copying)
    yield Figure("backup_minutes", backing_up / 60, "min", limit=copying / 60)
    yield Figure("copy_bytes", copied, "bytes")


@contextlib.contextmanager
def _ground() -> Iterator[Ground]:
    """Run a durable server whose role may make a second database."""
    home = _new_home()
    try:
        with EmbeddedPostgres(None, home, may_create_databases=True, say=_quiet) as database:
            yield Ground(home, database, _environment(home, database.url))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _restore(ground: Ground, backup: Path) -> float:
    """Restore as an operator does, verification and files included, and return the seconds."""
    target = _new_database(ground, "bench_restore")
    elsewhere = ground.home / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    begun = time.monotonic()
    run_python(
        ground, "-m", "yizhengtong.project.manage", "restore", str(backup), "--without-roles",
        seconds=_LARGEST_SECONDS, DATABASE_URL=target.url, YZT_HOME=str(elsewhere),
        YZT_KEYS=str(ground.home / "keys" / "master"),
    )  # fmt: skip
    return time.monotonic() - begun


def _copy_raw(ground: Ground) -> tuple[int, float]:
    """Copy the rows out, and into tables without index, constraint or trigger; return bytes and seconds of the way in.

    As many connections at once as a restore has, each commit on the disk.
    """
    folder = ground.home / "raw"
    folder.mkdir(mode=0o700)
    target = _new_database(ground, "bench_copy")
    with psycopg.connect(ground.database.url) as source, psycopg.connect(target.url, autocommit=True) as into:
        for table in TABLES:
            into.execute(f"CREATE TABLE {table} ({_columns(source, table)})")
            with source.cursor().copy(f"COPY {table} TO STDOUT") as rows, (folder / table).open("wb") as file:
                for chunk in rows:
                    file.write(chunk)
    total = sum((folder / table).stat().st_size for table in TABLES)
    begun = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda table: _copy_in(target, folder / table), TABLES))
    seconds = time.monotonic() - begun
    shutil.rmtree(folder)
    with psycopg.connect(ground.database.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE bench_copy")
    return total, seconds


def _copy_in(target: ConnectionInfo, path: Path) -> None:
    command = f"COPY {path.name} FROM STDIN"
    with psycopg.connect(target.url) as connection, path.open("rb") as file, connection.cursor().copy(command) as rows:
        while chunk := file.read(_CHUNK):
            rows.write(chunk)


def _columns(source: "psycopg.Connection[tuple[object, ...]]", table: str) -> str:
    rows = source.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table],
    ).fetchall()
    return ", ".join(f'"{name}" {kind}' for name, kind in rows)


def _new_database(ground: Ground, name: str) -> ConnectionInfo:
    with psycopg.connect(ground.database.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return replace(ground.database, database=name)


def _size_of(database: ConnectionInfo) -> float:
    with psycopg.connect(database.url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0])
