import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0016_history_of_calls'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='appointment',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='appointment',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='appointment',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='appointment',
            name='called_at',
            field=models.DateTimeField(help_text='When an officer called the visitor to a window.', null=True),
        ),
        migrations.AddField(
            model_name='appointment',
            name='called_by',
            field=models.UUIDField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_appointmentevent" ("called_at", "called_by", "case_id", "id", "office_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seat", "starts_at", "state", "ticket_number") VALUES (NEW."called_at", NEW."called_by", NEW."case_id", NEW."id", NEW."office_id", NOW(), \'insert\', NEW."id", NEW."seat", NEW."starts_at", NEW."state", NEW."ticket_number"); RETURN NULL;', hash='244691d1e51def90fed6c552f57aaef25651741e', operation='INSERT', pgid='pgtrigger_insert_insert_532f7', table='casework_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "casework_appointmentevent" ("called_at", "called_by", "case_id", "id", "office_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seat", "starts_at", "state", "ticket_number") VALUES (NEW."called_at", NEW."called_by", NEW."case_id", NEW."id", NEW."office_id", NOW(), \'update\', NEW."id", NEW."seat", NEW."starts_at", NEW."state", NEW."ticket_number"); RETURN NULL;', hash='4aeb7e33b5b85bc7ca82e49dbc4b40e63ba9b1b9', operation='UPDATE', pgid='pgtrigger_update_update_68a07', table='casework_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_appointmentevent" ("called_at", "called_by", "case_id", "id", "office_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seat", "starts_at", "state", "ticket_number") VALUES (OLD."called_at", OLD."called_by", OLD."case_id", OLD."id", OLD."office_id", NOW(), \'delete\', OLD."id", OLD."seat", OLD."starts_at", OLD."state", OLD."ticket_number"); RETURN NULL;', hash='ad9fe2801933dfc7dd69c6431471c0497d842ef5', operation='DELETE', pgid='pgtrigger_delete_delete_3c297', table='casework_appointment', when='AFTER')),
        ),
    ]
