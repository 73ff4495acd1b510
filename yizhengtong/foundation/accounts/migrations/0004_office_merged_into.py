import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_phones'),
    ]

    operations = [
        migrations.AddField(
            model_name='office',
            name='merged_into',
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office'
            ),
        ),
    ]
