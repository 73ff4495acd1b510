"""Everything but kills: a full disk, no connection left, a clock that jumps, the power gone."""

import contextlib
import ctypes
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg

from faults.platform import Platform, kill

_LIBC = ctypes.CDLL(None, use_errno=True)
_DETACH = 2  # MNT_DETACH of <sys/mount.h>
_PIECE = bytes(1 << 20)
_MOST_CONNECTIONS = 200
_FAKETIME = (
    Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
    Path("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
)


@contextlib.contextmanager
def small_volume(place: Path, megabytes: int) -> Iterator[None]:
    """Mount a volume of memory at a folder. Raises PermissionError where we may not: root is needed."""
    place.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0711".encode()
    if _LIBC.mount(b"tmpfs", str(place).encode(), b"tmpfs", 0, options):
        raise PermissionError(os.strerror(ctypes.get_errno()))
    try:
        yield
    finally:
        _LIBC.umount2(str(place).encode(), _DETACH)


@contextlib.contextmanager
def full_disk(place: Path) -> Iterator[None]:
    """Fill the volume of a folder to its last byte, and free it again."""
    filler = place / "filler"
    try:
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(_PIECE) == len(_PIECE):
                pass
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0"):
                pass
        yield
    finally:
        filler.unlink(missing_ok=True)


@contextlib.contextmanager
def no_connection_left(platform: Platform) -> Iterator[int]:
    """Take every connection the server has, so that a web worker that starts finds none. Yields how many."""
    held: list[psycopg.Connection[object]] = []
    try:
        for pid in platform.processes().get("web_worker", ()):
            kill(pid)
        with contextlib.suppress(psycopg.OperationalError):
            while len(held) < _MOST_CONNECTIONS:
                held.append(psycopg.connect(platform.database().url))
        yield len(held)
    finally:
        for connection in held:
            connection.close()


def clock_library() -> Path | None:
    """Return libfaketime, by which the clock of our processes is set without touching the machine's; None without."""
    return next((path for path in _FAKETIME if path.exists()), None)


def clock_environment(library: Path, offset: str) -> dict[str, str]:
    """Return what lets the clock of a platform that is started with it stand off by, say, `-6h`."""
    return {"LD_PRELOAD": str(library), "FAKETIME": offset}


def lasting(seconds: float) -> None:
    """Let journeys go on for a while."""
    threading.Event().wait(seconds)
