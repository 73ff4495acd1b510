"""Point-in-time recovery with PostgreSQL 15's own tools, by the settings and scripts of deploy/postgresql."""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.deploy.place import ROOT
from yizhengtong.project.children import account_of, our_account
from yizhengtong.project.database import ConnectionInfo, EmbeddedPostgres
from yizhengtong.project.database.places import NOBODY

sys.path.append(str(ROOT / "scripts"))
import setup

SCRIPTS = ROOT / "deploy" / "postgresql"
BINDIR = setup.find_postgres15()
ACCOUNT = account_of(NOBODY) if our_account().uid == 0 else our_account()
pytestmark = pytest.mark.skipif(not BINDIR, reason="PostgreSQL 15 is not installed here")


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that the server's account owns, with the scripts beside it as an operator would have them."""
    folder = Path(tempfile.mkdtemp(prefix="yzt-pitr-", dir="/tmp"))
    for path in (folder, folder / "archive", folder / "archive" / "wal", folder / "archive" / "base"):
        path.mkdir(exist_ok=True)
        path.chmod(0o700)
        ACCOUNT.take(path)
    shutil.copytree(SCRIPTS, folder / "scripts")
    for path in (folder / "scripts").iterdir():
        ACCOUNT.take(path)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def test_a_database_comes_back_as_it_was_between_two_acknowledged_acts(ground: Path) -> None:
    archive = ground / "archive"
    settings = {"archive_mode": "on", "wal_level": "replica",
                "archive_command": f'{ground}/scripts/archive-wal.sh "%p" "%f" {archive}/wal'}  # fmt: skip
    with EmbeddedPostgres(Path(BINDIR), ground / "first", extra_settings=settings, say=_quiet) as server:
        with psycopg.connect(server.url, autocommit=True) as session:
            session.execute("CREATE TABLE act (name text)")
            session.execute("INSERT INTO act VALUES ('before the base backup')")
            base = _base_backup(ground, server)
            session.execute("INSERT INTO act VALUES ('first')")
            between = _now(session)
            threading.Event().wait(0.05)  # the clock of commits has to pass the instant
            session.execute("INSERT INTO act VALUES ('second')")
            assert _acts(session) == ["before the base backup", "first", "second"]
        with psycopg.connect(_as_superuser(server), autocommit=True) as session:
            _until_archived(session, archive / "wal")
    shutil.rmtree(ground / "first" / "database" / "data")  # the disk is lost
    _lay_out(ground, base, between)
    with EmbeddedPostgres(Path(BINDIR), ground / "second", say=_quiet) as recovered:
        _until_promoted(recovered)
        with psycopg.connect(recovered.url) as session:
            assert _acts(session) == ["before the base backup", "first"]


def test_a_piece_of_the_log_is_never_written_over_another(tmp_path: Path) -> None:
    piece, other, archive = tmp_path / "piece", tmp_path / "other", tmp_path / "wal"
    piece.write_bytes(b"one")
    other.write_bytes(b"another")
    archive.mkdir()
    command = [str(SCRIPTS / "archive-wal.sh"), str(piece), "0001", str(archive)]
    assert subprocess.run(command, check=False).returncode == 0
    assert subprocess.run(command, check=False).returncode == 0  # asked again after a crash
    assert subprocess.run([command[0], str(other), "0001", str(archive)], check=False).returncode != 0
    assert (archive / "0001").read_bytes() == b"one"
    assert [path.name for path in archive.iterdir()] == ["0001"]


def test_the_log_is_not_called_kept_when_the_archive_is_away(tmp_path: Path) -> None:
    (tmp_path / "piece").write_bytes(b"one")
    command = [str(SCRIPTS / "archive-wal.sh"), str(tmp_path / "piece"), "0001", str(tmp_path / "away")]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def _base_backup(ground: Path, server: ConnectionInfo) -> Path:
    """Run the script of the timer as the server's account; the account is `postgres` by peer in a real place."""
    password = (server.data_dir.parent / "postgres.password").read_text().strip()
    environment = {
        "PATH": "/usr/bin:/bin", "PROGRAMS": BINDIR, "PGHOST": str(server.socket_dir), "PGUSER": "postgres",
        "PGPASSWORD": password,
    }  # fmt: skip
    done = subprocess.run(
        [str(ground / "scripts" / "base-backup.sh"), str(ground / "archive")],
        env=environment, cwd="/", capture_output=True, text=True, timeout=300, check=False,
        user=ACCOUNT.uid, group=ACCOUNT.gid, extra_groups=[],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = re.search(r"base backup (\S+)", done.stdout)
    assert found is not None
    return Path(found.group(1))


def _lay_out(ground: Path, base: Path, until: str) -> None:
    """Do what README.md says: copy the base backup and say until when."""
    folder = ground / "second" / "database"
    folder.mkdir(parents=True)
    for path in (ground / "second", folder):
        path.chmod(0o755)
        ACCOUNT.take(path)
    command = ["cp", "-a", str(base), str(folder / "data")]
    assert subprocess.run(command, user=ACCOUNT.uid, group=ACCOUNT.gid, extra_groups=[], check=False).returncode == 0
    lines = (
        f"restore_command = 'cp {ground}/archive/wal/%f \"%p\"'\n"
        f"recovery_target_time = '{until}'\n"
        "recovery_target_action = 'promote'\n"
    )
    with (folder / "data" / "postgresql.auto.conf").open("a") as file:
        file.write(lines)
    (folder / "data" / "recovery.signal").touch()
    ACCOUNT.take(folder / "data" / "recovery.signal")
    for path in (ground / "first" / "database").glob("*.password"):
        shutil.copy2(path, folder / path.name)
        ACCOUNT.take(folder / path.name)


def _until_promoted(connection: ConnectionInfo) -> None:
    pause, until = threading.Event(), time.monotonic() + 300
    while time.monotonic() < until:
        with psycopg.connect(connection.url) as session:
            if session.execute("SELECT pg_is_in_recovery()").fetchone() == (False,):
                return
        pause.wait(0.1)
    raise AssertionError("the recovery did not end")


def _until_archived(session: "psycopg.Connection[tuple[object, ...]]", folder: Path) -> None:
    row = session.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    assert row is not None
    pause, until = threading.Event(), time.monotonic() + 300
    while not (folder / str(row[0])).exists():
        assert time.monotonic() < until, "the last piece of the log was not archived"
        pause.wait(0.1)


def _as_superuser(server: ConnectionInfo) -> str:
    password = (server.data_dir.parent / "postgres.password").read_text().strip()
    return f"host={server.socket_dir} port={server.port} dbname=yzt user=postgres password={password}"


def _now(session: "psycopg.Connection[tuple[object, ...]]") -> str:
    row = session.execute("SELECT clock_timestamp()::text").fetchone()
    assert row is not None
    return str(row[0])


def _acts(session: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    return [str(name) for (name,) in session.execute("SELECT name FROM act ORDER BY ctid").fetchall()]


def _quiet(_line: str) -> None:
    pass
