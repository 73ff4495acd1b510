"""A really supervised platform, as `make up` runs it, in a home of its own; and who its processes are."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.ground import ROOT, free_port
from yizhengtong.project.database import ConnectionInfo, DatabaseProblem, attach

_READY_SECONDS = 150
_UNLIMITED = json.dumps({"checks": [0, 60], "checks_of_one": [0, 60]})
"""A bank checks the same few people all the time."""
_STOP_SECONDS = 60
KINDS = ("web_worker", "web", "worker", "sealer", "backend", "postmaster")
"""What is killed: web server workers and their parent, the background worker, the sealer, connections, the server."""


@dataclass(slots=True)
class Platform:
    """One installation. Everything of it lies in `home`; nothing of it outlives `ended`. `clock`: what sets it off."""

    home: Path
    port: int
    extra: dict[str, str] = field(default_factory=dict)
    clock: dict[str, str] = field(default_factory=dict)
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.home / "log" / "supervisor.log"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait for the first answer; once more where it did not come up. Raises RuntimeError."""
        try:
            self._start()
        except RuntimeError as slow:
            print(f"it did not come up and is started once more: {str(slow)[-300:]}", flush=True)
            self.stop()
            self._start()

    def _start(self) -> None:
        self.starts += 1
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("YZT_", "DATABASE_", "DJANGO_"))
        }
        environment = {
            **kept, "YZT_HOME": str(self.home), "YZT_PORT": str(self.port), "YZT_JOURNEYS": "0",
            "YZT_LIMITS": _UNLIMITED, **self.extra, **self.clock,
        }  # fmt: skip
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "yizhengtong.project", "up"], env=environment, cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_until_answering()

    def wait_until_answering(self, seconds: float = _READY_SECONDS) -> None:
        """Wait until the page, the worker and the database answer. Raises RuntimeError."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.is_running:
                raise RuntimeError(f"the platform ended; {self.log} ends with: {self._end_of_log()}")
            with (
                contextlib.suppress(OSError, psycopg.Error, DatabaseProblem),
                urllib.request.urlopen(self._address, timeout=5),
                psycopg.connect(self.database().url),
            ):
                if "worker" in self.processes():
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the platform does not answer; {self.log} ends with: {self._end_of_log()}")

    def stop(self, *, is_killed: bool = False) -> None:
        """End it in order, or with all it started at once as when the power fails."""
        if self._process is None:
            return
        if is_killed:
            for pid in [self._process.pid, *(pid for pids in self.processes().values() for pid in pids)]:
                kill(pid)
        else:
            self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        kill(self._process.pid)
        self._process.wait()

    def database(self) -> ConnectionInfo:
        """Return how to reach its database, as its owner."""
        return attach(self.home)

    def processes(self) -> dict[str, list[int]]:
        """Return the process numbers of each kind that runs now."""
        if self._process is None:
            return {}
        tree = _tree()
        found: dict[str, list[int]] = {}
        for pid in tree.get(self._process.pid, ()):
            kind = _kind_of(_command(pid))
            if kind:
                found.setdefault(kind, []).append(pid)
            below = {"web": "web_worker", "postmaster": "backend"}.get(kind)
            for child in tree.get(pid, ()) if below else ():
                if below != "backend" or _is_connection(_command(child)):
                    found.setdefault(str(below), []).append(child)
        return found

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def _end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""


@contextlib.contextmanager
def platform(home: Path | None = None, **extra: str) -> Iterator[Platform]:
    """Yield a platform in a new home that is removed afterwards, or in the given one, not started yet."""
    place = home or Path(tempfile.mkdtemp(prefix="yzt-faults-", dir="/tmp"))
    place.chmod(0o711)
    made = Platform(place, free_port(), dict(extra))
    try:
        yield made
    finally:
        made.stop()
        if home is None:
            shutil.rmtree(place, ignore_errors=True)


def kill(pid: int) -> bool:
    """Send SIGKILL to one process of ours. Return whether there was one."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _tree() -> dict[int, list[int]]:
    """Return the children of every process."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    return children


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _kind_of(command: str) -> str:
    if "web_server" in command:
        return "web"
    if "postgres" in command and " -D " in command:
        return "postmaster"
    if "seal" in command:
        return "sealer"
    return "worker" if "worker" in command else ""


def _is_connection(command: str) -> bool:
    """Whether a child of the server serves a connection; its title names user and database."""
    return command.startswith("postgres: yzt") and " yzt " in command
