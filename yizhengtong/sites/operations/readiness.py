"""Whether this process can do its work now: each reason named, each cheap, all of them asked at once."""

import shutil
import time
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.keyring import keyring
from yizhengtong.sites.operations.sealing import sealing_now

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"
_KEPT_SECONDS = 2.0
_BYTES = 1024 * 1024
_lock = Lock()
_last: tuple[float, Mapping[str, str]] = (float("-inf"), {})


def readiness() -> Mapping[str, str]:
    """Return `ok`, `failed` or `unknown` (it needs the database) for each check; asked anew after two seconds."""
    global _last  # noqa: PLW0603 one answer a process
    with _lock:
        if time.monotonic() - _last[0] > _KEPT_SECONDS:
            _last = (time.monotonic(), _looked_up())
        return _last[1]


def forget() -> None:
    """Ask anew at the next question."""
    global _last  # noqa: PLW0603 one answer a process
    _last = (float("-inf"), {})


def _looked_up() -> Mapping[str, str]:
    found = {"database": _answer(_database_answers), "disk": _answer(_disk_has_room)}
    for name, check in _IN_DATABASE.items():
        found[name] = _answer(check) if found["database"] == OK else UNKNOWN
    return found


def _answer(check: Callable[[], bool]) -> str:
    try:
        return OK if check() else FAILED
    except (DatabaseError, OSError, KeyProblem):  # fails closed: what cannot be asked is not ready
        return FAILED


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _migrations_are_applied() -> bool:
    """Whether everything this code needs is there. More than that is a newer release's, and no hindrance."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return known_migrations() <= set(cursor.fetchall())


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of this code."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {})


def _law_is_in_force() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM law_edition WHERE state = 'in_force'")
        return cursor.fetchone() is not None


def _keys_are_loaded() -> bool:
    ring = keyring()
    return bool(ring.sealing) and len(ring.mac(b"ready")) > 0


def _disk_has_room() -> bool:
    return shutil.disk_usage(settings.CONFIGURATION.home).free >= settings.YZT_LEAST_FREE_DISK_MB * _BYTES


def _sealer_keeps_up() -> bool:
    return sealing_now().keeps_up


_IN_DATABASE: Mapping[str, Callable[[], bool]] = {
    "migrations": _migrations_are_applied,
    "law": _law_is_in_force,
    "keys": _keys_are_loaded,
    "sealer": _sealer_keeps_up,
}
