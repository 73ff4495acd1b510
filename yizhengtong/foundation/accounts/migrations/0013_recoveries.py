import django.db.models.deletion
import django.utils.timezone
import yizhengtong.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_sessions_ended'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountRecovery',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('office_id', models.UUIDField()),
                ('office_path', models.CharField(max_length=255)),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('declined', 'Declined')], default='open', max_length=8)),
                ('asked_by', models.UUIDField()),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recoveries', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='accounts_second_officer_recovers'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('account',), name='accounts_one_open_recovery')],
            },
        ),
    ]
