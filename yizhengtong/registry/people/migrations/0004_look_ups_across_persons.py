# What is asked across all persons, whatever rows the asker may see: whether a number names somebody, and who may be the
# one a record speaks of. They run as the owner and give keys and keyed hashes only.

from django.db import migrations

_NUMBER_IS_TAKEN = """
    CREATE FUNCTION people_number_is_taken(asked_kind varchar, asked_index bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (
            SELECT FROM people_personnumber WHERE kind = asked_kind AND number_index = asked_index AND is_current
        );
    END $$;
    REVOKE ALL ON FUNCTION people_number_is_taken(varchar, bytea) FROM PUBLIC;
"""
_NUMBERED = """
    CREATE FUNCTION people_numbered(kinds text[], indexes bytea[])
    RETURNS TABLE (kind varchar, number_index bytea, person_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT number.kind, number.number_index, number.person_id
            FROM unnest(kinds, indexes) AS wanted (kind, number_index)
            JOIN people_personnumber number ON number.kind = wanted.kind AND number.number_index = wanted.number_index
            WHERE number.is_current;
    END $$;
    REVOKE ALL ON FUNCTION people_numbered(text[], bytea[]) FROM PUBLIC;
"""
_BORN_ON = """
    CREATE FUNCTION people_born_on(indexes bytea[])
    RETURNS TABLE (birth_index bytea, person_id uuid, name_bigrams varchar[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT person.birth_index, person.id, person.name_bigrams FROM people_person person
            WHERE person.birth_index = ANY(indexes);
    END $$;
    REVOKE ALL ON FUNCTION people_born_on(bytea[]) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_birth_index_of_person'),
    ]

    operations = [
        migrations.RunSQL(_NUMBER_IS_TAKEN, 'DROP FUNCTION people_number_is_taken(varchar, bytea)'),
        migrations.RunSQL(_NUMBERED, 'DROP FUNCTION people_numbered(text[], bytea[])'),
        migrations.RunSQL(_BORN_ON, 'DROP FUNCTION people_born_on(bytea[])'),
    ]
