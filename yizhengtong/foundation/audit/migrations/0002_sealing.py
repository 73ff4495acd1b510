import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.foundation.postgresql.fields
import yizhengtong.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField()),
                ('line', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='Expiry',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('retention', models.CharField(choices=[('archive', 'Archive'), ('work', 'Work'), ('log', 'Log')], max_length=8)),
                ('up_to', models.BigIntegerField()),
                ('entries', models.BigIntegerField()),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('sequence', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry_id', models.UUIDField(unique=True)),
                ('retention', models.CharField(choices=[('archive', 'Archive'), ('work', 'Work'), ('log', 'Log')], max_length=8)),
                ('entry_hash', models.BinaryField()),
                ('link', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('transaction_id', yizhengtong.foundation.postgresql.fields.TransactionIdField()),
                ('cluster', models.CharField(max_length=32)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpoint',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3d8ef98bd7cc6b7eef98445e8bc12cc120bc506b', operation='UPDATE OR DELETE', pgid='pgtrigger_insert_only_20bd5', table='audit_checkpoint', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('expiry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='audit.expiry')),
                ('checkpoint_number', models.BigIntegerField()),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='expiry',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a81d84c82e3c9d62be8ca4b92b733d84997934e2', operation='UPDATE OR DELETE', pgid='pgtrigger_insert_only_c5c0d', table='audit_expiry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='link',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='150d18ec820af368ffca39f103398e01782a62af', operation='UPDATE OR DELETE', pgid='pgtrigger_insert_only_c155e', table='audit_link', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='statement',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f135923b320cd7faac2fdbb47093ba0bd5a6f7e9', operation='UPDATE OR DELETE', pgid='pgtrigger_insert_only_f36db', table='audit_statement', when='BEFORE')),
        ),
        # Last, so that those who write the trail wait shortly.
        pgtrigger.migrations.RemoveTrigger(
            model_name='entry',
            name='insert_only',
        ),
        migrations.AddField(
            model_name='entry',
            name='retention',
            field=models.CharField(choices=[('archive', 'Archive'), ('work', 'Work'), ('log', 'Log')], db_default='archive', max_length=8),
        ),
        migrations.AddField(
            model_name='entry',
            name='transaction_id',
            field=yizhengtong.foundation.postgresql.fields.TransactionIdField(db_default=django.db.models.expressions.RawSQL('pg_current_xact_id()', ()), editable=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='67570f708e9681f6ea111aff24e07ed17352feab', operation='UPDATE', pgid='pgtrigger_insert_only_49d8b', table='audit_entry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='kept_until_expired', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT FROM audit_link link\n                        JOIN audit_expiry expiry\n                            ON expiry.retention = link.retention AND link.sequence <= expiry.up_to\n                        JOIN audit_statement statement ON statement.expiry_id = expiry.id\n                        WHERE link.entry_id = OLD.id\n                    ) THEN\n                        RETURN OLD;\n                    END IF;\n                    RAISE EXCEPTION 'Cannot update or delete rows from % table', TG_TABLE_NAME;\n                ", hash='4e58ff2b42bca54747182c1aa05563d43b032c74', operation='DELETE', pgid='pgtrigger_kept_until_expired_8d008', table='audit_entry', when='BEFORE')),
        ),
    ]
