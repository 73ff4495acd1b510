import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('casework', '0010_rules_never_refuse_is_valid'),
    ]

    operations = [
        migrations.CreateModel(
            name='Answering',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('office_path', models.CharField(max_length=255)),
                ('rule', models.CharField(max_length=40)),
                ('officer_id', models.UUIDField(help_text='The account of the officer.')),
                ('named_by', models.UUIDField(null=True)),
                ('since', models.DateField()),
                ('until', models.DateField(help_text='First day on which it no longer holds.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AnsweringEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, serialize=False)),
                ('office_path', models.CharField(max_length=255)),
                ('rule', models.CharField(max_length=40)),
                ('officer_id', models.UUIDField(help_text='The account of the officer.')),
                ('named_by', models.UUIDField(null=True)),
                ('since', models.DateField()),
                ('until', models.DateField(help_text='First day on which it no longer holds.', null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ConversionList',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('office_path', models.CharField(max_length=255)),
                ('list_hash', models.CharField(help_text="SHA-256 of the file's bytes.", max_length=64)),
                ('position', models.IntegerField(default=0)),
                ('begun_by', models.UUIDField(null=True)),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ConversionRow',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('line', models.IntegerField()),
                ('row_index', models.BinaryField(help_text='Keyed hash of all that the line says.', max_length=16)),
                ('is_converted', models.BooleanField()),
            ],
        ),
        migrations.AddField(
            model_name='answering',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office'),
        ),
        migrations.AddField(
            model_name='answeringevent',
            name='office',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.office'),
        ),
        migrations.AddField(
            model_name='answeringevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='casework.answering'),
        ),
        migrations.AddField(
            model_name='conversionlist',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office'),
        ),
        migrations.AddField(
            model_name='conversionrow',
            name='case',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='conversion_row', to='casework.case'),
        ),
        migrations.AddField(
            model_name='conversionrow',
            name='list',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='casework.conversionlist'),
        ),
        migrations.AddConstraint(
            model_name='answering',
            constraint=models.UniqueConstraint(condition=models.Q(('until', None)), fields=('office', 'rule'), name='casework_one_answers_for_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='answering',
            constraint=models.UniqueConstraint(condition=models.Q(('until', None)), fields=('officer_id',), name='casework_nobody_answers_for_two_rules'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answering',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_answeringevent" ("id", "named_by", "office_id", "office_path", "officer_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule", "since", "until") VALUES (NEW."id", NEW."named_by", NEW."office_id", NEW."office_path", NEW."officer_id", NOW(), \'insert\', NEW."id", NEW."rule", NEW."since", NEW."until"); RETURN NULL;', hash='0cb09be72158c55d0b187a8646e068eef7986847', operation='INSERT', pgid='pgtrigger_insert_insert_9a972', table='casework_answering', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answering',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "casework_answeringevent" ("id", "named_by", "office_id", "office_path", "officer_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule", "since", "until") VALUES (NEW."id", NEW."named_by", NEW."office_id", NEW."office_path", NEW."officer_id", NOW(), \'update\', NEW."id", NEW."rule", NEW."since", NEW."until"); RETURN NULL;', hash='65e836c1fd091439deb4c3ebb6f93c449a5674db', operation='UPDATE', pgid='pgtrigger_update_update_1afec', table='casework_answering', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='answering',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_answeringevent" ("id", "named_by", "office_id", "office_path", "officer_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule", "since", "until") VALUES (OLD."id", OLD."named_by", OLD."office_id", OLD."office_path", OLD."officer_id", NOW(), \'delete\', OLD."id", OLD."rule", OLD."since", OLD."until"); RETURN NULL;', hash='fa36b4c563dbe325861d4eb6c57ef34695ec2b2a', operation='DELETE', pgid='pgtrigger_delete_delete_39dda', table='casework_answering', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='conversionlist',
            constraint=models.UniqueConstraint(fields=('office', 'list_hash'), name='casework_one_run_a_list'),
        ),
        migrations.AddConstraint(
            model_name='conversionrow',
            constraint=models.UniqueConstraint(fields=('row_index',), name='casework_conversion_row_once'),
        ),
    ]
