"""Spoiling on purpose, after all else: the proof that a loss or a double would have been seen."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from faults.history import CHECK
from faults.ledger import Entry
from faults.lines import Lines
from faults.outside import read_received
from faults.reconciling import STEPS, Verdict, actions_of, case_of

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
_BESIDE = """
    INSERT INTO permits_permit SELECT (jsonb_populate_record(permit, jsonb_build_object(
            'id', gen_random_uuid(), 'kind', 'zhejiang_card', 'case_id', NULL))).*
        FROM permits_permit permit WHERE case_id = %s AND kind = 'zhejiang_digital' AND state <> 'ended'
"""
_NONE = """
    UPDATE permits_permit SET state = 'ended', ended_on = valid_from, end_reason = 'nobody'
        WHERE case_id = %s AND kind = 'zhejiang_digital' AND state <> 'ended'
            AND EXISTS (SELECT FROM permits_permit old WHERE old.succeeded_by_id = permits_permit.id)
"""
_SENT = "SELECT id FROM notifications_delivery WHERE state IN ('accepted', 'delivered') AND channel = 'sms' LIMIT 1"
_TOLD = """
    SELECT m.id FROM notifications_message m JOIN events_event e ON e.object_id = m.object_id
    WHERE e.kind = 'cases.accepted' AND m.kind LIKE 'accepted%' LIMIT 1
"""


_ROW = "SELECT object_id FROM audit_entry WHERE object_kind = 'check' AND request_id = ANY(%s)"
_AGAIN = (
    "INSERT INTO {table} SELECT (jsonb_populate_record(row, jsonb_build_object('id', gen_random_uuid()))).*"
    " FROM {table} row WHERE {column} = %s"
)


class NothingToSpoil(Exception):
    """No acknowledged step, push or message of the kind, or its row was not there: nothing would be proven."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What can be spoilt: the database, as its owner, and the files that are kept outside."""

    connection: _Connection
    entries: Sequence[Entry]
    outside: Path


def lose(ground: Ground) -> None:
    """Delete the journal entry of a step that was acknowledged. Raises NothingToSpoil."""
    entry = _acknowledged(ground.entries, set(STEPS))
    with _unguarded(ground.connection, "casework_journalentry"):
        _strike(ground.connection, _FORGET, case_of(entry), actions_of(entry)[0])


def double(ground: Ground) -> None:
    """Issue the permit of an acknowledged approval a second time. Raises NothingToSpoil."""
    entry = _acknowledged(ground.entries, {"approve"})
    with ground.connection.transaction():
        ground.connection.execute(_FREE)
        _strike(ground.connection, _DOUBLE, case_of(entry))


def lose_check(ground: Ground) -> None:
    """Strike a check that was acknowledged out of its holder's history. Raises NothingToSpoil."""
    _strike(ground.connection, "DELETE FROM checks_check WHERE id = %s", _check(ground))


def double_check(ground: Ground) -> None:
    """Write a check that was acknowledged, and its entry in the trail, a second time. Raises NothingToSpoil."""
    key = _check(ground)
    _strike(ground.connection, _AGAIN.format(table="checks_check", column="id"), key)
    _strike(ground.connection, _AGAIN.format(table="audit_entry", column="object_id"), key)


def _check(ground: Ground) -> UUID:
    """Return an acknowledged check's row."""
    asked = _acknowledged(ground.entries, {CHECK}).attempts
    row = ground.connection.execute(_ROW, [asked]).fetchone()
    if row is None or not isinstance(row[0], UUID):
        raise NothingToSpoil("the entry of an acknowledged check is not there")
    return row[0]


def lose_push(ground: Ground) -> None:
    """Let the data platform have lost an event that it acknowledged. Raises NothingToSpoil."""
    path = ground.outside / "events.sqlite"
    if not path.exists():
        raise NothingToSpoil("no event came outside")
    with sqlite3.connect(path) as store:
        if store.execute("DELETE FROM event WHERE number = (SELECT max(number) FROM event)").rowcount != 1:
            raise NothingToSpoil("no event came outside")


