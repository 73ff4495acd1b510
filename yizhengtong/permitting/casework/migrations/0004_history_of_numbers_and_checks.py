# The history first: its columns must be there before the triggers of cases fill them. One released table a migration.

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0003_waiting_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='caseevent',
            name='application_number',
            field=models.CharField(help_text='申请编号, where the form has one (S4-19).', max_length=40, null=True),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='automatic_declined_because',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=48), help_text='Why the rules left it to the officers; none: not asked.', null=True, size=None),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='post_check',
            field=models.CharField(choices=[('sampled', 'Sampled'), ('asked', 'the applicant asked for an officer'), ('in_order', 'In Order'), ('not_in_order', 'Not In Order')], db_default='', default='', help_text='事后核查 of an automatic approval.', max_length=12),
        ),
    ]
