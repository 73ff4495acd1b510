"""What brings a database forward never holds one table while it waits for the next: then nobody who works can lose."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.upgrade.release import Release, environment
from yizhengtong.project.configuration import ROOT
from yizhengtong.project.database import ConnectionInfo, embedded_bindir, temporary_postgres

pytestmark = pytest.mark.xdist_group("locks")

MODES = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
PATIENCE_SECONDS = 60.0
_WAITS_UNNOTICED = "SELECT FROM pg_locks WHERE NOT granted AND clock_timestamp() - waitstart > interval '100 ms'"
"""It has looked for a deadlock and found none: in one that comes about now, the other fails."""


@pytest.fixture(scope="module")
def database() -> Iterator[ConnectionInfo]:
    """An empty database of its own, in which a deadlock is seen at once."""
    bindir = Path(os.environ.get("YZT_POSTGRES_BINDIR") or embedded_bindir())
    quick = {"deadlock_timeout": "50ms"}
    with temporary_postgres(bindir, extra_settings=quick, say=lambda _line: None) as connection:
        yield connection


@pytest.fixture(scope="module")
def new(database: ConnectionInfo, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release(ROOT, environment(tmp_path_factory.mktemp("home"), database.url), "new")


@pytest.fixture(scope="module")
def locked(new: Release, tmp_path_factory: pytest.TempPathFactory) -> list[list[dict[str, Any]]]:
    """For each transaction that locks tables of the last release, the tables and how."""
    path = tmp_path_factory.mktemp("locks") / "locks.json"
    new.run("-m", "tests.upgrade.locks", str(path))
    rows = json.loads(path.read_text())
    return [list(group) for _, group in itertools.groupby(rows, key=lambda row: row["transaction"])]


def test_a_transaction_locks_one_table_of_the_last_release_only(locked: list[list[dict[str, Any]]]) -> None:
    assert len(locked) > 1
    too_many = {rows[0]["began_with"]: [row["table"] for row in rows] for rows in locked if len(rows) > 1}
    assert too_many == {}, "split it: a migration each, the history before what writes it"


def test_a_table_is_locked_with_the_strongest_lock_first(locked: list[list[dict[str, Any]]]) -> None:
    raised = [row for rows in locked for row in rows if row["modes"][0] != min(row["modes"], key=MODES.index)]
    assert raised == [], "whoever reads the table and waits to write it stands against us: first what alters the table"


def test_nobody_who_holds_one_table_and_asks_for_the_next_fails_by_new_rights(
    locked: list[list[dict[str, Any]]], new: Release, database: ConnectionInfo, tmp_path: Path
) -> None:
    assert locked
    with psycopg.connect(database.url, autocommit=True) as owner, psycopg.connect(database.url) as clerk:
        for table in ("audit_entry", "casework_case"):
            owner.execute(f"DROP POLICY yzt_web_select ON {table}")
        clerk.execute("LOCK TABLE casework_case IN ROW EXCLUSIVE MODE")
        with (tmp_path / "said").open("w") as said, _applying(new, said) as applying:
            until = time.monotonic() + PATIENCE_SECONDS
            while not owner.execute(_WAITS_UNNOTICED).fetchall():
                assert applying.poll() is None, (tmp_path / "said").read_text()
                assert time.monotonic() < until
                time.sleep(0.01)
            clerk.execute("LOCK TABLE audit_entry IN ROW EXCLUSIVE MODE")
            clerk.commit()
            assert applying.wait(PATIENCE_SECONDS) == 0, (tmp_path / "said").read_text()
    new.manage("roles", "check")


def _applying(new: Release, said: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "yizhengtong.project.manage", "roles", "apply"]
    return subprocess.Popen(command, cwd=new.code, env=dict(new.environment), stdout=said, stderr=subprocess.STDOUT)
