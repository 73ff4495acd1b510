"""The machine: account, umask, clock, who may read keys and files, and what lies on one disk."""

import contextlib
import ctypes
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import Error

from yizhengtong.project.backup.keys import key_files
from yizhengtong.project.production.weakness import production_check, weakness

_OTHERS = stat.S_IRWXO
_GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TIMEX_BYTES = 512  # struct timex is 208 bytes; the kernel writes no more
_TIME_ERROR = 5  # <sys/timex.h>: the clock is not synchronised


@production_check
def account_is_its_own() -> Iterator[Error]:
    """No process of ours is root, and what one writes no other account reads."""
    if os.geteuid() == 0:
        yield weakness("production.runs_as_root")
    if umask() & _OTHERS != _OTHERS:
        yield weakness("production.umask_open")


@production_check
def keys_are_closed() -> Iterator[Error]:
    """Key files, their folders and the home belong to their account alone. Names are told, contents are not."""
    files = key_files()
    folders = {path.parent for path in files}
    yield from (weakness("production.key_file_open", path=path) for path in _open_to(files, _GROUP_AND_OTHERS))
    yield from (weakness("production.key_folder_open", path=path) for path in _open_to(folders, _GROUP_AND_OTHERS))
    places = (Path(settings.CONFIGURATION.home), Path(settings.YZT_FILES))
    yield from (weakness("production.home_open", path=path) for path in _open_to(places, _OTHERS))


@production_check
def backups_are_apart() -> Iterator[Error]:
    """Backups on another disk than keys and files: one lost disk loses one of them, one stolen disk opens none."""
    backups = settings.CONFIGURATION.backups
    if backups is None:
        return
    here = {_disk_of(path) for path in key_files()}
    if _disk_of(backups) in here:
        yield weakness("production.keys_beside_backups", path=backups)
    if _disk_of(backups) == _disk_of(Path(settings.YZT_FILES)):
        yield weakness("production.backups_beside_files", path=backups)


@production_check
def clock_is_kept() -> Iterator[Error]:
    """Legal days and audit entries need the right time; the kernel knows whether anything keeps it."""
    if is_clock_kept() is False:
        yield weakness("production.clock_unsynchronised")


@production_check
def checkpoints_are_apart() -> Iterator[Error]:
    """The trail's checkpoints outside the folder of the database, which they are to witness about."""
    home = Path(settings.CONFIGURATION.home)
    folder = Path(settings.CONFIGURATION.audit_checkpoints or home / "checkpoints").absolute()
    if any(each == home / "database" or _is_there(each / "PG_VERSION") for each in (folder, *folder.parents)):
        yield weakness("production.checkpoints_beside_database", path=folder)


def umask() -> int:
    """Return this process's umask without changing it."""
    found = re.search(r"^Umask:\s*([0-7]+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found.group(1), 8) if found else 0


def is_clock_kept() -> bool | None:
    """Say whether the kernel calls its clock synchronised; None where it cannot be asked."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zero: asks, and changes nothing
    try:
        state = ctypes.CDLL(None).adjtimex(timex)
    except (AttributeError, OSError):
        return None
    return None if state < 0 else bool(state != _TIME_ERROR)


def _open_to(paths: Iterable[Path], bits: int) -> list[Path]:
    return sorted(path for path in paths if path.exists() and path.stat().st_mode & bits)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder closed to this process
        return False


def _disk_of(path: Path) -> int:
    """Return the device of a path, or of the nearest folder above it that we can look at."""
    for each in (path, *path.absolute().parents):
        with contextlib.suppress(OSError):  # missing, or hidden from this process by its unit
            return each.stat().st_dev
    return 0
