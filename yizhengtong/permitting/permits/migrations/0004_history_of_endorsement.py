# The history first: its columns must be there before the triggers of permits fill them. One released table a migration.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('permits', '0003_permits_without_a_case'),
    ]

    operations = [
        migrations.AddField(
            model_name='permitevent',
            name='counted_from',
            field=models.DateField(help_text='The issue from which years of endorsement are counted; a replacement keeps it.', null=True),
        ),
        migrations.AddField(
            model_name='permitevent',
            name='endorsed_on',
            field=models.DateField(help_text='Of the last endorsement.', null=True),
        ),
        migrations.AddField(
            model_name='permitevent',
            name='endorsed_region',
            field=models.CharField(help_text='Where it was endorsed last (D12).', max_length=6, null=True),
        ),
        migrations.AddField(
            model_name='permitevent',
            name='endorsed_until',
            field=models.DateField(help_text='Last day of the endorsed year; none: not endorsed.', null=True),
        ),
        migrations.AddField(
            model_name='permitevent',
            name='succeeded_by_id',
            field=models.UUIDField(help_text='The permit whose issue ended this one.', null=True),
        ),
        migrations.AddField(
            model_name='permitevent',
            name='years_count_from',
            field=models.DateField(help_text='Day from which years of residence count (D22).', null=True),
        ),
        migrations.AlterField(
            model_name='permitevent',
            name='state',
            field=models.CharField(choices=[('ordered', 'Ordered'), ('made', 'Made'), ('held', 'Held'), ('suspended', 'Suspended'), ('lost', 'Lost'), ('ended', 'Ended')], default='ordered', max_length=10),
        ),
    ]
