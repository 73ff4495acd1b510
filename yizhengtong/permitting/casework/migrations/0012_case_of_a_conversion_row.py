# The constraint locks cases against writing: one released table a migration.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0011_answering_and_conversions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='conversionrow',
            name='case',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='conversion_row', to='casework.case'),
        ),
    ]
