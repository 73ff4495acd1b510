# A person on file without an account is taken over by who has proved by a real-name service to be that person, before
# anybody is known. It runs as the owner, and never takes a person from another account.

from django.db import migrations

_CLAIM = """
    CREATE FUNCTION people_claim(asked_kind varchar, asked_index bytea, asked_birth bytea, asked_account uuid)
    RETURNS varchar
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        found people_person%ROWTYPE;
    BEGIN
        IF asked_account IS NOT NULL AND (
            current_setting('yzt.reader', true) IS DISTINCT FROM 'resident'
            OR asked_account::text IS DISTINCT FROM current_setting('yzt.actor', true)
        ) THEN
            RAISE insufficient_privilege USING MESSAGE = 'a person is claimed for the account that reads';
        END IF;
        SELECT person.* INTO found FROM people_person person JOIN people_personnumber number
            ON number.person_id = person.id
            WHERE number.kind = asked_kind AND number.number_index = asked_index AND number.is_current
            FOR NO KEY UPDATE OF person;
        IF found.id IS NULL THEN
            RETURN 'nobody';
        END IF;
        IF found.account_id IS NOT NULL OR asked_birth IS NOT NULL AND found.birth_index <> asked_birth THEN
            RETURN 'taken';
        END IF;
        IF asked_account IS NOT NULL THEN
            UPDATE people_person SET account_id = asked_account, version = version + 1 WHERE id = found.id;
        END IF;
        RETURN 'free';
    END $$;
    REVOKE ALL ON FUNCTION people_claim(varchar, bytea, bytea, uuid) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0008_household_register'),
    ]

    operations = [
        migrations.RunSQL(_CLAIM, 'DROP FUNCTION people_claim(varchar, bytea, bytea, uuid)'),
    ]
