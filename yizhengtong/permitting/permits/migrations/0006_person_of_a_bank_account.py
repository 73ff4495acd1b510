# The constraint locks persons against writing: one released table a migration.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('permits', '0005_suspension_and_endorsement'),
    ]

    operations = [
        migrations.AlterField(
            model_name='bankaccount',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
    ]
