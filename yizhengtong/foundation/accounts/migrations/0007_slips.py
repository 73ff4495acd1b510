from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_office_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='one_time_until',
            field=models.DateTimeField(help_text='Until when the password is the one on a slip from the window; none once it was changed.', null=True),
        ),
    ]
