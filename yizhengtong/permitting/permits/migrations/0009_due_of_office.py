from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('permits', '0008_due'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='permit',
            index=models.Index(
                condition=models.Q(('endorsed_until__isnull', False), ('state__in', ('ordered', 'made', 'held'))),
                fields=['office_id', 'endorsed_until', 'id'],
                name='permits_due_of_office',
            ),
        ),
    ]
