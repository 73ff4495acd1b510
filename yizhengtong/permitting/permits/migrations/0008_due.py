from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('permits', '0007_endorsed_by_kind_is_valid'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='permit',
            index=models.Index(
                condition=models.Q(('endorsed_until__isnull', False), ('state__in', ('ordered', 'made', 'held'))),
                fields=['endorsed_until', 'id'],
                name='permits_due',
            ),
        ),
    ]
