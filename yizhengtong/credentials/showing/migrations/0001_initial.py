# A code is read by anybody who holds it in their hands, across all persons. The function runs as the owner of the tables:
# it marks the code as read, counts the read, and tells what the holder chose to show and how the permit stands now. What
# time it is only the database says: whoever calls could name a moment at which a code was still good.

import django.db.models.deletion
import django.utils.timezone
import yizhengtong.foundation.vault.fields
import yizhengtong.kernel.ids
from django.db import migrations, models


_READ = """
    CREATE FUNCTION showing_read(asked bytea)
    RETURNS TABLE (word varchar, showing_id uuid, person_id uuid, permit_id uuid, purpose varchar, shown bytea,
        state varchar, valid_from date, last_valid_day date, counted_from date, endorsed_until date,
        years_count_from date, end_reason varchar, told_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        code showing_phonecode;
        held showing_showing;
        said varchar;
        at_moment timestamptz := clock_timestamp();
    BEGIN
        SELECT * INTO code FROM showing_phonecode found WHERE found.code_hash = asked FOR NO KEY UPDATE;
        IF code.id IS NOT NULL THEN
            SELECT * INTO held FROM showing_showing found WHERE found.id = code.showing_id FOR NO KEY UPDATE;
        END IF;
        said := CASE
            WHEN code.id IS NULL THEN 'unknown'
            WHEN code.read_at IS NOT NULL THEN 'used'
            WHEN held.stopped_at IS NOT NULL THEN 'stopped'
            WHEN code.good_until < at_moment OR held.ends_at < at_moment THEN 'expired'
            ELSE 'shown' END;
        IF said <> 'shown' THEN
            RETURN QUERY SELECT said, NULL::uuid, NULL::uuid, NULL::uuid, NULL::varchar, NULL::bytea, NULL::varchar,
                NULL::date, NULL::date, NULL::date, NULL::date, NULL::date, NULL::varchar, at_moment;
            RETURN;
        END IF;
        UPDATE showing_phonecode SET read_at = at_moment WHERE id = code.id;
        UPDATE showing_showing SET reads = reads + 1, last_read_at = at_moment WHERE id = held.id;
        RETURN QUERY SELECT said, held.id, held.person_id, held.permit_id, held.purpose, held.shown, permit.state,
            permit.valid_from, permit.last_valid_day, permit.counted_from, permit.endorsed_until,
            permit.years_count_from, permit.end_reason, at_moment
        FROM permits_permit permit WHERE permit.id = held.permit_id;
    END $$;
    REVOKE ALL ON FUNCTION showing_read(bytea) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0009_claims'),
        ('permits', '0011_one_living_a_kind_goes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Showing',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=16)),
                ('shown', yizhengtong.foundation.vault.fields.PersonalJSON(help_text='Claim → value; the photograph as a small JPEG in base64.')),
                ('begun_by', models.UUIDField(help_text="The account: the holder's, or of somebody who acts for the holder.")),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ends_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('reads', models.SmallIntegerField(default=0)),
                ('last_read_at', models.DateTimeField(null=True)),
                ('permit', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='showings', to='permits.permit')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='showings', to='people.person')),
            ],
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code_hash', models.BinaryField(max_length=16)),
                ('good_until', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('showing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='showing.showing')),
            ],
        ),
        migrations.CreateModel(
            name='PaperCode',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=16)),
                ('issued_on', models.DateField()),
                ('last_day', models.DateField(help_text='Last day on which the code is good.')),
                ('key_id', models.CharField(max_length=64)),
                ('list_uri', models.CharField(max_length=240)),
                ('list_index', models.IntegerField()),
                ('text', yizhengtong.foundation.vault.fields.PersonalText(help_text='The signed part.')),
                ('printed_at', models.DateTimeField(default=django.utils.timezone.now, help_text='For the first time.')),
                ('permit', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='paper_codes', to='permits.permit')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_codes', to='people.person')),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-id'], name='showing_paper_person')],
                'constraints': [models.UniqueConstraint(fields=('permit', 'purpose', 'issued_on'), name='showing_one_paper_a_day')],
            },
        ),
        migrations.AddIndex(
            model_name='showing',
            index=models.Index(fields=['person', '-id'], name='showing_person'),
        ),
        migrations.AddConstraint(
            model_name='showing',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('permit', 'begun_by'), name='showing_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='showing',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begun_at'))), name='showing_ends'),
        ),
        migrations.AddConstraint(
            model_name='phonecode',
            constraint=models.UniqueConstraint(fields=('code_hash',), name='showing_one_code'),
        ),
        migrations.RunSQL(_READ, 'DROP FUNCTION showing_read(bytea)'),
    ]
