from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('residence', '0006_account_of_a_reporter'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='registration',
            index=models.Index(
                condition=~models.Q(voucher_number=''), fields=['voucher_number'], name='residence_voucher'
            ),
        ),
    ]
