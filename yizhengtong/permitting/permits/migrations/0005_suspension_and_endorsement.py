import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.foundation.vault.fields
import yizhengtong.kernel.ids
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

_NUMBERS = 'CREATE SEQUENCE permits_document_number'


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_minor_approvals'),
        ('permits', '0004_history_of_endorsement'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='permit',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='permit',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='permit',
            name='delete_delete',
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('bank', models.CharField(max_length=80)),
                ('number', yizhengtong.foundation.vault.fields.PersonalText()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('permit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bank_account', to='permits.permit')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
        ),
        migrations.CreateModel(
            name='Endorsement',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField(help_text='The case that granted it.', null=True)),
                ('on', models.DateField()),
                ('by', models.UUIDField(help_text='The officer; none: the platform.', null=True)),
                ('region', models.CharField(help_text='GB/T 2260 code of the place where it was endorsed.', max_length=6)),
                ('window_from', models.DateField()),
                ('window_until', models.DateField()),
                ('endorsed_until', models.DateField()),
                ('was_late', models.BooleanField()),
                ('years_count_from_after', models.DateField(null=True)),
                ('effect', models.CharField(choices=[('kept', 'Kept'), ('restart', 'Restarted'), ('exclude_gap', 'Gap Excluded')], max_length=12)),
                ('law_hash', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('permit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endorsements', to='permits.permit')),
            ],
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('last_day', models.DateField()),
                ('days_before', models.SmallIntegerField()),
                ('on', models.DateField()),
                ('permit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='permits.permit')),
            ],
        ),
        migrations.CreateModel(
            name='Sweep',
            fields=[
                ('name', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('done_until', models.DateField(help_text='Last day that was done to its end.', null=True)),
            ],
        ),
        migrations.AddField(
            model_name='permit',
            name='counted_from',
            field=models.DateField(help_text='The issue from which years of endorsement are counted; a replacement keeps it.', null=True),
        ),
        migrations.AddField(
            model_name='permit',
            name='endorsed_on',
            field=models.DateField(help_text='Of the last endorsement.', null=True),
        ),
        migrations.AddField(
            model_name='permit',
            name='endorsed_region',
            field=models.CharField(help_text='Where it was endorsed last (D12).', max_length=6, null=True),
        ),
        migrations.AddField(
            model_name='permit',
            name='endorsed_until',
            field=models.DateField(help_text='Last day of the endorsed year; none: not endorsed.', null=True),
        ),
        migrations.AddField(
            model_name='permit',
            name='succeeded_by_id',
            field=models.UUIDField(help_text='The permit whose issue ended this one.', null=True),
        ),
        migrations.AddField(
            model_name='permit',
            name='years_count_from',
            field=models.DateField(help_text='Day from which years of residence count (D22).', null=True),
        ),
        migrations.AlterField(
            model_name='permit',
            name='state',
            field=models.CharField(choices=[('ordered', 'Ordered'), ('made', 'Made'), ('held', 'Held'), ('suspended', 'Suspended'), ('lost', 'Lost'), ('ended', 'Ended')], default='ordered', max_length=10),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='permit',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "permits_permitevent" ("authority", "card", "case_id", "counted_from", "delivery", "delivery_address", "end_reason", "ended_on", "endorsed_on", "endorsed_region", "endorsed_until", "handed_over_by", "handed_over_on", "id", "issue_count", "issued_at", "kind", "last_valid_day", "made_on", "number", "number_index", "office_id", "office_path", "old_card_returned", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo_id", "region", "replaces_id", "state", "succeeded_by_id", "tracking_number", "valid_from", "version", "years_count_from") VALUES (NEW."authority", NEW."card", NEW."case_id", NEW."counted_from", NEW."delivery", NEW."delivery_address", NEW."end_reason", NEW."ended_on", NEW."endorsed_on", NEW."endorsed_region", NEW."endorsed_until", NEW."handed_over_by", NEW."handed_over_on", NEW."id", NEW."issue_count", NEW."issued_at", NEW."kind", NEW."last_valid_day", NEW."made_on", NEW."number", NEW."number_index", NEW."office_id", NEW."office_path", NEW."old_card_returned", NEW."person_id", NOW(), \'insert\', NEW."id", NEW."photo_id", NEW."region", NEW."replaces_id", NEW."state", NEW."succeeded_by_id", NEW."tracking_number", NEW."valid_from", NEW."version", NEW."years_count_from"); RETURN NULL;', hash='589bb7ace40dee8b0e1313253ed21625dba7f524', operation='INSERT', pgid='pgtrigger_insert_insert_f7e7a', table='permits_permit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='permit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "permits_permitevent" ("authority", "card", "case_id", "counted_from", "delivery", "delivery_address", "end_reason", "ended_on", "endorsed_on", "endorsed_region", "endorsed_until", "handed_over_by", "handed_over_on", "id", "issue_count", "issued_at", "kind", "last_valid_day", "made_on", "number", "number_index", "office_id", "office_path", "old_card_returned", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo_id", "region", "replaces_id", "state", "succeeded_by_id", "tracking_number", "valid_from", "version", "years_count_from") VALUES (NEW."authority", NEW."card", NEW."case_id", NEW."counted_from", NEW."delivery", NEW."delivery_address", NEW."end_reason", NEW."ended_on", NEW."endorsed_on", NEW."endorsed_region", NEW."endorsed_until", NEW."handed_over_by", NEW."handed_over_on", NEW."id", NEW."issue_count", NEW."issued_at", NEW."kind", NEW."last_valid_day", NEW."made_on", NEW."number", NEW."number_index", NEW."office_id", NEW."office_path", NEW."old_card_returned", NEW."person_id", NOW(), \'update\', NEW."id", NEW."photo_id", NEW."region", NEW."replaces_id", NEW."state", NEW."succeeded_by_id", NEW."tracking_number", NEW."valid_from", NEW."version", NEW."years_count_from"); RETURN NULL;', hash='b283543021de7194e50c0b465dbbe72b8abd8343', operation='UPDATE', pgid='pgtrigger_update_update_f0b99', table='permits_permit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='permit',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "permits_permitevent" ("authority", "card", "case_id", "counted_from", "delivery", "delivery_address", "end_reason", "ended_on", "endorsed_on", "endorsed_region", "endorsed_until", "handed_over_by", "handed_over_on", "id", "issue_count", "issued_at", "kind", "last_valid_day", "made_on", "number", "number_index", "office_id", "office_path", "old_card_returned", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo_id", "region", "replaces_id", "state", "succeeded_by_id", "tracking_number", "valid_from", "version", "years_count_from") VALUES (OLD."authority", OLD."card", OLD."case_id", OLD."counted_from", OLD."delivery", OLD."delivery_address", OLD."end_reason", OLD."ended_on", OLD."endorsed_on", OLD."endorsed_region", OLD."endorsed_until", OLD."handed_over_by", OLD."handed_over_on", OLD."id", OLD."issue_count", OLD."issued_at", OLD."kind", OLD."last_valid_day", OLD."made_on", OLD."number", OLD."number_index", OLD."office_id", OLD."office_path", OLD."old_card_returned", OLD."person_id", NOW(), \'delete\', OLD."id", OLD."photo_id", OLD."region", OLD."replaces_id", OLD."state", OLD."succeeded_by_id", OLD."tracking_number", OLD."valid_from", OLD."version", OLD."years_count_from"); RETURN NULL;', hash='1eeaf8df0f40b05f072bcce0fe949f676ad757e9', operation='DELETE', pgid='pgtrigger_delete_delete_bd4eb', table='permits_permit', when='AFTER')),
        ),
        AddConstraintNotValid(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('endorsed_until', None), models.Q(('state', 'suspended'), _negated=True)), models.Q(('endorsed_until__isnull', False), ('kind__in', ('zhejiang_card', 'zhejiang_digital', 'zhejiang_paper'))), _connector='OR'), name='permits_endorsed_by_kind'),
        ),
        migrations.AddConstraint(
            model_name='endorsement',
            constraint=models.UniqueConstraint(fields=('permit', 'endorsed_until'), name='permits_endorsed_once_a_year'),
        ),
        migrations.AddConstraint(
            model_name='endorsement',
            constraint=models.CheckConstraint(condition=models.Q(('was_late', True), ('effect', 'kept'), _connector='OR'), name='permits_in_time_keeps_years'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='endorsement',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f60ac821d0a8042f929bc9ca5afb315e5a125f9c', operation='UPDATE OR DELETE', pgid='pgtrigger_insert_only_aa4df', table='permits_endorsement', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('permit', 'last_day', 'days_before'), name='permits_reminded_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reminder',
            trigger=pgtrigger.compiler.Trigger(name='insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c53e7c690d3c0da130c67939d34ef84a4fed1fbf', operation='UPDATE OR DELETE', pgid='pgtrigger_insert_only_f0f72', table='permits_reminder', when='BEFORE')),
        ),
        migrations.RunSQL(_NUMBERS, 'DROP SEQUENCE permits_document_number'),
    ]
