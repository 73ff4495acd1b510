"""What `postmaster.pid` says, and whether it is true.

After a SIGKILL or a reboot the file names a process that is gone, a zombie, or a stranger with the same number.
PostgreSQL takes the last two for a living server; we ask /proc who it really is.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from yizhengtong.project.database.errors import CannotRun

_FILE = "postmaster.pid"
_STATUS_LINE = 7  # with the lines below: src/include/utils/pidfile.h, numbered from 0
_SOCKET_LINE = 4
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server of one data folder."""

    pid: int
    socket_dir: Path | None
    is_ready: bool


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the server that really runs on this folder, or None."""
    lines = _lines(data)
    if not lines or not lines[0].strip("-").isdigit():
        return None
    pid = abs(int(lines[0]))
    if not _runs_on(pid, data):
        return None
    socket = lines[_SOCKET_LINE].strip() if len(lines) > _SOCKET_LINE else ""
    status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""
    return Postmaster(pid=pid, socket_dir=Path(socket) if socket else None, is_ready=status == "ready")


def remove_false_claim(data: Path) -> None:
    """Remove a `postmaster.pid` whose process is not a server of this folder but would be taken for one.

    A file whose process is simply gone is left to PostgreSQL, which then also looks for forgotten backends.
    """
    lines = _lines(data)
    if not lines or find_postmaster(data) is not None:
        return
    pid = lines[0].strip("-")
    if not pid.isdigit() or Path("/proc", pid).exists():
        (data / _FILE).unlink(missing_ok=True)


def remove_socket_claim(socket_dir: Path, port: int) -> None:
    """Remove the socket of a server that is gone, and its lock file: one whose number is a zombie's or a stranger's now
    would keep every later server from starting. Only for who holds the home, with no server on its folder.
    """
    for name in (f".s.PGSQL.{port}.lock", f".s.PGSQL.{port}"):
        (socket_dir / name).unlink(missing_ok=True)


def end_orphan(data: Path, *, seconds: float) -> None:
    """End a server whose supervisor is gone, gently first. Raises CannotRun when even SIGKILL does not end it."""
    for number in (None, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        found = find_postmaster(data)
        if found is None:
            return
        if number is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.pid, number)
        if _is_gone_within(data, seconds / 4):
            return
    raise CannotRun(f"A server without supervisor still runs on {data} and cannot be ended.")


def kill_leftovers(data: Path) -> None:
    """Kill the backends of a server that is gone. One that hangs would hold the shared memory."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _is_backend(folder, data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(folder.name), signal.SIGKILL)


def _is_backend(folder: Path, data: Path) -> bool:
    try:
        program = (folder / "exe").readlink().name.removesuffix(" (deleted)")
        return program == "postgres" and (folder / "cwd").readlink() == data.resolve()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False


def _is_gone_within(data: Path, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if find_postmaster(data) is None:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _lines(data: Path) -> list[str]:
    try:
        return (data / _FILE).read_text().splitlines()
    except FileNotFoundError:
        return []


def _runs_on(pid: int, data: Path) -> bool:
    """Say whether a process is alive, no zombie, and works in the data folder, as every postmaster does."""
    try:
        status = Path("/proc", str(pid), "stat").read_text()
        is_zombie = status.rpartition(")")[2].split()[0] in "ZX"
        return not is_zombie and Path("/proc", str(pid), "cwd").readlink() == data.resolve()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
