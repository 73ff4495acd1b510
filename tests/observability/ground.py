"""A platform of its own: a database that logs every statement, and the processes of `make up`."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.waiting import wait_for
from yizhengtong.project import up
from yizhengtong.project.configuration import ROOT
from yizhengtong.project.database import EmbeddedPostgres
from yizhengtong.project.supervision import Process

SETTINGS = "yizhengtong.project.settings"
LOUD = {"log_min_duration_statement": "0", "log_connections": "on", "log_lock_waits": "on"}


@dataclass(slots=True)
class Platform:
    """A home, its database, and the environment of its processes."""

    home: Path
    database: EmbeddedPostgres
    environment: dict[str, str]
    database_log: Path

    def run(self, *arguments: str) -> str:
        """Run a Python program of ours. Raises RuntimeError with what it said, and what the other processes logged."""
        ended = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            logs = "\n".join(f"{name}:\n{log[-4000:]}" for name, log in self.logs().items() if name != "postgres.log")
            raise RuntimeError(f"{arguments}: {ended.stdout[-2000:]} {ended.stderr[-2000:]}\n{logs}")
        return ended.stdout

    def with_settings(self, settings: str) -> "Platform":
        """Return this platform with other settings; what its processes log stands in a folder of its own."""
        home = self.home / settings.rpartition(".")[2]
        return replace(self, home=home, environment={**self.environment, "DJANGO_SETTINGS_MODULE": settings})

    @property
    def token(self) -> str:
        return (self.home / "keys" / "metrics_token").read_text()

    def logs(self) -> Mapping[str, str]:
        """Return every log by its name."""
        found = {path.name: path.read_text(errors="replace") for path in (self.home / "log").iterdir()}
        return {**found, "postgres.log": self.database_log.read_text(errors="replace")}


@contextlib.contextmanager
def platform() -> Iterator[Platform]:
    """Run a database and prepare the demonstration city in it."""
    home = Path(tempfile.mkdtemp(prefix="yzt-observed-", dir="/tmp"))
    home.chmod(0o711)
    bindir = os.environ.get("YZT_POSTGRES_BINDIR")
    database = EmbeddedPostgres(
        Path(bindir) if bindir else None, home, extra_settings=LOUD, is_durable=False, may_create_databases=True,
        say=lambda _line: None,
    )  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YZT_", "DJANGO_", "DATABASE_"))}
    try:
        with database as connection:
            own = {"YZT_HOME": str(home), "DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONUNBUFFERED": "1"}
            found = Platform(
                home, database, {**kept, **connection.environment, **own}, connection.data_dir.parent / "postgres.log"
            )
            found.run("-m", "yizhengtong.project.manage", "demonstrate", "--prepare")
            yield found
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def running(process: Process) -> Iterator[Process]:
    """Run a process while the block lasts."""
    process.start()
    try:
        yield process
    finally:
        process.stop()


@contextlib.contextmanager
def served(on: Platform, port: int) -> Iterator[Process]:
    """Run the web server of `make up` until it answers, and then while the block lasts."""
    with running(up.web_process(on.environment, on.home, port)) as process:
        wait_for(lambda: ask(port, "/health")[0] == 200, f"the web server: {on.logs().get('web.log', '')[-2000:]}")
        yield process


def ask(port: int, path: str, token: str = "") -> tuple[int, str]:
    """Return status and body of a GET; 0 where nobody answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def personal(on: Platform) -> list[str]:
    """Return what the database holds of persons."""
    found: list[str] = json.loads(on.run("-m", "tests.observability.persons"))
    return found
