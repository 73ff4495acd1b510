# Both run as the owner of the tables and answer officers only. The first names whom a document shown at a window
# belongs to, registered wherever: from then on, until the request ends, that person's rows are this officer's too.
# The second gives officers' names to officers: opinions are signed.

from django.db import migrations

_PRESENTED = """
    CREATE FUNCTION casework_presented(wanted_kind varchar, wanted_index bytea) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        found uuid;
        actor text := coalesce(current_setting('yzt.actor', true), '');
        known text := coalesce(current_setting('yzt.known', true), '');
    BEGIN
        SELECT person_id INTO found FROM people_personnumber
        WHERE kind = wanted_kind AND number_index = wanted_index AND is_current;
        IF found IS NOT NULL AND current_setting('yzt.reader', true) = 'staff' THEN
            PERFORM set_config(
                'yzt.known', CASE WHEN starts_with(known, actor || ' ') THEN known ELSE actor END || ' ' || found, false
            );
        END IF;
        RETURN found;
    END $$;
    REVOKE ALL ON FUNCTION casework_presented(varchar, bytea) FROM PUBLIC;
"""
_NAMES = """
    CREATE FUNCTION casework_officer_names(wanted uuid[]) RETURNS TABLE (id uuid, account_id uuid, name bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY
            SELECT member.id, member.account_id, member.name FROM accounts_staffmember member
            WHERE member.account_id = ANY (wanted)
                AND coalesce(current_setting('yzt.reader', true), '') NOT IN ('resident', 'reporter', 'partner');
    END $$;
    REVOKE ALL ON FUNCTION casework_officer_names(uuid[]) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0017_calls'),
        ('accounts', '0001_initial'),
        ('people', '0004_look_ups_across_persons'),
    ]

    operations = [
        migrations.RunSQL(_PRESENTED, 'DROP FUNCTION casework_presented(varchar, bytea)'),
        migrations.RunSQL(_NAMES, 'DROP FUNCTION casework_officer_names(uuid[])'),
    ]
