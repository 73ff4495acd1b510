"""The last release's code, taken from the history of this repository, and running it."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yizhengtong.project.configuration import ROOT
from yizhengtong.project.supervision import Process
from yizhengtong.project.upgrades.released import COMMIT


def is_in_history() -> bool:
    """Whether this clone holds the release's commit; a shallow one does not."""
    asked = ["git", "-C", str(ROOT), "cat-file", "-e", f"{COMMIT}^{{commit}}"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def unpack(folder: Path) -> Path:
    """Write the release's files into a folder, without touching the work tree."""
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", COMMIT], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder)  # noqa: S202 our own history
    return folder


@dataclass(frozen=True, slots=True)
class Release:
    """Some release's code in a folder, working on a home and a database."""

    code: Path
    environment: Mapping[str, str]
    name: str

    def run(self, *arguments: str, seconds: float = 900) -> str:
        """Run a Python program of the release to its end and return what it said. Raises RuntimeError."""
        ended = subprocess.run(
            [sys.executable, *arguments], cwd=self.code, env=dict(self.environment), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=seconds, text=True, check=False,
        )  # fmt: skip
        if ended.returncode:
            raise RuntimeError(f"{self.name}: {arguments}: {ended.stdout[-4000:]}")
        return ended.stdout

    def manage(self, *arguments: str) -> str:
        """Run a command of the release."""
        return self.run("-m", "yizhengtong.project.manage", *arguments)

    def web(self, port: int, log: Path) -> Process:
        """Return the release's web server, not started yet."""
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "2", "--no-ws", "--log-level", "warning"),
            "yizhengtong.project.wsgi:application",
        ]
        return Process(f"web {self.name}", command, env=self.environment, cwd=self.code, log=log)

    def worker(self, log: Path) -> Process:
        """Return the release's worker, not started yet."""
        command = [sys.executable, "-m", "yizhengtong.project.manage", "procrastinate", "worker", "--concurrency", "2"]
        return Process(f"worker {self.name}", command, env=self.environment, cwd=self.code, log=log)


def environment(home: Path, url: str) -> dict[str, str]:
    """Return the environment of both releases."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YZT_", "DJANGO_", "DATABASE_"))}
    kept.pop("PYTHONPATH", None)
    return {**kept, "YZT_HOME": str(home), "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
