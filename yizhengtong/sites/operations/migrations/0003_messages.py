"""Counts what leaves the platform, as the owner of the tables: numbers and ages, never a row."""

from django.db import migrations

_MESSAGES = """
    CREATE FUNCTION operations_messages(most integer)
    RETURNS TABLE (channel varchar, state varchar, number bigint, seconds double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        SELECT channel, 'waiting'::varchar, count(*), extract(epoch FROM now() - min(not_before)) FROM (
            SELECT channel, not_before FROM notifications_delivery
            WHERE state = 'waiting' AND not_before <= now() ORDER BY not_before LIMIT most) due
        GROUP BY channel
        UNION ALL
        SELECT channel, state, count(*), NULL FROM (
            SELECT channel, state FROM notifications_delivery
            WHERE state IN ('failed', 'unsure') ORDER BY id DESC LIMIT most) dead
        GROUP BY channel, state
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_promises"), ("notifications", "0001_messages")]

    operations = [migrations.RunSQL(_MESSAGES, "DROP FUNCTION operations_messages(integer)")]
