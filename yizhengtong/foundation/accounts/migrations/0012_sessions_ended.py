from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_whom_requests_are_about'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='sessions_ended',
            field=models.SmallIntegerField(db_default=0, default=0, help_text='How often all sessions were ended while the password stayed.'),
        ),
    ]
