"""A look at the test's database through a connection of its own, and rows spoilt behind its triggers."""

from typing import Any

import psycopg
from django.db import connection, transaction


def another_connection() -> psycopg.Connection[tuple[Any, ...]]:
    named = connection.settings_dict
    return psycopg.connect(
        host=named["HOST"], port=named["PORT"] or None, user=named["USER"], password=named["PASSWORD"],
        dbname=named["NAME"],
    )  # fmt: skip


def spoil(statement: str, table: str) -> None:
    """Change a table behind its triggers."""
    with transaction.atomic(), connection.cursor() as cursor:  # or the triggers stay off for every test to come
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with events pending is not altered
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
