import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0004_history_of_numbers_and_checks'),
    ]

    operations = [
        migrations.RunSQL('CREATE SEQUENCE casework_application_number', 'DROP SEQUENCE casework_application_number'),
        pgtrigger.migrations.RemoveTrigger(
            model_name='case',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='case',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='case',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='case',
            name='application_number',
            field=models.CharField(help_text='申请编号, where the form has one (S4-19).', max_length=40, null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='automatic_declined_because',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=48), help_text='Why the rules left it to the officers; none: not asked.', null=True, size=None),
        ),
        migrations.AddField(
            model_name='case',
            name='post_check',
            field=models.CharField(choices=[('sampled', 'Sampled'), ('asked', 'the applicant asked for an officer'), ('in_order', 'In Order'), ('not_in_order', 'Not In Order')], db_default='', default='', help_text='事后核查 of an automatic approval.', max_length=12),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_caseevent" ("accepted_by", "accepted_on", "application_id", "application_number", "approved_by", "automatic_declined_because", "awaits_supplement", "decided_on", "due_on", "fingerprints_id", "form_printed_at", "id", "is_due_provisional", "item", "office_id", "office_path", "permit_id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo_from", "photo_id", "post_check", "receipt_number", "received_on", "reviewed_by", "search_keys", "signed_form_id", "state", "urgent_on", "version") VALUES (NEW."accepted_by", NEW."accepted_on", NEW."application_id", NEW."application_number", NEW."approved_by", NEW."automatic_declined_because", NEW."awaits_supplement", NEW."decided_on", NEW."due_on", NEW."fingerprints_id", NEW."form_printed_at", NEW."id", NEW."is_due_provisional", NEW."item", NEW."office_id", NEW."office_path", NEW."permit_id", NEW."person_id", NOW(), \'insert\', NEW."id", NEW."photo_from", NEW."photo_id", NEW."post_check", NEW."receipt_number", NEW."received_on", NEW."reviewed_by", NEW."search_keys", NEW."signed_form_id", NEW."state", NEW."urgent_on", NEW."version"); RETURN NULL;', hash='71e7113b243ffac1c80b4af45d65e82754dc116e', operation='INSERT', pgid='pgtrigger_insert_insert_825cb', table='casework_case', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "casework_caseevent" ("accepted_by", "accepted_on", "application_id", "application_number", "approved_by", "automatic_declined_because", "awaits_supplement", "decided_on", "due_on", "fingerprints_id", "form_printed_at", "id", "is_due_provisional", "item", "office_id", "office_path", "permit_id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo_from", "photo_id", "post_check", "receipt_number", "received_on", "reviewed_by", "search_keys", "signed_form_id", "state", "urgent_on", "version") VALUES (NEW."accepted_by", NEW."accepted_on", NEW."application_id", NEW."application_number", NEW."approved_by", NEW."automatic_declined_because", NEW."awaits_supplement", NEW."decided_on", NEW."due_on", NEW."fingerprints_id", NEW."form_printed_at", NEW."id", NEW."is_due_provisional", NEW."item", NEW."office_id", NEW."office_path", NEW."permit_id", NEW."person_id", NOW(), \'update\', NEW."id", NEW."photo_from", NEW."photo_id", NEW."post_check", NEW."receipt_number", NEW."received_on", NEW."reviewed_by", NEW."search_keys", NEW."signed_form_id", NEW."state", NEW."urgent_on", NEW."version"); RETURN NULL;', hash='c9c1a7e5f26e905407f36afcbe21bda28a68b622', operation='UPDATE', pgid='pgtrigger_update_update_6bba9', table='casework_case', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casework_caseevent" ("accepted_by", "accepted_on", "application_id", "application_number", "approved_by", "automatic_declined_because", "awaits_supplement", "decided_on", "due_on", "fingerprints_id", "form_printed_at", "id", "is_due_provisional", "item", "office_id", "office_path", "permit_id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo_from", "photo_id", "post_check", "receipt_number", "received_on", "reviewed_by", "search_keys", "signed_form_id", "state", "urgent_on", "version") VALUES (OLD."accepted_by", OLD."accepted_on", OLD."application_id", OLD."application_number", OLD."approved_by", OLD."automatic_declined_because", OLD."awaits_supplement", OLD."decided_on", OLD."due_on", OLD."fingerprints_id", OLD."form_printed_at", OLD."id", OLD."is_due_provisional", OLD."item", OLD."office_id", OLD."office_path", OLD."permit_id", OLD."person_id", NOW(), \'delete\', OLD."id", OLD."photo_from", OLD."photo_id", OLD."post_check", OLD."receipt_number", OLD."received_on", OLD."reviewed_by", OLD."search_keys", OLD."signed_form_id", OLD."state", OLD."urgent_on", OLD."version"); RETURN NULL;', hash='dfd2b2b8ceda3d530ca91288cb71cea1a4c8a23a', operation='DELETE', pgid='pgtrigger_delete_delete_9d0e0', table='casework_case', when='AFTER')),
        ),
    ]
