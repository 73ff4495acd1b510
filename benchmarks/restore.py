"""`restore`: a backup of 1,000,000 permits restored into an empty database, beside a raw COPY of the same rows."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from benchmarks.figures import Figure
from benchmarks.ground import Ground, _environment, _new_home, _quiet, prepare_city, reading_ground, run_python
from yizhengtong.project.database import ConnectionInfo, EmbeddedPostgres
from yizhengtong.project.database.cluster import SUPERUSER

PERMITS = 1_000_000
TABLES = ("people_person", "applications_application", "casework_case", "permits_permit")
_LARGEST_SECONDS = 360
_AT_ONCE = 2
_CHUNK = 1 << 20
_COPIED = 8
"""One row in so many goes the raw way, and its bytes and seconds count so many times."""
_FILLING = {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "8GB"}


def measure(permits: int = PERMITS) -> Iterator[Figure]:
    """Yield the figures of `restore`: one server is filled and backed up, the durable one is restored into."""
    with (
        reading_ground(_FILLING) as source,
        _durable_ground() as target,
        tempfile.TemporaryDirectory(prefix="yzt-backups-", dir=source.home.parent) as backups,
    ):
        prepare_city(source)
        begun = time.monotonic()
        _fill(source, permits)
        yield Figure("fill_seconds", time.monotonic() - begun, "s")
        size = _size_of(source.database)
        begun = time.monotonic()
        run_python(source, "-m", "yizhengtong.project.manage", "backup", backups)
        backing_up = time.monotonic() - begun
        backup = next(path for path in Path(backups).iterdir() if path.is_dir())
        copied_bytes, copying = _copy_raw(source, target, permits // _COPIED)
        restoring = _restore(source, target, backup)
        yield from figures(permits, restoring, backing_up, copying * _COPIED, copied_bytes * _COPIED)
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
def _durable_ground() -> Iterator[Ground]:
    """Run a durable server whose role may make databases."""
    home = _new_home()
    try:
        with EmbeddedPostgres(None, home, may_create_databases=True, say=_quiet) as database:
            yield Ground(home, database, _environment(home, database.url))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _fill(ground: Ground, permits: int) -> None:
    superuser = ground.database.as_role(SUPERUSER)
    arguments = ("-m", "benchmarks.fill_permits", str(permits))
    run_python(ground, *arguments, seconds=_LARGEST_SECONDS, DATABASE_URL=superuser.url)


def _restore(source: Ground, target: Ground, backup: Path) -> float:
    """Restore as an operator does, verification and files included, and return the seconds."""
    database = _new_database(target, "bench_restore")
    elsewhere = target.home / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    begun = time.monotonic()
    run_python(
        target, "-m", "yizhengtong.project.manage", "restore", str(backup), "--without-roles",
        seconds=_LARGEST_SECONDS, DATABASE_URL=database.url, YZT_HOME=str(elsewhere),
        YZT_KEYS=str(source.home / "keys" / "master"),
    )  # fmt: skip
    return time.monotonic() - begun


def _copy_raw(source: Ground, target: Ground, rows: int) -> tuple[int, float]:
    """Copy so many rows of each table out, and into tables without index, constraint or trigger.

    Return bytes, and seconds of the way in: as many connections at once as a restore has, each commit on the disk.
    """
    folder = target.home / "raw"
    folder.mkdir(mode=0o700)
    database = _new_database(target, "bench_copy")
    with psycopg.connect(source.database.url) as filled, psycopg.connect(database.url, autocommit=True) as into:
        for table in TABLES:
            into.execute(f"CREATE TABLE {table} ({_columns(filled, table)})")
            copied = f"COPY (SELECT * FROM {table} LIMIT {rows}) TO STDOUT"
            with filled.cursor().copy(copied) as out, (folder / table).open("wb") as file:
                for chunk in out:
                    file.write(chunk)
    total = sum((folder / table).stat().st_size for table in TABLES)
    begun = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda table: _copy_in(database, folder / table), TABLES))
    seconds = time.monotonic() - begun
    shutil.rmtree(folder)
    with psycopg.connect(target.database.url, autocommit=True) as connection:
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
    return ground.database.in_database(name)


def _size_of(database: ConnectionInfo) -> float:
    with psycopg.connect(database.url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0])
