"""What every bench stands on: a database, the web server exactly as `make up` starts it, and who used how much CPU."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from yizhengtong.project import up
from yizhengtong.project.database import ConnectionInfo, EmbeddedPostgres, temporary_postgres
from yizhengtong.project.supervision import Process

ROOT = Path(__file__).resolve().parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ground:
    """A home folder of its own, a running database, and the environment of our children.

    DATABASE_URL is the owner's there; web server and worker sign in by their own roles, as in `make up`.
    """

    home: Path
    database: ConnectionInfo
    environment: Mapping[str, str]


@contextlib.contextmanager
def durable_ground(*, may_create_databases: bool = False) -> Iterator[Ground]:
    """Run a new database with the settings of `make up`: every commit is on the disk before it is answered."""
    home = _new_home()
    try:
        with EmbeddedPostgres(None, home, may_create_databases=may_create_databases, say=_quiet) as database:
            yield Ground(home, database, {**_environment(home, database.url), **database.environment})
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def reading_ground(extra_settings: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """Run a new database that gives up what survives a crash: where only reading is measured, after a large fill."""
    home = _new_home()
    try:
        with temporary_postgres(extra_settings=extra_settings, say=_quiet) as database:
            yield Ground(home, database, {**_environment(home, database.url), **database.environment})
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def web_server(
    ground: Ground, *, settings: str = "yizhengtong.project.settings", url: str = ""
) -> Iterator[tuple[int, Process]]:
    """Run the web server by the command of `make up` on a free port; yields the port and the process.

    `settings` names another settings module, `url` another database than the ground's.
    """
    port = free_port()
    environment = {**ground.environment, "DJANGO_SETTINGS_MODULE": settings}
    if url:
        environment |= replace(ground.database, database=str(conninfo_to_dict(url)["dbname"])).environment
    process = up.web_process(environment, ground.home, port)
    process.start()
    try:
        _wait_until_open(port, process)
        yield port, process
    except Exception as problem:
        problem.add_note(f"The web server's log ends with:\n{_end_of_log(process)}")
        raise
    finally:
        process.stop()


@contextlib.contextmanager
def worker(ground: Ground) -> Iterator[Process]:
    """Run the background worker by the command of `make up`."""
    with _running(up.worker_process(dict(ground.environment), ground.home)) as process:
        yield process


@contextlib.contextmanager
def sealer(ground: Ground) -> Iterator[Process]:
    """Run the sealer of the trail by the command of `make up`."""
    with _running(up.sealer_process(dict(ground.environment), ground.home)) as process:
        yield process


@contextlib.contextmanager
def _running(process: Process) -> Iterator[Process]:
    process.start()
    try:
        yield process
    finally:
        process.stop()


def run_python(ground: Ground, *arguments: str, seconds: float = 600, **environment: str) -> None:
    """Run a Python program of ours to its end. Raises RuntimeError with the end of what it said."""
    result = subprocess.run(
        [sys.executable, *arguments],
        env={**ground.environment, **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"{arguments}: {result.stdout.decode(errors='replace')[-3000:]}")


def prepare_city(ground: Ground) -> None:
    """Make tables, law and the demonstration city."""
    run_python(ground, "-m", "yizhengtong.project.manage", "demonstrate", "--prepare")


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, that a process, its living descendants and its reaped children used."""
    spent, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            number = int(stat.parent.name)
            parents[number] = int(fields[1])
            spent[number] = sum(int(field) for field in fields[11:15]) / _TICKS
    return sum(seconds for number, seconds in spent.items() if _descends(number, pid, parents))


def machine_seconds() -> tuple[float, float]:
    """Return the CPU seconds all processes of the machine have used, and those it has had, since it started."""
    first = Path("/proc/stat").read_text().partition("\n")[0]
    user, nice, system, idle, waiting, *interrupts = (int(field) / _TICKS for field in first.split()[1:9])
    used = user + nice + system + sum(interrupts)
    return used, used + idle + waiting


def _descends(number: int, ancestor: int, parents: Mapping[int, int]) -> bool:
    while number and number != ancestor:
        number = parents.get(number, 0)
    return number == ancestor


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _new_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="yzt-bench-", dir="/tmp"))
    home.chmod(0o711)  # the database's account enters it when we are root
    (home / "log").mkdir(mode=0o700)
    return home


def _environment(home: Path, url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YZT_", "DJANGO_"))}
    unlimited = '{"searches": [0, 60]}'  # one officer searches as often as a city in an hour
    return {**kept, "YZT_HOME": str(home), "DATABASE_URL": url, "PYTHONUNBUFFERED": "1", "YZT_LIMITS": unlimited}


def _wait_until_open(port: int, process: Process) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the web server did not start; see {process.log}")


def _end_of_log(process: Process) -> str:
    return process.log.read_text(errors="replace")[-2000:] if process.log and process.log.exists() else ""


def _quiet(_line: str) -> None:
    pass