def double_message(ground: Ground) -> None:
    """Let a short message have come once more after its acknowledgement. Raises NothingToSpoil."""
    key = _key(ground.connection, _SENT, "no short message was acknowledged")
    times = read_received(ground.outside).messages.get(key.hex, 0)
    taken = ground.connection.execute(
        "SELECT count(*) FROM faults_turn WHERE id = %s AND state = 'sending'", [key]
    ).fetchone()
    lines = Lines(ground.outside / "messages")
    for _ in range(int(str(taken[0] if taken else 0)) - times + 1):
        lines.write({"key": key.hex})
    lines.close()


def lose_message(ground: Ground) -> None:
    """Forget a message that the law wants told. Raises NothingToSpoil."""
    key = _key(ground.connection, _TOLD, "no message is due")
    for statement in (
        "DELETE FROM notifications_part WHERE delivery_id IN"
        " (SELECT id FROM notifications_delivery WHERE message_id = %s)",
        "DELETE FROM notifications_delivery WHERE message_id = %s",
    ):
        ground.connection.execute(statement, [key])
    _strike(ground.connection, "DELETE FROM notifications_message WHERE id = %s", key)


def both_living(ground: Ground) -> None:
    """Put a card beside the electronic permit of a conversion. Raises NothingToSpoil."""
    _after_conversion(ground, _BESIDE)


def none_living(ground: Ground) -> None:
    """End the electronic permit that took another's place, so that its holder has none. Raises NothingToSpoil."""
    _after_conversion(ground, _NONE)


def _after_conversion(ground: Ground, statement: str) -> None:
    """Strike the permit of a conversion that still lives: a later conversion ends that of an earlier one."""
    converted = [each for each in ground.entries if each.operation == "convert" and each.is_acknowledged]
    with _unguarded(ground.connection, "permits_permit"):
        for entry in converted:
            if entry.facts.get("state") == "completed":
                struck = ground.connection.execute(statement.encode(), [case_of(entry)]).rowcount
                if struck == 1:
                    return
    raise NothingToSpoil("no acknowledged conversion's permit still lives")


def _more_lost(clean: Verdict, spoilt: Verdict) -> bool:
    return len(spoilt.lost) > len(clean.lost)


def _more_doubled(clean: Verdict, spoilt: Verdict) -> bool:
    return len(spoilt.doubled) > len(clean.doubled)


def _more(what: str) -> Callable[[Verdict, Verdict], bool]:
    return lambda clean, spoilt: spoilt.half.get(what, 0) > clean.half.get(what, 0)


MUTATIONS: Mapping[str, tuple[Callable[[Ground], None], Callable[[Verdict, Verdict], bool]]] = {
    "both-living": (both_living, _more("two living permits of one person and family")),
    "lost": (lose, _more_lost),
    "doubled": (double, _more_doubled),
    "lost-push": (lose_push, _more_lost),
    "lost-check": (lose_check, _more_lost),
    "doubled-check": (double_check, _more_doubled),
    "lost-message": (lose_message, _more_lost),
    "doubled-message": (double_message, _more_doubled),
    "none-living": (none_living, _more("a converted permit without the one in its place")),
}
"""What is spoilt, and whether the second verdict says so. In the order of their names: a permit that is to have another
beside it must still live."""


def _acknowledged(entries: Sequence[Entry], operations: set[str]) -> Entry:
    for entry in entries:
        if entry.is_acknowledged and entry.operation in operations:
            return entry
    raise NothingToSpoil(f"none of {', '.join(sorted(operations))} was acknowledged")


def _key(connection: _Connection, statement: str, otherwise: str) -> UUID:
    row = connection.execute(statement).fetchone()
    if row is None or not isinstance(row[0], UUID):
        raise NothingToSpoil(otherwise)
    return row[0]


@contextmanager
def _unguarded(connection: _Connection, table: str) -> Iterator[None]:
    """A transaction without a table's triggers; undone as a whole where there is nothing to strike."""
    with connection.transaction():
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        yield
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with events pending is not altered
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


def _strike(connection: _Connection, statement: str, *values: object) -> None:
    if connection.execute(statement.encode(), values).rowcount != 1:
        raise NothingToSpoil("the row of an acknowledged step is not there")
