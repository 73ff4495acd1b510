# Whose account a telephone or a real-name identity opens, asked before anybody is known: keys only, and only for who
# holds the keyed hash. They run as the owner.

from django.db import migrations

_OF_PHONE = """
    CREATE FUNCTION accounts_of_phone(asked_index bytea) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN (SELECT account_id FROM accounts_accountphone WHERE phone_index = asked_index AND is_verified);
    END $$;
    REVOKE ALL ON FUNCTION accounts_of_phone(bytea) FROM PUBLIC;
"""
_OF_IDENTITY = """
    CREATE FUNCTION accounts_of_identity(asked_service varchar, asked_index bytea) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN (
            SELECT account_id FROM accounts_identitylink WHERE service = asked_service AND subject_index = asked_index
        );
    END $$;
    REVOKE ALL ON FUNCTION accounts_of_identity(varchar, bytea) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_identities'),
    ]

    operations = [
        migrations.RunSQL(_OF_PHONE, 'DROP FUNCTION accounts_of_phone(bytea)'),
        migrations.RunSQL(_OF_IDENTITY, 'DROP FUNCTION accounts_of_identity(varchar, bytea)'),
    ]
