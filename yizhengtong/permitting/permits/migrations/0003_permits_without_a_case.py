from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('permits', '0002_permits_without_a_case'),
    ]

    operations = [
        migrations.AlterField(
            model_name='permit',
            name='case_id',
            field=models.UUIDField(help_text='The case that granted it; none if it was imported.', null=True, unique=True),
        ),
    ]
