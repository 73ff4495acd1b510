# The constraints lock permits against writing: one released table a migration.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('issuance', '0001_initial'),
        ('permits', '0011_one_living_a_kind_goes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='batch',
            name='permit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collected', to='permits.permit'),
        ),
        migrations.AlterField(
            model_name='offer',
            name='permit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='permits.permit'),
        ),
    ]
