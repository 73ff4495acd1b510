from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('permits', '0006_person_of_a_bank_account'),
    ]

    operations = [
        ValidateConstraint(model_name='permit', name='permits_endorsed_by_kind'),
    ]
