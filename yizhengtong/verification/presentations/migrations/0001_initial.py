# Whose copy a place is, the web's role cannot read (credentials/status). The function runs as the owner of the tables and
# tells it of one copy, to whoever knows its place and the hash of the key it was given to: only who was shown it does.

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import yizhengtong.foundation.vault.fields
import yizhengtong.kernel.ids
from django.db import migrations, models

_HELD = """
    CREATE FUNCTION presentations_held(list_uri varchar, list_index integer, holder_key bytea, form varchar)
    RETURNS TABLE (person_id uuid, permit_id uuid, kind varchar, region varchar, state varchar, endorsed_until date,
        delivery varchar, is_taken_back boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        SELECT permit.person_id, permit.id, permit.kind, person.region, permit.state, permit.endorsed_until,
            permit.delivery, batch.ended_at IS NOT NULL
        FROM issuance_issuedcredential copy
        JOIN issuance_batch batch ON batch.id = copy.batch_id
        JOIN permits_permit permit ON permit.id = batch.permit_id
        JOIN people_person person ON person.id = permit.person_id
        WHERE copy.status_uri = list_uri AND copy.status_index = list_index AND copy.key_thumbprint = holder_key
            AND batch.configuration_id = form
    $$;
    REVOKE ALL ON FUNCTION presentations_held(varchar, integer, bytea, varchar) FROM PUBLIC;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('issuance', '0002_permits'),
        ('relying_parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Presentation',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('is_test', models.BooleanField(default=False, help_text='Asked with a test key: only test people answer it.')),
                ('purpose', models.CharField(max_length=24)),
                ('claims', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), help_text='What is told, at most.', size=None)),
                ('configuration_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), help_text='The credentials that serve.', size=None)),
                ('client_id', models.CharField(help_text='Ours, when it was asked.', max_length=80)),
                ('is_encrypted', models.BooleanField(help_text='direct_post.jwt, else direct_post.')),
                ('redirect_uri', models.CharField(blank=True, help_text='Empty: the wallet is on another device.', max_length=500)),
                ('state', models.CharField(choices=[('open', 'Open'), ('shown', 'Shown'), ('refused', 'Refused'), ('fetched', 'Fetched')], default='open', max_length=8)),
                ('why', models.CharField(blank=True, choices=[('declined', 'Declined'), ('invalid', 'Invalid'), ('expired', 'Expired'), ('ended', 'Ended'), ('suspended', 'Suspended'), ('lacking', 'Lacking')], max_length=12)),
                ('person_id', models.UUIDField(null=True)),
                ('result', yizhengtong.foundation.vault.fields.PersonalJSON(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('relying_party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='relying_parties.relyingparty')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('result__isnull', True), ('state', 'shown'), _connector='OR'), name='presentations_result_until_fetched'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), models.Q(('why', ''), _negated=True)), models.Q(models.Q(('state', 'refused'), _negated=True), ('why', '')), _connector='OR'), name='presentations_refused_for_a_reason')],
            },
        ),
        migrations.RunSQL(_HELD, "DROP FUNCTION presentations_held(varchar, integer, bytea, varchar)"),
    ]
