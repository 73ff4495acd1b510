# The history first: its column must be there before the triggers of persons fill it. One released table a migration.

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='personevent',
            name='birth_index',
            field=models.BinaryField(help_text='Finds who was born on a day; none on rows older than the column.', max_length=16, null=True),
        ),
    ]
