# The constraints lock permits against writing: one released table a migration.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('showing', '0001_initial'),
        ('permits', '0011_one_living_a_kind_goes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='showing',
            name='permit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='showings', to='permits.permit'),
        ),
        migrations.AlterField(
            model_name='papercode',
            name='permit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_codes', to='permits.permit'),
        ),
    ]
