# The history first: its columns must be there before the triggers of judgements fill them. One released table a migration.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0005_numbers_and_checks'),
    ]

    operations = [
        migrations.AddField(
            model_name='judgementevent',
            name='details',
            field=models.JSONField(help_text='What a paper shows, by kind: months, days, codes. No names.', null=True),
        ),
    ]
