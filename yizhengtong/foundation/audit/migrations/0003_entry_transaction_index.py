from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """By this index the sealer finds what was written since its last look; made without stopping who writes."""

    atomic = False
    dependencies = [
        ('audit', '0002_sealing'),
    ]
    operations = [
        AddIndexConcurrently(
            model_name='entry',
            index=models.Index(fields=['transaction_id'], name='audit_entry_transaction'),
        ),
    ]
