"""Spoiling the database on purpose, after all else: the proof that the reconciler would have seen it."""

from collections.abc import Callable, Sequence

import psycopg

from faults.ledger import Entry
from faults.reconciling import STEPS, Verdict, case_of

_Connection = psycopg.Connection[tuple[object, ...]]

_FORGET = "DELETE FROM casework_journalentry WHERE case_id = %s AND action = %s"
_FREE = """
    DO $$ DECLARE each text; BEGIN
        FOR each IN SELECT conname FROM pg_constraint
            WHERE conrelid = 'permits_permit'::regclass AND contype = 'u' LOOP
            EXECUTE format('ALTER TABLE permits_permit DROP CONSTRAINT %I', each);
        END LOOP;
        FOR each IN SELECT indexrelid::regclass::text FROM pg_index
            WHERE indrelid = 'permits_permit'::regclass AND indisunique AND NOT indisprimary LOOP
            EXECUTE format('DROP INDEX %s', each);
        END LOOP;
    END $$
"""
_DOUBLE = """
    INSERT INTO permits_permit SELECT (jsonb_populate_record(permit, jsonb_build_object('id', gen_random_uuid()))).*
        FROM permits_permit permit WHERE case_id = %s
"""


class NothingToSpoil(Exception):
    """The ledger holds no acknowledged step of the kind, or its row was not there: nothing would be proven."""


def lose(connection: _Connection, entries: Sequence[Entry]) -> None:
    """Delete the journal entry of a step that was acknowledged. Raises NothingToSpoil."""
    entry = _acknowledged(entries, set(STEPS))
    with connection.transaction():  # or the triggers stay off when there is nothing to strike
        connection.execute("ALTER TABLE casework_journalentry DISABLE TRIGGER USER")
        _strike(connection, _FORGET, case_of(entry), STEPS[entry.operation])
        connection.execute("ALTER TABLE casework_journalentry ENABLE TRIGGER USER")


def double(connection: _Connection, entries: Sequence[Entry]) -> None:
    """Issue the permit of an acknowledged approval a second time. Raises NothingToSpoil."""
    entry = _acknowledged(entries, {"approve"})
    with connection.transaction():
        connection.execute(_FREE)
        _strike(connection, _DOUBLE, case_of(entry))


def has_seen_loss(clean: Verdict, spoilt: Verdict) -> bool:
    return len(spoilt.lost) > len(clean.lost)


def has_seen_double(clean: Verdict, spoilt: Verdict) -> bool:
    return len(spoilt.doubled) > len(clean.doubled)


MUTATIONS: dict[str, tuple[Callable[[_Connection, Sequence[Entry]], None], Callable[[Verdict, Verdict], bool]]] = {
    "lost": (lose, has_seen_loss),
    "doubled": (double, has_seen_double),
}
"""How the database is spoilt, and whether the second verdict says so."""


def _acknowledged(entries: Sequence[Entry], operations: set[str]) -> Entry:
    for entry in entries:
        if entry.is_acknowledged and entry.operation in operations:
            return entry
    raise NothingToSpoil(f"none of {', '.join(sorted(operations))} was acknowledged")


def _strike(connection: _Connection, statement: str, *values: object) -> None:
    if connection.execute(statement, values).rowcount != 1:
        raise NothingToSpoil("the row of an acknowledged step is not there")
