from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('web', '0002_buckets'),
    ]

    operations = [
        migrations.AddField(
            model_name='idempotentanswer',
            name='etag',
            field=models.CharField(db_default='', default='', help_text='The version that the answer told.', max_length=32),
        ),
    ]
