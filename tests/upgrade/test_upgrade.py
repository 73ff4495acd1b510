"""From the last release to this one under load: not one failed request, and everything is still there afterwards.

Expand: the new migrations run while the old code serves. Then the new code takes over, while old and new stand side by
side. What follows (`--contract`) waits for the next release.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.flow import Cast, Pictures
from benchmarks.ground import free_port
from benchmarks.pictures import drawn_pictures, write_pictures
from tests.upgrade.causes import last_defect, last_locks
from tests.upgrade.release import Release, environment, is_in_history, unpack
from tests.upgrade.traffic import Traffic
from yizhengtong.project.configuration import ROOT
from yizhengtong.project.database import embedded_bindir, temporary_postgres
from yizhengtong.project.supervision import Process

PEOPLE = 2
RESIDENTS = 500
BEGUN = 3
PHASE_SECONDS = 4.0
PATIENCE_SECONDS = 300.0
QUICK_TO_SEE_DEADLOCKS = {"deadlock_timeout": "50ms", "log_lock_waits": "on"}
"""Where the migrator and a request wait for each other, one of them fails at once instead of once in many runs."""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yzt-upgrade-", dir="/tmp"))
    folder.chmod(0o711)
    (folder / "log").mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(process: Process) -> Iterator[Process]:
    process.start()
    try:
        yield process
    finally:
        process.stop()


def wait_for(holds: Callable[[], bool], what: str, traffic: Traffic | None = None) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if traffic:
            traffic.check()
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.05)


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


@pytest.mark.skipif(
    not is_in_history() and not os.environ.get("CI"),
    reason="the last release is not in this clone: git fetch --unshallow",
)
def test_the_last_release_comes_forward_under_load_without_a_failed_request(home: Path, tmp_path: Path) -> None:
    bindir = Path(os.environ.get("YZT_POSTGRES_BINDIR") or embedded_bindir())
    with temporary_postgres(bindir, extra_settings=QUICK_TO_SEE_DEADLOCKS, say=lambda _line: None) as database:
        both = environment(home, database.url)
        old, new = Release(unpack(tmp_path / "old"), both, "old"), Release(ROOT, both, "new")
        old.manage("demonstrate", "--prepare")
        known = home / "known.json"
        old.run("-m", "benchmarks.prepare", str(RESIDENTS), str(known))
        folder = write_pictures(drawn_pictures(), home / "pictures")
        pictures = Pictures(*((folder / f"{name}.jpg").read_bytes() for name in Pictures.__slots__))
        old_port, new_port = free_port(), free_port()
        logs = {old_port: home / "log" / "old.log", new_port: home / "log" / "new.log"}
        locks = database.data_dir.parent / "postgres.log"
        traffic = Traffic(
            json.loads(known.read_text()),
            pictures,
            old_port,
            lambda port: [*last_defect(logs[port]), *last_locks(locks)],
        )
        with running(old.web(old_port, logs[old_port])) as old_web:
            wait_for(lambda: answers(old_port, "/health"), "the old server")
            traffic.phase = "warm"
            begun = [traffic.begun() for _ in range(BEGUN)]
            traffic.start(PEOPLE)
            try:
                _go_forward(traffic, new, new_port, home, old_web, begun)
            finally:
                traffic.stop()
        with running(new.web(new_port, home / "log" / "after.log")):
            wait_for(lambda: answers(new_port, "/ready"), "the new server, alone")
        traffic.check()
        _report(traffic)


def _go_forward(
    traffic: Traffic, new: Release, new_port: int, home: Path, old_web: Process, begun: list[tuple[str, Cast]]
) -> None:
    old_port = traffic.port
    time.sleep(1)
    _phase(traffic, "old code, old tables")
    traffic.phase = "while migrating"
    started = time.monotonic()
    print(new.manage("prepare"))
    traffic.check()
    print(f"migrated in {time.monotonic() - started:.1f} s")
    _phase(traffic, "old code, new tables")
    with (
        running(new.worker(home / "log" / "worker.log")) as worker,
        running(new.web(new_port, home / "log" / "new.log")) as web,
    ):
        traffic.phase = "while starting"
        wait_for(lambda: answers(new_port, "/ready"), "the new server")
        traffic.port, traffic.phase = new_port, "while switching"
        wait_for(lambda: traffic.is_drained(old_port), "the old server's last case")
        old_web.stop()
        _phase(traffic, "new code")
        for case, cast in begun:
            traffic.finish(case, cast)
        traffic.stop()
        assert (worker.poll(), web.poll()) == (None, None)


def _phase(traffic: Traffic, name: str) -> None:
    """Let people work for a while, and at least through a hundred requests."""
    traffic.phase = name
    until = time.monotonic() + PHASE_SECONDS
    wait_for(lambda: time.monotonic() > until and len(traffic.milliseconds.get(name, [])) >= 100, name, traffic)


def _report(traffic: Traffic) -> None:
    before = traffic.p95("old code, old tables")
    for phase, taken in traffic.milliseconds.items():
        print(
            f"{phase:22} {len(taken):5} requests, p95 {traffic.p95(phase):6.1f} ms, {traffic.p95(phase) / before:.2f}"
        )
    print(f"failed requests: {len(traffic.problems)}")
