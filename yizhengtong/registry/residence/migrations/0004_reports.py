import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.foundation.vault.fields
import yizhengtong.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0008_household_register'),
        ('residence', '0003_declarations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reporter_kind', models.CharField(choices=[('landlord', 'Landlord'), ('employer', 'Employer'), ('property_manager', 'Property Manager'), ('agent', 'Agent'), ('hotel', 'Hotel'), ('hospital', 'Hospital'), ('school', 'School'), ('rescue_station', 'Rescue Station')], max_length=16)),
                ('reporter_name', yizhengtong.foundation.vault.fields.PersonalText(help_text='As it was when reported: the person named sees it.')),
                ('about', models.CharField(choices=[('start', 'Start'), ('end', 'End'), ('change', 'Change')], max_length=8)),
                ('name', yizhengtong.foundation.vault.fields.PersonalText()),
                ('number', yizhengtong.foundation.vault.fields.PersonalText(help_text='Identity number, in normal form.')),
                ('number_index', models.BinaryField(max_length=16)),
                ('region', models.CharField(help_text='GB/T 2260 code of the county.', max_length=6)),
                ('address', yizhengtong.foundation.vault.fields.PersonalText()),
                ('happened_on', models.DateField(help_text='First day of the stay, first day it is over, or day of the change.')),
                ('known_on', models.DateField(help_text='Day from which the time for reporting runs.')),
                ('reported_on', models.DateField(help_text='Legal day of the report.')),
                ('due_on', models.DateField(help_text='Last day in time; none where no pack says.', null=True)),
                ('is_late', models.BooleanField(default=False)),
                ('fingerprint', models.BinaryField(help_text='The same row sent again is found by it.', max_length=32)),
                ('state', models.CharField(choices=[('received', 'Received'), ('matched', 'Matched'), ('merged', 'Merged'), ('disputed', 'Disputed'), ('dismissed', 'Dismissed')], default='received', max_length=9)),
                ('waits_for', models.CharField(blank=True, choices=[('new', 'New'), ('unverified', 'Unverified'), ('unknown', 'Unknown'), ('overlaps', 'Overlaps'), ('nothing_to_end', 'Nothing To End'), ('at_home', 'At Home'), ('', 'Nothing')], default='new', max_length=14)),
                ('office_path', models.CharField(help_text='Of the office that answers a dispute.', max_length=255)),
                ('dispute_words', yizhengtong.foundation.vault.fields.PersonalText(null=True)),
                ('disputed_on', models.DateField(null=True)),
                ('answer_due_on', models.DateField(null=True)),
                ('decision_words', yizhengtong.foundation.vault.fields.PersonalText(null=True)),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Reporter',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('landlord', 'Landlord'), ('employer', 'Employer'), ('property_manager', 'Property Manager'), ('agent', 'Agent'), ('hotel', 'Hotel'), ('hospital', 'Hospital'), ('school', 'School'), ('rescue_station', 'Rescue Station')], max_length=16)),
                ('name', yizhengtong.foundation.vault.fields.PersonalText(help_text='Of the unit or, of a landlord, the person.')),
                ('code', yizhengtong.foundation.vault.fields.PersonalText(help_text='统一社会信用代码, or the identity number of a person.')),
                ('contact', yizhengtong.foundation.vault.fields.PersonalText()),
                ('region', models.CharField(help_text='GB/T 2260 code of the county it is in.', max_length=6)),
                ('office_path', models.CharField(help_text='Of the office that verifies it.', max_length=255)),
                ('state', models.CharField(choices=[('unverified', 'Unverified'), ('verified', 'Verified'), ('refused', 'Refused')], default='unverified', max_length=10)),
                ('registered_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='ReporterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, serialize=False)),
                ('kind', models.CharField(choices=[('landlord', 'Landlord'), ('employer', 'Employer'), ('property_manager', 'Property Manager'), ('agent', 'Agent'), ('hotel', 'Hotel'), ('hospital', 'Hospital'), ('school', 'School'), ('rescue_station', 'Rescue Station')], max_length=16)),
                ('name', yizhengtong.foundation.vault.fields.PersonalText(help_text='Of the unit or, of a landlord, the person.')),
                ('code', yizhengtong.foundation.vault.fields.PersonalText(help_text='统一社会信用代码, or the identity number of a person.')),
                ('contact', yizhengtong.foundation.vault.fields.PersonalText()),
                ('region', models.CharField(help_text='GB/T 2260 code of the county it is in.', max_length=6)),
                ('office_path', models.CharField(help_text='Of the office that verifies it.', max_length=255)),
                ('state', models.CharField(choices=[('unverified', 'Unverified'), ('verified', 'Verified'), ('refused', 'Refused')], default='unverified', max_length=10)),
                ('registered_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReportEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, serialize=False)),
                ('reporter_kind', models.CharField(choices=[('landlord', 'Landlord'), ('employer', 'Employer'), ('property_manager', 'Property Manager'), ('agent', 'Agent'), ('hotel', 'Hotel'), ('hospital', 'Hospital'), ('school', 'School'), ('rescue_station', 'Rescue Station')], max_length=16)),
                ('reporter_name', yizhengtong.foundation.vault.fields.PersonalText(help_text='As it was when reported: the person named sees it.')),
                ('about', models.CharField(choices=[('start', 'Start'), ('end', 'End'), ('change', 'Change')], max_length=8)),
                ('name', yizhengtong.foundation.vault.fields.PersonalText()),
                ('number', yizhengtong.foundation.vault.fields.PersonalText(help_text='Identity number, in normal form.')),
                ('number_index', models.BinaryField(max_length=16)),
                ('region', models.CharField(help_text='GB/T 2260 code of the county.', max_length=6)),
                ('address', yizhengtong.foundation.vault.fields.PersonalText()),
                ('happened_on', models.DateField(help_text='First day of the stay, first day it is over, or day of the change.')),
                ('known_on', models.DateField(help_text='Day from which the time for reporting runs.')),
                ('reported_on', models.DateField(help_text='Legal day of the report.')),
                ('due_on', models.DateField(help_text='Last day in time; none where no pack says.', null=True)),
                ('is_late', models.BooleanField(default=False)),
                ('fingerprint', models.BinaryField(help_text='The same row sent again is found by it.', max_length=32)),
                ('state', models.CharField(choices=[('received', 'Received'), ('matched', 'Matched'), ('merged', 'Merged'), ('disputed', 'Disputed'), ('dismissed', 'Dismissed')], default='received', max_length=9)),
                ('waits_for', models.CharField(blank=True, choices=[('new', 'New'), ('unverified', 'Unverified'), ('unknown', 'Unknown'), ('overlaps', 'Overlaps'), ('nothing_to_end', 'Nothing To End'), ('at_home', 'At Home'), ('', 'Nothing')], default='new', max_length=14)),
                ('office_path', models.CharField(help_text='Of the office that answers a dispute.', max_length=255)),
                ('dispute_words', yizhengtong.foundation.vault.fields.PersonalText(null=True)),
                ('disputed_on', models.DateField(null=True)),
                ('answer_due_on', models.DateField(null=True)),
                ('decision_words', yizhengtong.foundation.vault.fields.PersonalText(null=True)),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='report',
            name='person',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='people.person'),
        ),
        migrations.AddField(
            model_name='report',
            name='registration',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='residence.registration'),
        ),
        migrations.AddField(
            model_name='reporter',
            name='account',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='reporter', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='report',
            name='reporter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='residence.reporter'),
        ),
        migrations.AddField(
            model_name='reporterevent',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reporterevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='residence.reporter'),
        ),
        migrations.AddField(
            model_name='reportevent',
            name='person',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='reportevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='residence.report'),
        ),
        migrations.AddField(
            model_name='reportevent',
            name='registration',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='residence.registration'),
        ),
        migrations.AddField(
            model_name='reportevent',
            name='reporter',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='residence.reporter'),
        ),
        migrations.AddIndex(
            model_name='reporter',
            index=models.Index(condition=models.Q(('state', 'unverified')), fields=['office_path', 'id'], name='residence_reporter_waiting'),
        ),
        migrations.AddConstraint(
            model_name='reporter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('state', 'unverified')), models.Q(models.Q(('state', 'unverified'), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='residence_reporter_is_decided'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reporter',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "residence_reporterevent" ("account_id", "code", "contact", "decided_at", "decided_by", "id", "kind", "name", "office_path", "pgh_created_at", "pgh_label", "pgh_obj_id", "region", "registered_at", "state", "version") VALUES (NEW."account_id", NEW."code", NEW."contact", NEW."decided_at", NEW."decided_by", NEW."id", NEW."kind", NEW."name", NEW."office_path", NOW(), \'insert\', NEW."id", NEW."region", NEW."registered_at", NEW."state", NEW."version"); RETURN NULL;', hash='7900da367f5b6ca51d46f0cc5d7076f310c23f68', operation='INSERT', pgid='pgtrigger_insert_insert_03789', table='residence_reporter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reporter',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "residence_reporterevent" ("account_id", "code", "contact", "decided_at", "decided_by", "id", "kind", "name", "office_path", "pgh_created_at", "pgh_label", "pgh_obj_id", "region", "registered_at", "state", "version") VALUES (NEW."account_id", NEW."code", NEW."contact", NEW."decided_at", NEW."decided_by", NEW."id", NEW."kind", NEW."name", NEW."office_path", NOW(), \'update\', NEW."id", NEW."region", NEW."registered_at", NEW."state", NEW."version"); RETURN NULL;', hash='a07b049bb8548ea9456da1864d5938eb222cd5da', operation='UPDATE', pgid='pgtrigger_update_update_f6258', table='residence_reporter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reporter',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "residence_reporterevent" ("account_id", "code", "contact", "decided_at", "decided_by", "id", "kind", "name", "office_path", "pgh_created_at", "pgh_label", "pgh_obj_id", "region", "registered_at", "state", "version") VALUES (OLD."account_id", OLD."code", OLD."contact", OLD."decided_at", OLD."decided_by", OLD."id", OLD."kind", OLD."name", OLD."office_path", NOW(), \'delete\', OLD."id", OLD."region", OLD."registered_at", OLD."state", OLD."version"); RETURN NULL;', hash='80006f91219ee671a16fc5501d6d1d2371ca7dfe', operation='DELETE', pgid='pgtrigger_delete_delete_847d6', table='residence_reporter', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['person', 'id'], name='residence_report_person'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('person', None)), fields=['number_index'], name='residence_report_unknown'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('state', 'disputed'), models.Q(('person__isnull', False), ('state', 'received')), _connector='OR'), fields=['office_path', 'id'], name='residence_report_for_officer'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('reporter', 'fingerprint'), name='residence_reported_once'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'received'), models.Q(('person__isnull', False), ('waits_for', '')), _connector='OR'), name='residence_report_is_of_one'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "residence_reportevent" ("about", "address", "answer_due_on", "decided_at", "decided_by", "decision_words", "dispute_words", "disputed_on", "due_on", "fingerprint", "happened_on", "id", "is_late", "known_on", "name", "number", "number_index", "office_path", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region", "registration_id", "reported_on", "reporter_id", "reporter_kind", "reporter_name", "state", "version", "waits_for") VALUES (NEW."about", NEW."address", NEW."answer_due_on", NEW."decided_at", NEW."decided_by", NEW."decision_words", NEW."dispute_words", NEW."disputed_on", NEW."due_on", NEW."fingerprint", NEW."happened_on", NEW."id", NEW."is_late", NEW."known_on", NEW."name", NEW."number", NEW."number_index", NEW."office_path", NEW."person_id", NOW(), \'insert\', NEW."id", NEW."region", NEW."registration_id", NEW."reported_on", NEW."reporter_id", NEW."reporter_kind", NEW."reporter_name", NEW."state", NEW."version", NEW."waits_for"); RETURN NULL;', hash='a05f1c7495eb63893a31e75ab93596b96d5ad8eb', operation='INSERT', pgid='pgtrigger_insert_insert_683f8', table='residence_report', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "residence_reportevent" ("about", "address", "answer_due_on", "decided_at", "decided_by", "decision_words", "dispute_words", "disputed_on", "due_on", "fingerprint", "happened_on", "id", "is_late", "known_on", "name", "number", "number_index", "office_path", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region", "registration_id", "reported_on", "reporter_id", "reporter_kind", "reporter_name", "state", "version", "waits_for") VALUES (NEW."about", NEW."address", NEW."answer_due_on", NEW."decided_at", NEW."decided_by", NEW."decision_words", NEW."dispute_words", NEW."disputed_on", NEW."due_on", NEW."fingerprint", NEW."happened_on", NEW."id", NEW."is_late", NEW."known_on", NEW."name", NEW."number", NEW."number_index", NEW."office_path", NEW."person_id", NOW(), \'update\', NEW."id", NEW."region", NEW."registration_id", NEW."reported_on", NEW."reporter_id", NEW."reporter_kind", NEW."reporter_name", NEW."state", NEW."version", NEW."waits_for"); RETURN NULL;', hash='a822b06e2cd6ed39eea76a79a4d8bf9a85176843', operation='UPDATE', pgid='pgtrigger_update_update_db29f', table='residence_report', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='report',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "residence_reportevent" ("about", "address", "answer_due_on", "decided_at", "decided_by", "decision_words", "dispute_words", "disputed_on", "due_on", "fingerprint", "happened_on", "id", "is_late", "known_on", "name", "number", "number_index", "office_path", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region", "registration_id", "reported_on", "reporter_id", "reporter_kind", "reporter_name", "state", "version", "waits_for") VALUES (OLD."about", OLD."address", OLD."answer_due_on", OLD."decided_at", OLD."decided_by", OLD."decision_words", OLD."dispute_words", OLD."disputed_on", OLD."due_on", OLD."fingerprint", OLD."happened_on", OLD."id", OLD."is_late", OLD."known_on", OLD."name", OLD."number", OLD."number_index", OLD."office_path", OLD."person_id", NOW(), \'delete\', OLD."id", OLD."region", OLD."registration_id", OLD."reported_on", OLD."reporter_id", OLD."reporter_kind", OLD."reporter_name", OLD."state", OLD."version", OLD."waits_for"); RETURN NULL;', hash='1abb74dd9e3d39a42caeec92f69d885870a2ac7d', operation='DELETE', pgid='pgtrigger_delete_delete_24e3c', table='residence_report', when='AFTER')),
        ),
    ]
