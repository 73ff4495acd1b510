from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0007_details'),
    ]

    operations = [
        migrations.AddField(
            model_name='journalentry',
            name='answering_office_id',
            field=models.UUIDField(help_text='The office that answers for the rule.', null=True),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='answering_officer',
            field=models.UUIDField(help_text='Its officer who answers for the rule.', null=True),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='rule',
            field=models.CharField(db_default='', default='', help_text="Of the pack's decide.system_rules.", max_length=40),
        ),
        AddConstraintNotValid(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('rule', ''), models.Q(('action', 'refuse'), _negated=True), _connector='OR'), name='casework_no_rule_refuses'),
        ),
        AddConstraintNotValid(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('rule', ''), models.Q(('answering_office_id__isnull', False), ('by', None)), _connector='OR'), name='casework_rule_or_person'),
        ),
        AddConstraintNotValid(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('rule', ''), models.Q(('action__in', ('review', 'approve')), _negated=True), ('answering_officer__isnull', False), _connector='OR'), name='casework_an_officer_answers'),
        ),
    ]
