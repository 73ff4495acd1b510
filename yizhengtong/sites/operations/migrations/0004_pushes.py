"""Counts what waits for data platforms, as the owner of the tables: numbers and ages, never a row."""

from django.db import migrations

_PUSHES = """
    CREATE FUNCTION operations_pushes(most integer)
    RETURNS TABLE (destination varchar, waiting bigint, dead bigint, seconds double precision, p95 double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        SELECT destination.code, unsent.number, dead.number,
            coalesce(extract(epoch FROM now() - least(unsent.oldest, dead.oldest)), 0), told.p95
        FROM exchange_destination destination, LATERAL (
            SELECT count(*) AS number, min(happened_at) AS oldest FROM (
                SELECT happened_at FROM exchange_push
                WHERE destination_id = destination.id AND state IN ('waiting', 'sending')
                ORDER BY position LIMIT most) first
        ) unsent, LATERAL (
            SELECT count(*) AS number, min(happened_at) AS oldest FROM (
                SELECT happened_at FROM exchange_push
                WHERE destination_id = destination.id AND state = 'dead' ORDER BY position LIMIT most) first
        ) dead, LATERAL (
            SELECT percentile_cont(0.95) WITHIN GROUP (
                ORDER BY extract(epoch FROM acknowledged_at - happened_at)) AS p95
            FROM (
                SELECT acknowledged_at, happened_at, destination_id FROM exchange_push
                WHERE acknowledged_at > now() - interval '1 hour' ORDER BY acknowledged_at DESC LIMIT most) newest
            WHERE destination_id = destination.id
        ) told
        WHERE destination.state <> 'ended'
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_messages"), ("exchange", "0001_outbox")]

    operations = [migrations.RunSQL(_PUSHES, "DROP FUNCTION operations_pushes(integer)")]
