"""Where sealed values lie, table by table, in a form in which they can be counted and sealed anew.

Every table with a personal field is found through its model, its history table too. What else is sealed is named by
its room as a `Column` with the SQL that turns it into an envelope and back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, models, transaction

from yizhengtong.foundation.vault.envelope import HEADER_BYTES, Place, UnknownEnvelope, header_of, open_envelope, seal
from yizhengtong.foundation.vault.fields import PersonalField


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch did: `last` row seen (empty: there was none left), rows changed, values that do not open."""

    last: str
    changed: int = 0
    damaged: int = 0


AS_BASE64 = "translate(encode({}, 'base64'), E'\\n', '')"
"""SQL that writes an envelope into text."""
AS_JSON = f"jsonb_build_object('sealed', {AS_BASE64})"
"""SQL that writes an envelope into a document, as `{"sealed": …}`."""


def in_json(column: str) -> str:
    """Return the SQL that reads it back; an open document of release 0.1.0 counts as sealed with key 0."""
    return (
        f"CASE WHEN {column} ? 'sealed' THEN decode({column}->>'sealed', 'base64')"
        f" ELSE '\\x0100000000'::bytea || convert_to({column}::text, 'UTF8') END"
    )


class Holding(Protocol):
    """A table or a folder of sealed values."""

    @property
    def name(self) -> str: ...
    def seal_some(self, *, after: str, limit: int, key_id: int) -> Step:
        """Seal the next values that another key sealed with the one in use, in one short transaction."""

    def count_by_key(self) -> Counter[int]:
        """Return how many values each key has sealed."""


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column. `place_key`: SQL of the key it is bound to.

    `envelope`: SQL of what lies there as bytes, the column itself by default; `written`: SQL of what is to lie there,
    `{}` being the new envelope.
    """

    name: str
    place_key: str
    place_table: str
    envelope: str = ""
    written: str = "{}"

    @property
    def as_envelope(self) -> str:
        return self.envelope or f'"{self.name}"'

    def place(self, key: str) -> Place:
        return Place(self.place_table, self.name, key)


@dataclass(frozen=True)
class TableHolding:
    """A table and its sealed columns; `key`: its primary key, of the SQL type `key_type`."""

    table: str
    key: str
    key_type: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        return self.table

    def seal_some(self, *, after: str, limit: int, key_id: int) -> Step:
        """Rows that somebody is changing are passed over: a later round finds them."""
        with transaction.atomic(), connection.cursor() as cursor:
            others = [header_of(key_id)] * len(self.columns)
            cursor.execute(self._select(after), [*others, *([after] if after else []), limit])
            rows = cursor.fetchall()
            if not rows:
                return Step("")
            sealed = [self._sealed(row, key_id) for row in rows]
            changed = [values for values, _ in sealed if any(values[2::2])]
            if changed:
                cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [self._triggers])
                cursor.execute(self._update, [list(column) for column in zip(*changed, strict=True)])
                updated = cursor.rowcount
                cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
                return Step(rows[-1][0], updated, sum(damaged for _, damaged in sealed))
        return Step(rows[-1][0], 0, sum(damaged for _, damaged in sealed))

    def count_by_key(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for column in self.columns:
            envelope = column.as_envelope
            statement = (
                f"SELECT substring({envelope} from 1 for {HEADER_BYTES}), count(*) FROM {self._table}"  # noqa: S608 names of our own
                f' WHERE "{column.name}" IS NOT NULL GROUP BY 1'
            )
            with connection.cursor() as cursor:
                cursor.execute(statement)
                for header, count in cursor.fetchall():
                    found[_key_id(bytes(header))] += count
        return found

    def sample(self, limit: int) -> tuple[int, int]:
        """Open the values of some rows chosen by chance. Returns how many were tried, and how many do not open."""
        chosen = ", ".join(f"{column.as_envelope}, {column.place_key}" for column in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {chosen} FROM {self._table} ORDER BY random() LIMIT %s", [limit])  # noqa: S608 names of our own
            rows = cursor.fetchall()
        tried = damaged = 0
        for row in rows:
            for column, envelope, key in zip(self.columns, row[::2], row[1::2], strict=True):
                if envelope is not None:
                    tried += 1
                    damaged += not _opens(bytes(envelope), column.place(key))
        return tried, damaged

    @property
    def _table(self) -> str:
        return f'"{self.table}"'

    def _select(self, after: str) -> str:
        envelopes = ", ".join(f"{column.as_envelope}, {column.place_key}" for column in self.columns)
        others = " OR ".join(
            f"substring({column.as_envelope} from 1 for {HEADER_BYTES}) <> %s" for column in self.columns
        )
        key = f'{self._table}."{self.key}"'
        beyond = f"AND {key} > %s::{self.key_type}" if after else ""
        return (
            f"SELECT {key}::text AS position, {envelopes} FROM {self._table} WHERE ({others}) {beyond}"  # noqa: S608 names of our own
            f" ORDER BY {key} LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
        )

    @cached_property
    def _update(self) -> str:
        """Only where the row still holds what was read: a change in between wins."""
        given = ", ".join([f"%s::{self.key_type}[]"] + ["%s::bytea[], %s::bytea[]"] * len(self.columns))
        names = ", ".join(["key"] + [f"old{at}, new{at}" for at in range(len(self.columns))])
        changes = ", ".join(
            f'"{column.name}" = CASE WHEN given.new{at} IS NULL THEN row."{column.name}" ELSE '
            f"{column.written.format(f'given.new{at}')} END"
            for at, column in enumerate(self.columns)
        )
        still = " AND ".join(
            f"{column.as_envelope} IS NOT DISTINCT FROM given.old{at}" for at, column in enumerate(self.columns)
        )
        return (
            f"UPDATE {self._table} AS row SET {changes} FROM unnest({given}) AS given({names})"  # noqa: S608 names of our own
            f' WHERE row."{self.key}" = given.key AND {still}'
        )

    @cached_property
    def _triggers(self) -> str:
        """Return the triggers to pass over: the content stays, so no history is due and nothing frozen changes."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(array_agg(tgname::text), '{}')::text FROM pg_trigger"
                " WHERE tgrelid = to_regclass(%s) AND tgname LIKE 'pgtrigger%%' AND NOT tgisinternal",
                [self._table],
            )
            return str(cursor.fetchone()[0])

    def _sealed(self, row: Sequence[Any], key_id: int) -> tuple[list[Any], int]:
        """Return key, then old and new envelope of each column; None as the new one where nothing is to change."""
        values: list[Any] = [row[0]]
        damaged = 0
        for column, envelope, key in zip(self.columns, row[1::2], row[2::2], strict=True):
            old, new = None if envelope is None else bytes(envelope), None
            if old is not None and old[:HEADER_BYTES] != header_of(key_id):
                try:
                    new = seal(open_envelope(old, column.place(key)), column.place(key))
                except UnknownEnvelope:
                    damaged += 1
            values += [old, new]
        return values, damaged


def personal_tables() -> list[TableHolding]:
    """Return every table that has a personal field, history tables included, by name."""
    found = [_table_of(model) for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return sorted((holding for holding in found if holding.columns), key=lambda holding: holding.table)


def _table_of(model: type[models.Model]) -> TableHolding:
    meta = model._meta
    tracked = getattr(model, "pgh_tracked_model", None)
    table, key = (tracked._meta.db_table, "pgh_obj_id") if tracked else (meta.db_table, meta.pk.column)
    columns = [
        Column(name=field.column, place_key=f'"{key}"::text', place_table=table)
        for field in meta.local_fields
        if isinstance(field, PersonalField) and field.column
    ]
    key_type = str(meta.pk.db_type(connection)).split()[0]
    return TableHolding(meta.db_table, str(meta.pk.column), key_type, tuple(columns))


def _opens(envelope: bytes, place: Place) -> bool:
    try:
        open_envelope(envelope, place)
    except UnknownEnvelope:
        return False
    return True


def _key_id(header: bytes) -> int:
    return int.from_bytes(header[1:], "big")
