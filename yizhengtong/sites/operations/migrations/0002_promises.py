"""What was to be told or answered and is late, counted for the operators; the age of what waits for the sealer, exact.

As in 0001: numbers and ages for the web process, never a row.
"""

from django.db import migrations

_DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT"

# The meaning of rights.privacy.breaches.overdue_notices, and of a day that is over for the other two.
_PROMISES = f"""
    CREATE FUNCTION operations_promises(at timestamptz, today date, most integer)
    RETURNS TABLE (promise text, number bigint, seconds double precision) {_DEFINER} AS $$
        SELECT 'breach_notice', count(*), coalesce(extract(epoch FROM at - min(due_at)), 0) FROM (
            SELECT due_at FROM privacy_breachnotice WHERE state = 'due' AND due_at < at ORDER BY due_at LIMIT most) late
        UNION ALL SELECT 'objection', count(*), coalesce((today - min(due_on)) * 86400, 0) FROM (
            SELECT due_on FROM privacy_objection WHERE state = 'open' AND due_on < today ORDER BY due_on LIMIT most) late
        UNION ALL SELECT 'correction', count(*), coalesce((today - min(due_on)) * 86400, 0) FROM (
            SELECT due_on FROM privacy_correctionrequest WHERE state = 'open' AND due_on < today LIMIT most) late
    $$
"""

_TRAIL_BEFORE = f"""
    CREATE OR REPLACE FUNCTION operations_trail()
    RETURNS TABLE (is_sealing boolean, seconds double precision) {_DEFINER} AS $$
        SELECT EXISTS (SELECT FROM audit_position), coalesce((
            SELECT extract(epoch FROM now() - at) FROM audit_entry
            WHERE transaction_id >= coalesce((SELECT transaction_id FROM audit_position), '0'::xid8)
            ORDER BY transaction_id LIMIT 1), 0)
    $$
"""
# Two ways to what has no link. In the sealer's own cluster: from its position on, by the transactions' index; of a long
# queue the first thousand, which come first. After a restore elsewhere its position and the entries' transactions are
# another cluster's (docs/adr/0030): from the last link on by the entries' keys, which are in the order of time.
_TRAIL = f"""
    CREATE OR REPLACE FUNCTION operations_trail()
    RETURNS TABLE (is_sealing boolean, seconds double precision) {_DEFINER} AS $$
        SELECT EXISTS (SELECT FROM audit_position), coalesce(extract(epoch FROM clock_timestamp() - CASE
            WHEN coalesce((SELECT cluster = (SELECT system_identifier::text FROM pg_control_system())
                FROM audit_position), true)
            THEN (SELECT min(waiting.at) FROM (
                SELECT entry.at FROM audit_entry entry
                WHERE entry.transaction_id >= coalesce((SELECT transaction_id FROM audit_position), '0'::xid8)
                    AND NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
                ORDER BY entry.transaction_id LIMIT 1000) waiting)
            ELSE (SELECT entry.at FROM audit_entry entry
                WHERE entry.id > coalesce(
                        (SELECT entry_id FROM audit_link ORDER BY sequence DESC LIMIT 1),
                        '00000000-0000-0000-0000-000000000000')
                    AND NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
                ORDER BY entry.id LIMIT 1)
            END), 0)
    $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_entry_transaction_index"),
        ("operations", "0001_measures"),
        ("privacy", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_PROMISES, "DROP FUNCTION operations_promises(timestamptz, date, integer)"),
        migrations.RunSQL(_TRAIL, _TRAIL_BEFORE),
    ]
