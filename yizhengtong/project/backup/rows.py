"""What a backup knows of the tables: which name files, which are left out, what is set anew after a restore."""

from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

FILE_COLUMNS = (("documents_document", "stored_name"),)
"""Where rows name files of the storage. A test compares it with the models."""

LEFT_OUT = ("django_session", "cache_entries")
"""Tables whose rows no backup holds: a session that was ended must not live again."""

FOLLOWED = frozenset({"events_event.transaction_id", "events_subscription.transaction_id"})
"""Columns of transaction ids, which mean nothing in another cluster, and which `set_positions_anew` sets."""


def count_rows(session: "psycopg.Connection[Any]") -> dict[str, int]:
    """Return how many rows each table of the schema holds that backups keep."""
    tables = session.execute(_TABLES).fetchall()
    counts = {}
    for (table,) in tables:
        if table not in LEFT_OUT:
            row = session.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            counts[table] = row[0] if row else 0
    return counts


def set_positions_anew() -> int:
    """Number the restored events anew, in their order, and every subscription's position with them.

    Transaction ids belong to the cluster that gave them. In a new one they begin low: old events would lie above the
    tail's horizon and new ones below the stored positions. All restored events are complete, so they get transaction
    1, which is below every living one, and their order becomes the sequence. Returns how many events there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS)
        cursor.execute(_EVENTS)
        cursor.execute("SELECT count(*) FROM events_event")
        (events,) = cursor.fetchone()
        return int(events)


def release_jobs() -> int:
    """Give back the jobs that were being done when the backup was taken; no worker does them any more."""
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        return int(cursor.rowcount)


_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1
"""
_POSITIONS = """
    UPDATE events_subscription position SET transaction_id = '1'::xid8, sequence = (
        SELECT count(*) FROM events_event event
        WHERE (event.transaction_id, event.sequence) <= (position.transaction_id, position.sequence)
    )
"""
_EVENTS = """
    UPDATE events_event event SET transaction_id = '1'::xid8, sequence = numbered.place
    FROM (SELECT id, row_number() OVER (ORDER BY transaction_id, sequence) AS place FROM events_event) numbered
    WHERE numbered.id = event.id
"""
_JOBS = """
    UPDATE procrastinate_jobs job
    SET status = CASE WHEN job.queueing_lock IS NULL OR NOT EXISTS (
        SELECT FROM procrastinate_jobs other WHERE other.queueing_lock = job.queueing_lock
            AND (other.status = 'todo' OR other.status = 'doing' AND other.id < job.id)
    ) THEN 'todo'::procrastinate_job_status ELSE 'aborted'::procrastinate_job_status END
    WHERE job.status = 'doing'
"""
