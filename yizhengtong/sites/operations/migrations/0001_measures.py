"""Functions that count for the operators, as the owner of the tables: they give numbers and ages, never a row.

The web process may not see everybody's rows; how many there are it must be able to tell.
"""

from django.db import migrations

_DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT"

_CASES = f"""
    CREATE FUNCTION operations_cases(today date, soon integer)
    RETURNS TABLE (item varchar, state varchar, lateness text, number bigint, oldest date) {_DEFINER} AS $$
        SELECT item, state,
            CASE WHEN due_on IS NULL THEN 'undated' WHEN due_on < today THEN 'overdue'
                 WHEN is_due_provisional THEN 'provisional' WHEN due_on <= today + soon THEN 'due_soon'
                 ELSE 'on_time' END,
            count(*), min(received_on)
        FROM casework_case WHERE state IN ('received', 'accepted', 'reviewed', 'approved', 'made')
        GROUP BY 1, 2, 3
    $$
"""
_APPOINTMENTS = f"""
    CREATE FUNCTION operations_appointments(today date)
    RETURNS TABLE (state varchar, number bigint) {_DEFINER} AS $$
        SELECT found.state, count(*) FROM accounts_office office, LATERAL (
            SELECT state FROM casework_appointment
            WHERE office_id = office.id AND ticket_number IS NULL AND NOT state = 'cancelled'
              AND starts_at >= today::timestamp AT TIME ZONE 'Asia/Shanghai'
              AND starts_at < (today + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
        ) found GROUP BY 1
    $$
"""
_EVENTS = f"""
    CREATE FUNCTION operations_events(names text[], most integer)
    RETURNS TABLE (name text, failures integer, number bigint, seconds double precision) {_DEFINER} AS $$
        SELECT asked.name, coalesce(position.failures, 0), unread.number, unread.seconds
        FROM (SELECT unnest(names) UNION SELECT subscription.name FROM events_subscription subscription) asked (name)
        LEFT JOIN events_subscription position ON position.name = asked.name, LATERAL (
            SELECT count(*), coalesce(extract(epoch FROM now() - min(tail.at)), 0) FROM (
                SELECT event.at FROM events_event event
                WHERE (event.transaction_id, event.sequence)
                    > (coalesce(position.transaction_id, '0'::xid8), coalesce(position.sequence, 0))
                ORDER BY event.transaction_id, event.sequence LIMIT most
            ) tail
        ) unread (number, seconds)
    $$
"""
_JOBS = f"""
    CREATE FUNCTION operations_jobs(most integer)
    RETURNS TABLE (status text, number bigint, seconds double precision) {_DEFINER} AS $$
        SELECT 'todo', count(*), (
            SELECT extract(epoch FROM now() - coalesce(oldest.scheduled_at, (
                SELECT max(at) FROM procrastinate_events
                WHERE job_id = oldest.id AND type IN ('deferred', 'deferred_for_retry', 'retried'))))
            FROM (
                SELECT id, scheduled_at FROM procrastinate_jobs
                WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1
            ) oldest)
        FROM (SELECT FROM procrastinate_jobs
            WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) LIMIT most) due
        UNION ALL SELECT 'doing', count(*), NULL FROM (
            SELECT FROM procrastinate_jobs WHERE status = 'doing' LIMIT most) running
        UNION ALL SELECT 'failed', count(*), NULL FROM (
            SELECT FROM procrastinate_jobs WHERE status = 'failed' LIMIT most) failed
        UNION ALL SELECT 'workers', count(*), extract(epoch FROM now() - max(last_heartbeat))
            FROM procrastinate_workers
    $$
"""
_DOCUMENTS = f"""
    CREATE FUNCTION operations_documents(most integer)
    RETURNS TABLE (number bigint, seconds double precision) {_DEFINER} AS $$
        SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM (
            SELECT created_at FROM documents_document WHERE scan = 'waiting' ORDER BY created_at LIMIT most) waiting
    $$
"""
_TRAIL = f"""
    CREATE FUNCTION operations_trail()
    RETURNS TABLE (is_sealing boolean, seconds double precision) {_DEFINER} AS $$
        SELECT EXISTS (SELECT FROM audit_position), coalesce((
            SELECT extract(epoch FROM now() - at) FROM audit_entry
            WHERE transaction_id >= coalesce((SELECT transaction_id FROM audit_position), '0'::xid8)
            ORDER BY transaction_id LIMIT 1), 0)
    $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("audit", "0003_entry_transaction_index"),
        ("casework", "0001_initial"),
        ("documents", "0001_initial"),
        ("events", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(_CASES, "DROP FUNCTION operations_cases(date, integer)"),
        migrations.RunSQL(_APPOINTMENTS, "DROP FUNCTION operations_appointments(date)"),
        migrations.RunSQL(_EVENTS, "DROP FUNCTION operations_events(text[], integer)"),
        migrations.RunSQL(_JOBS, "DROP FUNCTION operations_jobs(integer)"),
        migrations.RunSQL(_DOCUMENTS, "DROP FUNCTION operations_documents(integer)"),
        migrations.RunSQL(_TRAIL, "DROP FUNCTION operations_trail()"),
    ]
