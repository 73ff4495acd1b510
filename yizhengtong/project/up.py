"""`make up`: database, tables, law, city, sealer, web server and worker; then the journeys; then it stays up.

This process stays small: Django lives in its children. A warm start skips what has not changed since the last one.
"""

import contextlib
import os
import sys
import threading
import time
import urllib.request
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from yizhengtong.project.database import DatabaseProblem, EmbeddedPostgres, default_home, environment_of
from yizhengtong.project.supervision import Process, Supervisor

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60
_MANAGE = (sys.executable, "-m", "yizhengtong.project.manage")


def main() -> int:
    """Start everything, show the journeys, and watch until Ctrl-C. Returns the exit code."""
    begun = time.monotonic()
    home = default_home()
    port = int(os.environ.get("YZT_PORT", "8000"))
    with Supervisor(say=_say) as supervisor:
        try:
            environment = _start_database(supervisor, home)
        except DatabaseProblem as problem:
            print(problem, file=sys.stderr)
            return 1
        if not _is_prepared(home) and supervisor.call(
            "prepare", [*_MANAGE, "demonstrate", "--prepare"], env=environment
        ):
            return 1
        _note_prepared(home)
        supervisor.start(sealer_process(environment, home))  # first, so that it is stopped after who writes
        supervisor.start(web_process(environment, home, port))
        if not _answers(port, supervisor):
            _say(f"The web server gives no answer; see {home}/log/web.log")
            return 1
        _say(f"First answer at http://127.0.0.1:{port}/ after {time.monotonic() - begun:.1f} s")
        supervisor.start(worker_process(environment, home))  # only now: the first answer has both processors for itself
        if environment.get("YZT_JOURNEYS") != "0":  # left out where others bring journeys of their own (faults)
            threading.Thread(target=_demonstrate, args=(environment, port), daemon=True).start()
        return supervisor.run()


def _start_database(supervisor: Supervisor, home: Path) -> dict[str, str]:
    """Return the environment that each child takes its role's from (database.environment_of).

    Starts the embedded database unless DATABASE_URL names another; then DATABASE_URL_WEB and the like may be set too.
    """
    environment = {**os.environ, "YZT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if not environment.get("DATABASE_URL"):
        database = EmbeddedPostgres(None, home, say=_say)
        environment.update(database.start().environment)
        supervisor.watch(database)
    return environment


def web_process(environment: dict[str, str], home: Path, port: int) -> Process:
    command = [
        sys.executable,
        "-m",
        "yizhengtong.project.web_server",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        environment.get("YZT_WEB_WORKERS", "2"),
        "--blocking-threads",
        "2",
        "--no-ws",
        "--respawn-failed-workers",  # else the death of one ends the server
        "--respawn-interval",
        "0.5",
        "--log-level",
        "warning",
        "--log-config",
        str(ROOT / "yizhengtong/project/granian_log.json"),
        "yizhengtong.project.wsgi:application",
    ]
    return Process("web", command, env=environment_of("yzt_web", environment), cwd=ROOT, log=home / "log" / "web.log")


def worker_process(environment: dict[str, str], home: Path) -> Process:
    command = [*_MANAGE, "procrastinate", "worker", "--concurrency", "5"]
    return Process(
        "worker", command, env=environment_of("yzt_worker", environment), cwd=ROOT, log=home / "log" / "worker.log"
    )


def sealer_process(environment: dict[str, str], home: Path) -> Process:
    command = [sys.executable, "-m", "yizhengtong.project.sealer"]
    return Process(
        "sealer", command, env=environment_of("yzt_sealer", environment), cwd=ROOT, log=home / "log" / "sealer.log"
    )


def _demonstrate(environment: dict[str, str], port: int) -> None:
    """Run the journeys through the API, and say where everything is."""
    command = [*_MANAGE, "demonstrate", "--port", str(port)]
    environment = environment_of("yzt_worker", environment)
    process = Process("demonstration", command, env=environment, cwd=ROOT, is_quoted=False)
    process.start()
    while process.poll() is None:
        time.sleep(0.1)
    _say("Ctrl-C stops everything.")


def _answers(port: int, supervisor: Supervisor) -> bool:
    """Wait for the first answer; give up when a stop is asked for or it takes too long."""
    until = time.monotonic() + _READY_SECONDS
    address = f"http://127.0.0.1:{port}/"
    while time.monotonic() < until and not supervisor.is_stopping:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
        time.sleep(0.02)
    return False


def _is_prepared(home: Path) -> bool:
    """Whether tables, law and city are those of this checkout, by the stamp that the last preparation left."""
    stamp = home / "prepared"
    return stamp.exists() and stamp.read_text() == _fingerprint()


def _note_prepared(home: Path) -> None:
    (home / "prepared").write_text(_fingerprint())


def _fingerprint() -> str:
    """Return a hash over every migration, pack, demonstration file and role: what a preparation depends on."""
    digest = sha256()
    folder = ROOT / "yizhengtong"
    paths = [*folder.rglob("migrations/*.py"), *folder.rglob("packs/**/*.yaml"), *folder.rglob("demonstration/*.py")]
    paths += (folder / "project" / "roles").glob("*.*")
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _say(line: str) -> None:
    print(line, flush=True)
