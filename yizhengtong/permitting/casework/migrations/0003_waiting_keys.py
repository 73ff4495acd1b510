# Runs as the owner and gives keys only. The queue's index holds them; behind a row policy, which asks for what the index
# does not hold, every one of them would be a visit to the table. Both functions say that they give a page, lest a whole
# table be read to meet the thousand rows that PostgreSQL expects otherwise.

from django.db import migrations

_ARGUMENTS = 'uuid[], text[], date, uuid, integer'
_WAITING = f"""
    CREATE FUNCTION casework_waiting(
        offices uuid[], states text[], after_urgent_on date, after_id uuid, most integer
    ) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY
            SELECT found.id FROM unnest(offices) AS office(id), unnest(states) AS waiting(state), LATERAL (
                SELECT urgent_on, casework_case.id FROM casework_case
                WHERE office_id = office.id AND casework_case.state = waiting.state
                    AND casework_case.state IN ('received', 'accepted', 'reviewed', 'approved', 'made')
                    AND (urgent_on, casework_case.id) > (after_urgent_on, after_id)
                ORDER BY urgent_on, casework_case.id LIMIT most
            ) found
            ORDER BY urgent_on, found.id LIMIT most;
    END $$;
    REVOKE ALL ON FUNCTION casework_waiting({_ARGUMENTS}) FROM PUBLIC;
"""
_FOUND = 'ALTER FUNCTION casework_found(varchar[], uuid[], text[], date, uuid, integer) ROWS'


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0002_search_and_seats'),
    ]

    operations = [
        migrations.RunSQL(_WAITING, f'DROP FUNCTION casework_waiting({_ARGUMENTS})'),
        migrations.RunSQL(f'{_FOUND} 50', f'{_FOUND} 1000'),
    ]
