"""The web server outlives its workers, however often they are killed; one that cannot load its application ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
APPLICATION = "def application(environment, start):\n    start('200 OK', [])\n    return [b'here']\n"
BROKEN = "raise SystemExit(3)\n"
_SECONDS = 60


@contextmanager
def served(folder: Path, application: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve an application with two workers on a socket of its own."""
    (folder / "served.py").write_text(application)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "yizhengtong.project.web_server", "--interface", "wsgi", "--workers", "2"),
            *("--no-ws", "--respawn-failed-workers", "--uds", str(folder / "socket"), "--working-dir", str(folder)),
            "served:application",
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    """Return the living children that run the server's own command; multiprocessing's helpers do not."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            command = (stat.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == process.pid and state not in "ZX" and b"web_server" in command:
            found.add(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _SECONDS
    while not is_so():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_a_worker_that_is_killed_again_and_again_is_replaced_and_the_server_stays(tmp_path: Path) -> None:
    with served(tmp_path, APPLICATION) as process:
        wait_for(lambda: len(workers_of(process)) == 2)
        for _ in range(6):
            killed = max(workers_of(process))  # the one that was started last: the same place each time
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda killed=killed: len(workers_of(process) - {killed}) == 2)  # type: ignore[misc]
            assert process.poll() is None


def test_a_server_whose_application_cannot_be_loaded_ends(tmp_path: Path) -> None:
    with served(tmp_path, BROKEN) as process:
        assert process.wait(_SECONDS) != 0


def test_no_worker_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    with served(tmp_path, APPLICATION) as process:
        wait_for(lambda: len(workers_of(process)) == 2)
        workers = workers_of(process)
        process.kill()
        process.wait()
        wait_for(lambda: not any(map(is_alive, workers)))
