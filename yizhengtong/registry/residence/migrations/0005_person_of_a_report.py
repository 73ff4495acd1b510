# The constraint locks persons against writing: one released table a migration.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('residence', '0004_reports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='report',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='people.person'),
        ),
    ]
