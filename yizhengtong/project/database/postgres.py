"""A PostgreSQL server as a direct child of this process: started, watched, stopped in bounded time."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from yizhengtong.project.children import spawn, wait_until_ended
from yizhengtong.project.database.cluster import ensure_cluster, read_password, server_environment
from yizhengtong.project.database.connection import PORT, ConnectionInfo
from yizhengtong.project.database.errors import AlreadyRunning, CannotRun, NotRunning
from yizhengtong.project.database.places import SHARED, Places, find_places, make_folder, make_socket_folder
from yizhengtong.project.database.postmaster import (
    end_orphan,
    find_postmaster,
    kill_leftovers,
    remove_false_claim,
    remove_socket_claim,
)
from yizhengtong.project.database.programs import Programs, copy_embedded, embedded_bindir, find_programs
from yizhengtong.project.database.settings import server_settings

_POLL_SECONDS = 0.01
_QUIT_SECONDS = 5.0
_LONGEST_LOG_BYTES = 10_000_000
_STILL_IN_USE = "is still in use"  # backends of a killed server that have not noticed yet


class EmbeddedPostgres:
    """The database of one home.

    `start` and `stop` belong to the main thread: the server is told to end when the thread that started it ends.
    A context manager; `name`, `start`, `poll` and `stop` make it a service that supervision.Supervisor can watch.
    """

    name = "database"

    def __init__(
        self,
        bindir: Path | None,
        home: Path,
        *,
        extra_settings: Mapping[str, str] | None = None,
        is_durable: bool = True,
        may_create_databases: bool = False,
        start_seconds: float = 120,
        say: Callable[[str], None] = print,
    ) -> None:
        """Prepare; nothing is touched before `start`.

        `bindir` None means the embedded programs. `is_durable` False gives up what survives a crash: only for data
        thrown away afterwards. `may_create_databases` counts when the cluster is made. Starting, with the recovery
        after a crash, may take `start_seconds`.
        Raises ValueError for settings that are not the caller's to change.
        """
        self._bindir = bindir
        self._home = home
        self._settings = server_settings(extra_settings or {}, is_durable=is_durable)
        self._is_durable = is_durable
        self._may_create_databases = may_create_databases
        self._start_seconds = start_seconds
        self._say = say
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ConnectionInfo:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> ConnectionInfo:
        """Make the cluster where there is none, start the server and return when it accepts connections.

        After a crash of the server it may be called again. Raises AlreadyRunning, WrongVersion or CannotRun.
        """
        if self._process is not None and self._process.poll() is None:
            raise AlreadyRunning(f"The database of {self._home} is already running here.")
        places = find_places(self._home)
        make_folder(places)
        self._take_lock(places)
        try:
            return self._start_locked(places)
        except BaseException:
            self.stop()
            raise

    def poll(self) -> int | None:
        """Return None while the server runs, else its exit code; it is reaped."""
        return 0 if self._process is None else self._process.poll()

    def stop(self, *, seconds: float = 10, is_urgent: Callable[[], bool] = lambda: False) -> None:
        """End the server: open transactions are rolled back and all is written within `seconds`, else it is killed.

        What was acknowledged survives each of the three ways. When it becomes urgent the gentle way is cut short.
        """
        process, self._process = self._process, None
        try:
            if process is not None:
                self._end(process, seconds, is_urgent)
        finally:
            self._release_lock()

    def _end(self, process: subprocess.Popen[bytes], seconds: float, is_urgent: Callable[[], bool]) -> None:
        steps = ((signal.SIGINT, seconds, is_urgent), (signal.SIGQUIT, _QUIT_SECONDS, lambda: False))
        for number, patience, cut_short in steps:
            if process.poll() is not None:
                return
            process.send_signal(number)
            if wait_until_ended(process, patience, cut_short):
                return
            self._say(f"database: not ended by {number.name}, going further")
        process.kill()
        process.wait()
        kill_leftovers(find_places(self._home).data)

    def _start_locked(self, places: Places) -> ConnectionInfo:
        programs = self._find_programs(places)
        if places.is_moved:
            self._say(f"database: {places.home} is closed to '{places.account.name}', data are in {places.folder}")
        durability = {"may_create_databases": self._may_create_databases, "is_durable": self._is_durable}
        ensure_cluster(programs, places, **durability)
        end_orphan(places.data, seconds=_QUIT_SECONDS * 4)
        remove_false_claim(places.data)
        socket_dir = make_socket_folder(places)
        remove_socket_claim(socket_dir, PORT)
        pid = self._launch_until_ready(programs, places, socket_dir)
        return ConnectionInfo(socket_dir=socket_dir, data_dir=places.data, pid=pid, password=read_password(places))

    def _find_programs(self, places: Places) -> Programs:
        bindir = (self._bindir or embedded_bindir()).resolve()
        try:
            return find_programs(bindir, places.account)
        except PermissionError:
            make_shared_folder()
            copy = copy_embedded(bindir, SHARED)
            self._say(f"database: {bindir} is closed to '{places.account.name}', it runs a copy in {copy}")
            return find_programs(copy, places.account)

    def _launch_until_ready(self, programs: Programs, places: Places, socket_dir: Path) -> int:
        until = time.monotonic() + self._start_seconds
        while True:
            log_start = self._launch(programs, places, socket_dir)
            if self._wait_until_ready(places, until):
                assert self._process is not None  # noqa: S101 - narrows the type
                return self._process.pid
            report = _log_since(places.log, log_start)
            if _STILL_IN_USE not in report or time.monotonic() > until:
                raise CannotRun(f"PostgreSQL {programs.version} did not start. {places.log} ends with:\n{report}")
            kill_leftovers(places.data)
            time.sleep(_POLL_SECONDS * 10)

    def _launch(self, programs: Programs, places: Places, socket_dir: Path) -> int:
        """Start the server and return where in the log its words begin."""
        settings = {**self._settings(programs.major), "unix_socket_directories": str(socket_dir), "port": str(PORT)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with _open_log(places.log) as log:
            log_start = log.tell()  # before the server writes: it shares the position
            self._process = spawn(
                [programs.path("postgres"), "-D", str(places.data), *options],
                parent_death_signal=signal.SIGINT,
                account=places.account,
                env=server_environment(),
                cwd=Path("/"),
                stdout=log,
                stderr=log,
            )
        return log_start

    def _wait_until_ready(self, places: Places, until: float) -> bool:
        while self._process is not None and self._process.poll() is None:
            found = find_postmaster(places.data)
            if found is not None and found.pid == self._process.pid and found.is_ready:
                return True
            if time.monotonic() > until:
                raise CannotRun(f"PostgreSQL was not ready within {self._start_seconds:g} s. See {places.log}.")
            time.sleep(_POLL_SECONDS)
        return False

    def _take_lock(self, places: Places) -> None:
        """Hold the home for this process; the kernel lets go of it however we end."""
        if self._lock is not None:
            return
        lock = os.open(places.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise AlreadyRunning(
                f"The database of {places.home} is already running. Stop the other `make up`, or set YZT_HOME."
            ) from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def attach(home: Path) -> ConnectionInfo:
    """Return how to reach the database of a home that another process runs. Raises NotRunning or CannotRun."""
    places = find_places(home)
    try:
        found = find_postmaster(places.data)
    except PermissionError:
        raise CannotRun(f"{places.data} is closed to this account. Run as the one that started it.") from None
    if found is None or not found.is_ready or found.socket_dir is None:
        raise NotRunning(f"The database of {places.home} is not running. Start it with `make up`.")
    password = read_password(places)
    return ConnectionInfo(socket_dir=found.socket_dir, data_dir=places.data, pid=found.pid, password=password)


def make_shared_folder() -> None:
    """Make the folder of the copies, enterable by all."""
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o755)


def _open_log(path: Path) -> BinaryIO:
    """Open the server's log for appending; one that has grown long is put aside first."""
    if path.exists() and path.stat().st_size > _LONGEST_LOG_BYTES:
        path.rename(path.with_suffix(".log.old"))
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    log.seek(0, os.SEEK_END)
    return log


def _log_since(path: Path, start: int) -> str:
    with path.open("rb") as log:
        log.seek(start)
        return log.read()[-4000:].decode(errors="replace")
