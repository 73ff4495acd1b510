"""Running migrations beside those who work: short waits for locks, then again; one at a time; nothing half done.

Whoever holds one lock and waits for the next can end in a deadlock with somebody who works, and PostgreSQL chooses
which of the two fails. So a transaction of ours locks one released table only (tests/upgrade/test_locks.py).
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError

LOCK_TIMEOUT_MS = 500
"""Shorter than PostgreSQL's deadlock_timeout of a second, so that where both wait, it is mostly us who give way."""
TRIES = 60
_AGAIN = frozenset({"55P03", "40P01"})
"""SQLSTATE of a lock not available in time, and of a deadlock that this side lost."""

_ONE_AT_A_TIME = 0x797A746D  # "yztm"
_LONGEST_WAIT_SECONDS = 5.0
_INVALID = """
    SELECT format('%%I.%%I', namespace.nspname, class.relname) FROM pg_index
    JOIN pg_class class ON class.oid = indexrelid JOIN pg_namespace namespace ON namespace.oid = relnamespace
    WHERE NOT indisvalid AND namespace.nspname = ANY(current_schemas(false))
"""


class GaveUp(Exception):
    """No lock could be had in all the tries; what was done until then stays done, the rest can be run later."""


@contextmanager
def alone(connection: Any, lock_timeout_ms: int) -> Iterator[None]:
    """Hold the right to migrate this database, with a short lock time-out for the session.

    Waiting longer would queue everybody else behind us: a lock that is only asked for blocks those who come after.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{lock_timeout_ms}ms"])
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])
                cursor.execute("RESET lock_timeout")


def again_and_again(
    work: Callable[[], object], *, connection: Any, tries: int, lock_timeout_ms: int, tell: Callable[[str], object]
) -> None:
    """Do `work`, alone, until it gets its locks. It must go on where it stopped. Raises GaveUp after `tries`."""

    def alone_and_clean() -> None:
        with alone(connection, lock_timeout_ms):
            drop_unfinished_indexes(connection, tell)
            work()

    until_locked(alone_and_clean, tries=tries, tell=tell)


def until_locked(work: Callable[[], object], *, tries: int, tell: Callable[[str], object]) -> None:
    """Do `work`, which sets itself a lock time-out, until it gets its locks. Raises GaveUp after `tries`."""
    for number in range(1, tries + 1):
        try:
            work()
        except OperationalError as problem:
            if getattr(problem.__cause__, "sqlstate", None) not in _AGAIN:
                raise
            tell(f"No lock in time; again ({number} of {tries}).")
            time.sleep(min(_LONGEST_WAIT_SECONDS, 0.1 * 2**number) * random.uniform(0.5, 1))  # noqa: S311 no secret
        else:
            return
    raise GaveUp(f"{tries} times in vain")


def drop_unfinished_indexes(connection: Any, tell: Callable[[str], object]) -> None:
    """Remove what a concurrent build left when it was ended: an index that is kept up but serves no query."""
    with connection.cursor() as cursor:
        cursor.execute(_INVALID, [])
        for (name,) in cursor.fetchall():
            tell(f"Removing the unfinished index {name}.")
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
