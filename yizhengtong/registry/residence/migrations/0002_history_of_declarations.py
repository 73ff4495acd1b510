# The history first: its columns must be there before the triggers of registrations fill them. One released table a migration.

import yizhengtong.foundation.vault.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('residence', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='registrationevent',
            name='carries_on',
            field=models.UUIDField(help_text='The stay in the same place that a move within it ended.', null=True),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='due_on',
            field=models.DateField(help_text='Last day on which the declaration was in time, where a pack says.', null=True),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='is_late',
            field=models.BooleanField(db_default=False, default=False, help_text='Declared after due_on.'),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='reporter_id',
            field=models.UUIDField(help_text='Who reported it, where it was not the person.', null=True),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='voucher_number',
            field=models.CharField(db_default='', default='', help_text='Of the registration voucher, in a local series.', max_length=24),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='workplace',
            field=yizhengtong.foundation.vault.fields.PersonalText(help_text='Employer, where it was declared.', null=True),
        ),
        migrations.AlterField(
            model_name='registrationevent',
            name='reported_by',
            field=models.CharField(choices=[('self', 'Self'), ('landlord', 'Landlord'), ('employer', 'Employer'), ('school', 'School'), ('hotel', 'Hotel'), ('manager', 'Property Manager'), ('agent', 'Agent'), ('hospital', 'Hospital'), ('rescue', 'Rescue Station')], max_length=10),
        ),
    ]
