# The constraint locks applications against writing: one released table a migration.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('settlement', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='voluntaryconfirmation',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='voluntary_confirmations', to='applications.application'),
        ),
    ]
