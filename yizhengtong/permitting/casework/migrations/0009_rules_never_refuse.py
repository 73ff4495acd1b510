from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0008_rules_act'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('granted', True), ('by__isnull', False), _connector='OR'), name='casework_a_person_refuses'),
        ),
    ]
