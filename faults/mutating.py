"""Spoiling the database on purpose: the proof that the reconciler would see it."""

from collections.abc import Callable

import psycopg

from yizhengtong.project.database import ConnectionInfo

_LOST = """
    ALTER TABLE casework_journalentry DISABLE TRIGGER USER;
    DELETE FROM casework_journalentry WHERE id = (
        SELECT id FROM casework_journalentry WHERE action = 'accept' ORDER BY id LIMIT 1);
    ALTER TABLE casework_journalentry ENABLE TRIGGER USER;
"""
_DOUBLED = """
    DO $$ DECLARE each text; BEGIN
        FOR each IN SELECT conname FROM pg_constraint
            WHERE conrelid = 'permits_permit'::regclass AND contype = 'u' LOOP
            EXECUTE format('ALTER TABLE permits_permit DROP CONSTRAINT %I', each);
        END LOOP;
        FOR each IN SELECT indexrelid::regclass::text FROM pg_index
            WHERE indrelid = 'permits_permit'::regclass AND indisunique AND NOT indisprimary LOOP
            EXECUTE format('DROP INDEX %s', each);
        END LOOP;
    END $$;
    INSERT INTO permits_permit SELECT (jsonb_populate_record(permit, jsonb_build_object('id', gen_random_uuid()))).*
        FROM permits_permit permit ORDER BY id LIMIT 1;
"""


def _doing(statements: str) -> Callable[[ConnectionInfo], None]:
    def do(database: ConnectionInfo) -> None:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute(statements)

    return do


MUTATIONS: dict[str, Callable[[ConnectionInfo], None]] = {"lost": _doing(_LOST), "doubled": _doing(_DOUBLED)}
