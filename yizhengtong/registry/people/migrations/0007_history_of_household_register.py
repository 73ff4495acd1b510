# The history first: its columns must be there before the triggers of persons fill them. One released table a migration.

import yizhengtong.foundation.vault.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0006_birth_index_lookup'),
    ]

    operations = [
        migrations.AddField(
            model_name='personevent',
            name='hukou_address',
            field=yizhengtong.foundation.vault.fields.PersonalText(help_text='Of the household register; mainland persons only.', null=True),
        ),
        migrations.AddField(
            model_name='personevent',
            name='hukou_region',
            field=models.CharField(db_default='', default='', help_text='County of the household register; of mainland persons only.', max_length=6),
        ),
        migrations.AddField(
            model_name='personevent',
            name='nation',
            field=yizhengtong.foundation.vault.fields.PersonalText(help_text='民族 as printed on the identity card; mainland persons only.', null=True),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='region',
            field=models.CharField(choices=[('CN', 'China'), ('HK', 'Hong Kong'), ('MO', 'Macao'), ('TW', 'Taiwan')], max_length=2),
        ),
    ]
