import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.foundation.vault.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0007_history_of_household_register'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='person',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='person',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='person',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='person',
            name='hukou_address',
            field=yizhengtong.foundation.vault.fields.PersonalText(help_text='Of the household register; mainland persons only.', null=True),
        ),
        migrations.AddField(
            model_name='person',
            name='hukou_region',
            field=models.CharField(db_default='', default='', help_text='County of the household register; of mainland persons only.', max_length=6),
        ),
        migrations.AddField(
            model_name='person',
            name='nation',
            field=yizhengtong.foundation.vault.fields.PersonalText(help_text='民族 as printed on the identity card; mainland persons only.', null=True),
        ),
        migrations.AlterField(
            model_name='person',
            name='region',
            field=models.CharField(choices=[('CN', 'China'), ('HK', 'Hong Kong'), ('MO', 'Macao'), ('TW', 'Taiwan')], max_length=2),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "people_personevent" ("account_id", "birth_date", "birth_index", "hukou_address", "hukou_region", "id", "latin_name", "name", "name_bigrams", "nation", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region", "sex", "version") VALUES (NEW."account_id", NEW."birth_date", NEW."birth_index", NEW."hukou_address", NEW."hukou_region", NEW."id", NEW."latin_name", NEW."name", NEW."name_bigrams", NEW."nation", NOW(), \'insert\', NEW."id", NEW."phone", NEW."region", NEW."sex", NEW."version"); RETURN NULL;', hash='0cb261b1c77c6e0f0ff29a922cbc854863f4f8b6', operation='INSERT', pgid='pgtrigger_insert_insert_65688', table='people_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "people_personevent" ("account_id", "birth_date", "birth_index", "hukou_address", "hukou_region", "id", "latin_name", "name", "name_bigrams", "nation", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region", "sex", "version") VALUES (NEW."account_id", NEW."birth_date", NEW."birth_index", NEW."hukou_address", NEW."hukou_region", NEW."id", NEW."latin_name", NEW."name", NEW."name_bigrams", NEW."nation", NOW(), \'update\', NEW."id", NEW."phone", NEW."region", NEW."sex", NEW."version"); RETURN NULL;', hash='65840286bdc03b40d184b8df019a0ec594a28ffe', operation='UPDATE', pgid='pgtrigger_update_update_de829', table='people_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "people_personevent" ("account_id", "birth_date", "birth_index", "hukou_address", "hukou_region", "id", "latin_name", "name", "name_bigrams", "nation", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region", "sex", "version") VALUES (OLD."account_id", OLD."birth_date", OLD."birth_index", OLD."hukou_address", OLD."hukou_region", OLD."id", OLD."latin_name", OLD."name", OLD."name_bigrams", OLD."nation", NOW(), \'delete\', OLD."id", OLD."phone", OLD."region", OLD."sex", OLD."version"); RETURN NULL;', hash='92f2942551c38bca3de97ca68c2ffb352461500c', operation='DELETE', pgid='pgtrigger_delete_delete_2ca2d', table='people_person', when='AFTER')),
        ),
    ]
