# The history first: its column must be there before the triggers of judgements fill it. One released table a migration.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0013_post_check'),
    ]

    operations = [
        migrations.AddField(
            model_name='judgementevent',
            name='is_doubtful',
            field=models.BooleanField(db_default=False, default=False, help_text='In doubt: asks the applicant, grants and refuses nothing.'),
        ),
    ]
