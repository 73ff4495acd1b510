import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0006_history_of_details'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='judgement',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='judgement',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='judgement',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='judgement',
            name='details',
            field=models.JSONField(help_text='What a paper shows, by kind: months, days, codes. No names.', null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgement',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_judgementevent" ("at", "by", "case_id", "code", "details", "id", "met", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "target") VALUES (NEW."at", NEW."by", NEW."case_id", NEW."code", NEW."details", NEW."id", NEW."met", NOW(), \'insert\', NEW."id", NEW."reason", NEW."target"); RETURN NULL;', hash='f9b49dc8c8be575768e2abee7b8da36512b5e79d', operation='INSERT', pgid='pgtrigger_insert_insert_d7a6a', table='casework_judgement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgement',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "casework_judgementevent" ("at", "by", "case_id", "code", "details", "id", "met", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "target") VALUES (NEW."at", NEW."by", NEW."case_id", NEW."code", NEW."details", NEW."id", NEW."met", NOW(), \'update\', NEW."id", NEW."reason", NEW."target"); RETURN NULL;', hash='aa1bf64be8f47aefc563696a1d6ec82f8915cf66', operation='UPDATE', pgid='pgtrigger_update_update_5b9cd', table='casework_judgement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgement',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_judgementevent" ("at", "by", "case_id", "code", "details", "id", "met", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "target") VALUES (OLD."at", OLD."by", OLD."case_id", OLD."code", OLD."details", OLD."id", OLD."met", NOW(), \'delete\', OLD."id", OLD."reason", OLD."target"); RETURN NULL;', hash='26dc36e708cfacd961f11f3a5693e529214b4686', operation='DELETE', pgid='pgtrigger_delete_delete_ce3d6', table='casework_judgement', when='AFTER')),
        ),
    ]
