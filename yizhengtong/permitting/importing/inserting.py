"""Inserting many rows by one statement: a column is one parameter, whatever the number of rows.

A statement of thousands of placeholders costs more to build and read than its rows to write. Values go through their
fields, so that personal ones are sealed as in a single save; triggers run row by row. No COPY: it does not go together
with row-level security.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault


def insert_all(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table; what the database sets by default it sets."""
    if not rows:
        return
    meta = rows[0]._meta
    columns = [(field, _values(field, rows)) for field in meta.concrete_fields]
    given = [(field, values) for field, values in columns if values is not None]
    names = ", ".join(f'"{field.column}"' for field, _ in given)
    selected = ", ".join(f'"{field.column}"::{_type(field)}' for field, _ in given)
    arrays = ", ".join(f"%s::{_sent_as(field)}[]" for field, _ in given)
    statement = f'INSERT INTO "{meta.db_table}" ({names}) SELECT {selected} FROM unnest({arrays}) AS given ({names})'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [values for _, values in given])


def _values(field: "models.Field[Any, Any]", rows: Sequence[models.Model]) -> list[Any] | None:
    """Return a column's values ready to send, None for one that the database fills."""
    saved = [field.pre_save(row, True) for row in rows]
    if isinstance(saved[0], DatabaseDefault):
        return None
    if isinstance(field, models.JSONField):
        return [None if value is None else json.dumps(value, ensure_ascii=False) for value in saved]
    if isinstance(field, ArrayField):
        return [_array(value) for value in saved]
    return [field.get_db_prep_save(value, connection) for value in saved]


def _array(value: Sequence[str]) -> str:
    """Return an array of words as the database reads it from a text."""
    if not all(word.isalnum() for word in value):
        raise ValueError("only arrays of plain words are inserted so")
    return f"{{{','.join(value)}}}"


def _sent_as(field: "models.Field[Any, Any]") -> str:
    return "text" if isinstance(field, (models.JSONField, ArrayField)) else _type(field)


def _type(field: "models.Field[Any, Any]") -> str:
    return str(field.db_type(connection))
