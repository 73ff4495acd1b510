import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0014_history_of_doubts'),
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
            name='is_doubtful',
            field=models.BooleanField(db_default=False, default=False, help_text='In doubt: asks the applicant, grants and refuses nothing.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgement',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_judgementevent" ("at", "by", "case_id", "code", "details", "id", "is_doubtful", "met", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "target") VALUES (NEW."at", NEW."by", NEW."case_id", NEW."code", NEW."details", NEW."id", NEW."is_doubtful", NEW."met", NOW(), \'insert\', NEW."id", NEW."reason", NEW."target"); RETURN NULL;', hash='8f7ae305380ceaa5ef74a15fcc8040fb73ef0fc1', operation='INSERT', pgid='pgtrigger_insert_insert_d7a6a', table='casework_judgement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgement',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "casework_judgementevent" ("at", "by", "case_id", "code", "details", "id", "is_doubtful", "met", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "target") VALUES (NEW."at", NEW."by", NEW."case_id", NEW."code", NEW."details", NEW."id", NEW."is_doubtful", NEW."met", NOW(), \'update\', NEW."id", NEW."reason", NEW."target"); RETURN NULL;', hash='7d7d31bda38e5e1573e830f21367ee7a470f4b8b', operation='UPDATE', pgid='pgtrigger_update_update_5b9cd', table='casework_judgement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgement',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_judgementevent" ("at", "by", "case_id", "code", "details", "id", "is_doubtful", "met", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "target") VALUES (OLD."at", OLD."by", OLD."case_id", OLD."code", OLD."details", OLD."id", OLD."is_doubtful", OLD."met", NOW(), \'delete\', OLD."id", OLD."reason", OLD."target"); RETURN NULL;', hash='caebc3448cac091e8e1d7854ae9c58b9411685eb', operation='DELETE', pgid='pgtrigger_delete_delete_ce3d6', table='casework_judgement', when='AFTER')),
        ),
    ]
