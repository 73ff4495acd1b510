from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('casework', '0018_who_stands_at_the_window'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='case',
            index=models.Index(
                condition=models.Q(('application_number__isnull', False)),
                fields=['application_number'],
                name='casework_application_nr',
            ),
        ),
    ]
