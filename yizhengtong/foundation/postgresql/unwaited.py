"""Counts that need not outlive the machine: a statement that is its own transaction ends before the disk has it."""

from django.db import connection


def unwaited() -> str:
    """Return a column for `RETURNING` that lets the statement's transaction end without waiting for the disk.

    A machine that falls may forget the last second of what is written so. Within a larger transaction it would let that
    go unwaited for, too, and with it what was acknowledged: there the column is nothing but true.
    """
    return "true" if connection.in_atomic_block else "set_config('synchronous_commit', 'off', true)"
