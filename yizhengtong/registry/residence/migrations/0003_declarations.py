import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.foundation.vault.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('residence', '0002_history_of_declarations'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='registration',
            name='carries_on',
            field=models.UUIDField(help_text='The stay in the same place that a move within it ended.', null=True),
        ),
        migrations.AddField(
            model_name='registration',
            name='due_on',
            field=models.DateField(help_text='Last day on which the declaration was in time, where a pack says.', null=True),
        ),
        migrations.AddField(
            model_name='registration',
            name='is_late',
            field=models.BooleanField(db_default=False, default=False, help_text='Declared after due_on.'),
        ),
        migrations.AddField(
            model_name='registration',
            name='reporter_id',
            field=models.UUIDField(help_text='Who reported it, where it was not the person.', null=True),
        ),
        migrations.AddField(
            model_name='registration',
            name='voucher_number',
            field=models.CharField(db_default='', default='', help_text='Of the registration voucher, in a local series.', max_length=24),
        ),
        migrations.AddField(
            model_name='registration',
            name='workplace',
            field=yizhengtong.foundation.vault.fields.PersonalText(help_text='Employer, where it was declared.', null=True),
        ),
        migrations.AlterField(
            model_name='registration',
            name='reported_by',
            field=models.CharField(choices=[('self', 'Self'), ('landlord', 'Landlord'), ('employer', 'Employer'), ('school', 'School'), ('hotel', 'Hotel'), ('manager', 'Property Manager'), ('agent', 'Agent'), ('hospital', 'Hospital'), ('rescue', 'Rescue Station')], max_length=10),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "residence_registrationevent" ("address", "carries_on", "correction_reason", "corrects_id", "declared_on", "due_on", "id", "is_current", "is_late", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by", "region", "reported_by", "reporter_id", "start", "until", "version", "voucher_number", "workplace") VALUES (NEW."address", NEW."carries_on", NEW."correction_reason", NEW."corrects_id", NEW."declared_on", NEW."due_on", NEW."id", NEW."is_current", NEW."is_late", NEW."person_id", NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by", NEW."region", NEW."reported_by", NEW."reporter_id", NEW."start", NEW."until", NEW."version", NEW."voucher_number", NEW."workplace"); RETURN NULL;', hash='5c03a7a722f8b851197e2ab91af5fc1596dd28ba', operation='INSERT', pgid='pgtrigger_insert_insert_b1fc2', table='residence_registration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "residence_registrationevent" ("address", "carries_on", "correction_reason", "corrects_id", "declared_on", "due_on", "id", "is_current", "is_late", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by", "region", "reported_by", "reporter_id", "start", "until", "version", "voucher_number", "workplace") VALUES (NEW."address", NEW."carries_on", NEW."correction_reason", NEW."corrects_id", NEW."declared_on", NEW."due_on", NEW."id", NEW."is_current", NEW."is_late", NEW."person_id", NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by", NEW."region", NEW."reported_by", NEW."reporter_id", NEW."start", NEW."until", NEW."version", NEW."voucher_number", NEW."workplace"); RETURN NULL;', hash='b2de1847a183cc3d4193355add2714ba36472b94', operation='UPDATE', pgid='pgtrigger_update_update_0ec67', table='residence_registration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "residence_registrationevent" ("address", "carries_on", "correction_reason", "corrects_id", "declared_on", "due_on", "id", "is_current", "is_late", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by", "region", "reported_by", "reporter_id", "start", "until", "version", "voucher_number", "workplace") VALUES (OLD."address", OLD."carries_on", OLD."correction_reason", OLD."corrects_id", OLD."declared_on", OLD."due_on", OLD."id", OLD."is_current", OLD."is_late", OLD."person_id", NOW(), \'delete\', OLD."id", OLD."recorded_at", OLD."recorded_by", OLD."region", OLD."reported_by", OLD."reporter_id", OLD."start", OLD."until", OLD."version", OLD."voucher_number", OLD."workplace"); RETURN NULL;', hash='34162c5cf067902e235921707077536ab69530b3', operation='DELETE', pgid='pgtrigger_delete_delete_cd181', table='residence_registration', when='AFTER')),
        ),
    ]
