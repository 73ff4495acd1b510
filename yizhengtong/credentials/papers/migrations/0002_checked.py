# How a paper stands whose reference was shown: asked by anybody, across all persons, and answered without any of them. The
# function runs as the owner of the tables and tells kind, day, office and one word.

from django.db import migrations

_CHECKED = """
    CREATE FUNCTION papers_checked(asked bytea, on_day date)
    RETURNS TABLE (paper_kind varchar, paper_dated date, paper_office varchar, paper_standing varchar)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT paper.kind, paper.dated, paper.office, CASE
            WHEN paper.replaced_at IS NOT NULL THEN 'replaced'::varchar
            WHEN paper.about = 'permit' AND NOT EXISTS (
                SELECT FROM permits_permit permit WHERE permit.id = paper.object_id
                    AND permit.state IN ('ordered', 'made', 'held') AND permit.last_valid_day >= on_day
            ) THEN 'ended'::varchar
            WHEN paper.kind = 'approval_notice' AND EXISTS (
                SELECT FROM settlement_approvalnotice notice WHERE notice.permit_id = paper.object_id
                    AND notice.last_valid_day < on_day
            ) THEN 'ended'::varchar
            WHEN paper.about = 'registration' AND EXISTS (
                SELECT FROM residence_registration stay WHERE stay.id = paper.object_id
                    AND (NOT stay.is_current OR stay.until <= on_day)
            ) THEN 'ended'::varchar
            WHEN paper.kind = 'residence_certificate' AND EXISTS (
                SELECT FROM residence_registration stay WHERE stay.person_id = paper.person_id
                    AND stay.recorded_at > paper.printed_at
            ) THEN 'ended'::varchar
            ELSE 'current'::varchar END
        FROM papers_issuedpaper paper WHERE paper.reference_hash = asked;
    END $$;
    REVOKE ALL ON FUNCTION papers_checked(bytea, date) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0001_initial'),
        ('permits', '0001_initial'),
        ('residence', '0001_initial'),
        ('settlement', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(_CHECKED, 'DROP FUNCTION papers_checked(bytea, date)'),
    ]
