# What a check was besides a match of numbers. The foreign key is only allowed to be empty: altered by Django it would be
# dropped and made anew, and every row looked at.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('checks', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='check',
            name='claims',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), null=True, size=None),
        ),
        migrations.AddField(
            model_name='check',
            name='outcome',
            field=models.CharField(choices=[('match', 'Match'), ('no_match', 'No Match'), ('told', 'Told'), ('refused', 'Refused')], db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='check',
            name='permit_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='check',
            name='way',
            field=models.CharField(choices=[('match', 'Match'), ('share_code', 'Share Code'), ('phone_code', 'Phone Code'), ('paper_code', 'Paper Code'), ('openid', 'Openid'), ('presentation', 'Presentation'), ('bulk', 'Bulk'), ('same_person', 'Same Person')], db_default='match', default='match', max_length=16),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'ALTER TABLE checks_check ALTER COLUMN relying_party_id DROP NOT NULL',
                    'ALTER TABLE checks_check ALTER COLUMN relying_party_id SET NOT NULL',
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='check',
                    name='relying_party',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='relying_parties.relyingparty'),
                ),
            ],
        ),
    ]
