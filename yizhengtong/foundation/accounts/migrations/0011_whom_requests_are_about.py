# Apart from 0010: one released table is locked a transaction.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_staff_requests'),
    ]

    operations = [
        migrations.AlterField(
            model_name='staffrequest',
            name='member',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='accounts.staffmember'),
        ),
    ]
