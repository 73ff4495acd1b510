# As before, of appointments: the history first.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0015_doubts'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointmentevent',
            name='called_at',
            field=models.DateTimeField(help_text='When an officer called the visitor to a window.', null=True),
        ),
        migrations.AddField(
            model_name='appointmentevent',
            name='called_by',
            field=models.UUIDField(null=True),
        ),
    ]
