"""A witness in the platform's database: every turn of a push or delivery, every moment with two permits or none.

What stands in a row at the end may have been overwritten; what the witness wrote, in the same transactions, has not.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

PUSH, DELIVERY = "push", "delivery"

_INSTALL = """
    CREATE TABLE faults_turn (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL, id uuid NOT NULL,
        state text NOT NULL, is_after_acknowledgement boolean NOT NULL);
    CREATE INDEX ON faults_turn (id);
    CREATE TABLE faults_moment (person_id uuid NOT NULL, living bigint NOT NULL);
    CREATE TABLE faults_since AS SELECT coalesce(max(sequence), 0) AS sequence FROM events_event;

    CREATE FUNCTION faults_note_turn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ BEGIN
        INSERT INTO faults_turn (what, id, state, is_after_acknowledgement)
            VALUES (TG_ARGV[0], NEW.id, NEW.state, EXISTS (SELECT FROM faults_turn before WHERE before.id = NEW.id
                AND before.state IN ('acknowledged', 'accepted', 'delivered')));
        RETURN NULL;
    END $$;
    CREATE TRIGGER faults_turn AFTER UPDATE ON exchange_push FOR EACH ROW
        WHEN (NEW.state <> OLD.state OR NEW.attempts <> OLD.attempts) EXECUTE FUNCTION faults_note_turn('push');
    CREATE TRIGGER faults_turn AFTER UPDATE ON notifications_delivery FOR EACH ROW
        WHEN (NEW.state <> OLD.state OR NEW.attempts <> OLD.attempts) EXECUTE FUNCTION faults_note_turn('delivery');

    CREATE FUNCTION faults_note_moment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE living bigint; BEGIN
        SELECT count(*) INTO living FROM permits_permit
            WHERE person_id = NEW.person_id AND kind LIKE 'zhejiang%' AND state <> 'ended';
        IF living > 1 OR (living = 0 AND NEW.end_reason = 'converted') THEN
            INSERT INTO faults_moment VALUES (NEW.person_id, living);
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER faults_moment AFTER INSERT OR UPDATE ON permits_permit
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind LIKE 'zhejiang%')
        EXECUTE FUNCTION faults_note_moment();
"""
"""Events are expected outside from the one after `faults_since` on. A moment is looked at when a transaction commits:
what it sees then is what everybody sees from then on."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """How often each push and delivery was taken up to be sent, which of them after its acknowledgement was recorded;
    and how many moments there were with two living permits of a family, or with none after a conversion."""

    taken_up: Mapping[tuple[str, str], int]
    taken_up_after: frozenset[tuple[str, str]]
    moments_with_two: int = 0
    moments_with_none: int = 0


def install(connection: psycopg.Connection[Any]) -> None:
    """Let the witness look from now on. As the owner of the database."""
    with connection.transaction():
        connection.execute(_INSTALL)


def expect_from_now(connection: psycopg.Connection[Any]) -> None:
    """Let only what happens from now on be expected outside: the data platform is there."""
    connection.execute("UPDATE faults_since SET sequence = (SELECT coalesce(max(sequence), 0) FROM events_event)")


def read_testimony(connection: psycopg.Connection[Any]) -> Testimony:
    """Return what was seen. A push or delivery is named by its kind and 32 hexadecimal digits."""
    turns = connection.execute("SELECT what, id, is_after_acknowledgement FROM faults_turn WHERE state = 'sending'")
    taken_up: Counter[tuple[str, str]] = Counter()
    after = set()
    for what, key, is_after in turns.fetchall():
        taken_up[what, key.hex] += 1
        if is_after:
            after.add((what, key.hex))
    moments = connection.execute("SELECT living FROM faults_moment").fetchall()
    none = sum(living == 0 for (living,) in moments)
    return Testimony(taken_up, frozenset(after), len(moments) - none, none)
