# Both run as the owner and give keys and times only. The search reads the index of its keys, which no query can where a
# row policy stands in between; seats are taken by cases that the asker may not see.

from django.db import migrations

_SEARCH = """
    CREATE FUNCTION casework_found(
        asked varchar[], offices uuid[], states text[], after_urgent_on date, after_id uuid, most integer
    ) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    BEGIN
        RETURN QUERY SELECT id FROM casework_case
            WHERE search_keys @> asked AND office_id = ANY(offices) AND state = ANY(states)
                AND (urgent_on, id) > (after_urgent_on, after_id)
            ORDER BY urgent_on, id LIMIT most;
    END $$;
    REVOKE ALL ON FUNCTION casework_found(varchar[], uuid[], text[], date, uuid, integer) FROM PUBLIC;
"""
_SEATS = """
    CREATE FUNCTION casework_seats_taken(asked_office uuid, times timestamptz[])
    RETURNS TABLE (starts_at timestamptz, seat smallint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT taken.starts_at, taken.seat FROM casework_appointment taken
            WHERE taken.office_id = asked_office AND taken.starts_at = ANY(times)
                AND taken.ticket_number IS NULL AND NOT taken.state = 'cancelled';
    END $$;
    REVOKE ALL ON FUNCTION casework_seats_taken(uuid, timestamptz[]) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            _SEARCH, 'DROP FUNCTION casework_found(varchar[], uuid[], text[], date, uuid, integer)'
        ),
        migrations.RunSQL(_SEATS, 'DROP FUNCTION casework_seats_taken(uuid, timestamptz[])'),
    ]
