# The local series of registration vouchers, and whether one still stands: asked across all persons by an officer who was
# shown it, whatever rows the officer may see. The function runs as the owner and gives a word only.

from django.db import migrations

_SERIES = "CREATE SEQUENCE residence_voucher_series"
_STANDING = """
    CREATE FUNCTION residence_voucher_standing(asked varchar, on_day date) RETURNS varchar
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN (
            SELECT CASE WHEN NOT is_current THEN 'replaced' WHEN until IS NOT NULL AND until <= on_day THEN 'ended'
                ELSE 'current' END
            FROM residence_registration WHERE voucher_number = asked
        );
    END $$;
    REVOKE ALL ON FUNCTION residence_voucher_standing(varchar, date) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('residence', '0007_voucher_lookup'),
    ]

    operations = [
        migrations.RunSQL(_SERIES, 'DROP SEQUENCE residence_voucher_series'),
        migrations.RunSQL(_STANDING, 'DROP FUNCTION residence_voucher_standing(varchar, date)'),
    ]
