"""Rows of several tables written by one statement: of what is written most, the way there and back costs the most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Insert:
    """An `INSERT … VALUES (%s, …)` that reads nothing, and what it takes."""

    statement: str
    values: Sequence[Any]


def insert(*rows: Insert) -> None:
    """Write all of them, or none. The tables must be different ones: no row sees another of the same statement."""
    *others, last = rows
    told = ", ".join(f"row{place} AS ({row.statement})" for place, row in enumerate(others))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {told} {last.statement}" if told else last.statement, [each for row in rows for each in row.values]
        )
