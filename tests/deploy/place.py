"""Places to try operations in: a database and a home of their own, and our commands run there as an operator would."""

import contextlib
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.error import URLError
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.ground import free_port
from tests.support.migrated import copy_migrated
from tests.support.processes import ended_afterwards, web_command

ROOT = Path(__file__).resolve().parents[2]
MANAGE = (sys.executable, "-m", "yizhengtong.project.manage")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Place:
    """One installation: its home and its database."""

    home: Path
    database: str = field(repr=False)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of our commands, without what the test run itself is set to."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("YZT_", "DJANGO_"))}
        if "YZT_POSTGRES_BINDIR" in os.environ:
            kept["YZT_POSTGRES_BINDIR"] = os.environ["YZT_POSTGRES_BINDIR"]
        return {**kept, "DATABASE_URL": self.database, "YZT_HOME": str(self.home), **self.settings}

    def with_settings(self, **settings: str) -> "Place":
        """Return the place with more settings, by their names without `YZT_`."""
        return replace(self, settings={**self.settings, **{f"YZT_{name.upper()}": to for name, to in settings.items()}})

    def run(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """Run one of our commands to its end."""
        return self.call([*MANAGE, *words], stdin=stdin)

    def done(self, *words: str, stdin: str = "") -> str:
        """Run one of our commands that must succeed, and return what it printed."""
        result = self.run(*words, stdin=stdin)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def python(self, program: str) -> str:
        """Run a few lines of Django there and return what they printed."""
        return self.done("shell", "--verbosity", "0", "--command", program)

    def call(self, command: Sequence[str], *, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, timeout=SECONDS,
            check=False,
        )  # fmt: skip


@contextlib.contextmanager
def empty_database() -> Iterator[str]:
    """Make an empty database on the server of this run; drop it afterwards. Yields its address."""
    with _dropped_afterwards() as name:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_conninfo(os.environ["DATABASE_URL"], dbname=name)


@contextlib.contextmanager
def migrated_database() -> Iterator[str]:
    """Make a database with every table on the server of this run; drop it afterwards. Yields its address."""
    with _dropped_afterwards() as name:
        copy_migrated(name)
        yield make_conninfo(os.environ["DATABASE_URL"], dbname=name)


@contextlib.contextmanager
def _dropped_afterwards() -> Iterator[str]:
    """Yield a name for a database."""
    name = f"deploy_{uuid4().hex[:12]}"
    try:
        yield name
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def running(place: Place, command: Sequence[str], *, log: Path, address: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until it answers at an address, and end it by its own process afterwards."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=place.environment, stdout=output, stderr=output)
    with ended_afterwards(process):
        _wait_for(address, process, log)
        yield process


def live_through_the_journeys(place: Place) -> None:
    """Prepare the demonstration city and run the main job and its neighbours over HTTP."""
    place.done("demonstrate", "--prepare")
    port = free_port()
    address = f"http://127.0.0.1:{port}/health"
    with (
        running(place, web_command(port), log=place.home / "web.log", address=address),
        working(place, log=place.home / "worker.log"),
    ):
        place.done("demonstrate", "--only-jinan", "--port", str(port))


@contextlib.contextmanager
def working(place: Place, *, log: Path) -> Iterator[None]:
    """Run the worker while the block lasts: it delivers the messages that the journeys wait for."""
    command = [sys.executable, "-m", "yizhengtong.project.manage", "procrastinate", "worker", "--concurrency", "2"]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=place.environment, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def seal_everything(place: Place) -> None:
    """Run the sealer until every entry of the trail is chained; its end signs a checkpoint."""
    command = [sys.executable, "-m", "yizhengtong.project.sealer"]
    pause = threading.Event()
    with (place.home / "sealer.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=place.environment, stdout=log, stderr=log)
        try:
            for _ in range(SECONDS):
                if "unsealed    0 entries" in place.done("audit", "status"):
                    return
                assert process.poll() is None, (place.home / "sealer.log").read_text()
                pause.wait(0.2)
            raise AssertionError("the sealer does not come to an end")
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    pause = threading.Event()
    for _ in range(SECONDS * 10):
        assert process.poll() is None, f"it ended: {log.read_text()[-2000:]}"
        with contextlib.suppress(URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 ours, on 127.0.0.1
                assert answer.status == 200
            return
        pause.wait(0.1)
    raise AssertionError(f"no answer at {address}")
