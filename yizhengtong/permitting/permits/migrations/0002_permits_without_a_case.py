# The history first: a permit's trigger writes into it. One released table a migration.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('permits', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='permitevent',
            name='case_id',
            field=models.UUIDField(help_text='The case that granted it; none if it was imported.', null=True),
        ),
    ]
