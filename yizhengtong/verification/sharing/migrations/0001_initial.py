# Whose a code on paper is says the place in a status list that is signed into it: the function runs as the owner of the
# tables, since whoever checks is nobody the row policies know.

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import yizhengtong.foundation.vault.fields
import yizhengtong.kernel.ids
from django.db import migrations, models


_OF_PLACE = """
    CREATE FUNCTION sharing_of_place(asked uuid, place integer) RETURNS TABLE (permit_id uuid, person_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        SELECT permit.id, permit.person_id
        FROM status_entry entry JOIN permits_permit permit ON permit.id = entry.permit_id
        WHERE entry.list_id = asked AND entry.position = place
    $$;
    REVOKE ALL ON FUNCTION sharing_of_place(uuid, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('status', '0001_initial'),
        ('permits', '0011_one_living_a_kind_goes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Miss',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code_hash', models.BinaryField(max_length=16)),
                ('counts', models.BooleanField(help_text='A wrong birth date, of nobody whom the holder shut out: five end the code.')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['code_hash'], name='sharing_miss_code'), models.Index(fields=['at'], name='sharing_miss_at')],
            },
        ),
        migrations.CreateModel(
            name='ShareCode',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('purpose', models.CharField(max_length=24)),
                ('claims', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), size=None)),
                ('code_hash', models.BinaryField(max_length=16)),
                ('made_by', models.UUIDField(help_text="The account: the holder's, or of somebody who acts for the holder.")),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ends_at', models.DateTimeField()),
                ('most_uses', models.SmallIntegerField()),
                ('uses', models.SmallIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(choices=[('holder', 'Holder'), ('wrong_birth_dates', 'Wrong Birth Dates'), ('account_recovered', 'Account Recovered')], default='', max_length=24)),
                ('permit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='share_codes', to='permits.permit')),
            ],
        ),
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('check_id', models.UUIDField(help_text="The check in the holder's history.")),
                ('relying_party_id', models.UUIDField(help_text='None: somebody with the page, without an account.', null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('view_hash', models.BinaryField(max_length=16, null=True)),
                ('view_until', models.DateTimeField(null=True)),
                ('shown', yizhengtong.foundation.vault.fields.PersonalJSON(null=True)),
                ('share_code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='used', to='sharing.sharecode')),
            ],
        ),
        migrations.AddIndex(
            model_name='sharecode',
            index=models.Index(fields=['person_id', '-id'], name='sharing_person'),
        ),
        migrations.AddConstraint(
            model_name='sharecode',
            constraint=models.UniqueConstraint(fields=('code_hash',), name='sharing_one_code'),
        ),
        migrations.AddConstraint(
            model_name='sharecode',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('made_at'))), name='sharing_code_ends'),
        ),
        migrations.AddConstraint(
            model_name='sharecode',
            constraint=models.CheckConstraint(condition=models.Q(('uses__lte', models.F('most_uses'))), name='sharing_no_use_too_many'),
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.UniqueConstraint(fields=('view_hash',), name='sharing_one_view'),
        ),
        migrations.RunSQL(_OF_PLACE, 'DROP FUNCTION sharing_of_place(uuid, integer)'),
    ]
