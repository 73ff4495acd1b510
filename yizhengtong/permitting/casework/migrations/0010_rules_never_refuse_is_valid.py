from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0009_rules_never_refuse'),
    ]

    operations = [
        ValidateConstraint(model_name='decision', name='casework_a_person_refuses'),
        ValidateConstraint(model_name='journalentry', name='casework_no_rule_refuses'),
        ValidateConstraint(model_name='journalentry', name='casework_rule_or_person'),
        ValidateConstraint(model_name='journalentry', name='casework_an_officer_answers'),
    ]
