from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('casework', '0012_case_of_a_conversion_row'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='case',
            index=models.Index(
                condition=models.Q(('post_check__in', ('sampled', 'asked'))),
                fields=['office', 'id'],
                name='casework_post_check',
            ),
        ),
    ]
