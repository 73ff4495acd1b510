# What holders chose to be told of checks, and their doubts about checks.

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import yizhengtong.foundation.vault.fields
import yizhengtong.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('relying_parties', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertChoice',
            fields=[
                ('person_id', models.UUIDField(primary_key=True, serialize=False)),
                ('about', models.CharField(choices=[('each', 'Each'), ('failed', 'Failed'), ('none', 'None')], max_length=8)),
                ('chosen_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('check_id', models.UUIDField()),
                ('checked_at', models.DateTimeField()),
                ('way', models.CharField(max_length=16)),
                ('purpose', models.CharField(max_length=24)),
                ('outcome', models.CharField(max_length=16)),
                ('claims', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, help_text='Names of what was told, no values.', size=None)),
                ('words', yizhengtong.foundation.vault.fields.PersonalText()),
                ('filed_by', models.UUIDField()),
                ('filed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('office_path', models.CharField(default='', help_text='Of the office that answers.', max_length=255)),
                ('is_handed_up', models.BooleanField(default=False, help_text='To the top office, which can suspend relying parties.')),
                ('is_of_minor', models.BooleanField(default=False, help_text="A minor's, when it was filed.")),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('explained', 'Explained'), ('wrong', 'Wrong')], default='open', max_length=9)),
                ('answer', yizhengtong.foundation.vault.fields.PersonalText(default='')),
                ('answered_by', models.UUIDField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('has_suspended', models.BooleanField(default=False, help_text='The relying party was suspended because of it.')),
                ('version', models.IntegerField(default=1)),
                ('relying_party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='relying_parties.relyingparty')),
            ],
        ),
        migrations.CreateModel(
            name='TicketEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=yizhengtong.kernel.ids.new_id, editable=False, serialize=False)),
                ('person_id', models.UUIDField()),
                ('check_id', models.UUIDField()),
                ('checked_at', models.DateTimeField()),
                ('way', models.CharField(max_length=16)),
                ('purpose', models.CharField(max_length=24)),
                ('outcome', models.CharField(max_length=16)),
                ('claims', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, help_text='Names of what was told, no values.', size=None)),
                ('words', yizhengtong.foundation.vault.fields.PersonalText()),
                ('filed_by', models.UUIDField()),
                ('filed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('office_path', models.CharField(default='', help_text='Of the office that answers.', max_length=255)),
                ('is_handed_up', models.BooleanField(default=False, help_text='To the top office, which can suspend relying parties.')),
                ('is_of_minor', models.BooleanField(default=False, help_text="A minor's, when it was filed.")),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('explained', 'Explained'), ('wrong', 'Wrong')], default='open', max_length=9)),
                ('answer', yizhengtong.foundation.vault.fields.PersonalText(default='')),
                ('answered_by', models.UUIDField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('has_suspended', models.BooleanField(default=False, help_text='The relying party was suspended because of it.')),
                ('version', models.IntegerField(default=1)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='holders.ticket')),
                ('relying_party', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='relying_parties.relyingparty')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['office_path', 'id'], name='holders_ticket_open'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['answered_at'], name='holders_ticket_answered'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.UniqueConstraint(fields=('person_id', 'check_id'), name='holders_one_ticket_a_check'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='holders_ticket_is_answered'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('has_suspended', False), ('state', 'wrong'), _connector='OR'), name='holders_suspended_where_wrong'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('answered_by', models.F('filed_by')), _negated=True), _connector='OR'), name='holders_nobody_answers_own'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticket',
            trigger=pgtrigger.compiler.Trigger(name='open_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'open\')', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='c3c680e08ea6acc9437a0aea301b59a97a19ec04', operation='DELETE', pgid='pgtrigger_open_stays_56b9d', table='holders_ticket', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticket',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "holders_ticketevent" ("answer", "answered_at", "answered_by", "check_id", "checked_at", "claims", "due_on", "filed_at", "filed_by", "has_suspended", "id", "is_handed_up", "is_of_minor", "office_path", "outcome", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "relying_party_id", "state", "version", "way", "words") VALUES (NEW."answer", NEW."answered_at", NEW."answered_by", NEW."check_id", NEW."checked_at", NEW."claims", NEW."due_on", NEW."filed_at", NEW."filed_by", NEW."has_suspended", NEW."id", NEW."is_handed_up", NEW."is_of_minor", NEW."office_path", NEW."outcome", NEW."person_id", NOW(), \'insert\', NEW."id", NEW."purpose", NEW."relying_party_id", NEW."state", NEW."version", NEW."way", NEW."words"); RETURN NULL;', hash='a1ab206819d03ec96b95d676bdcab7d0dc45d1c7', operation='INSERT', pgid='pgtrigger_insert_insert_f091e', table='holders_ticket', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticket',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "holders_ticketevent" ("answer", "answered_at", "answered_by", "check_id", "checked_at", "claims", "due_on", "filed_at", "filed_by", "has_suspended", "id", "is_handed_up", "is_of_minor", "office_path", "outcome", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "relying_party_id", "state", "version", "way", "words") VALUES (NEW."answer", NEW."answered_at", NEW."answered_by", NEW."check_id", NEW."checked_at", NEW."claims", NEW."due_on", NEW."filed_at", NEW."filed_by", NEW."has_suspended", NEW."id", NEW."is_handed_up", NEW."is_of_minor", NEW."office_path", NEW."outcome", NEW."person_id", NOW(), \'update\', NEW."id", NEW."purpose", NEW."relying_party_id", NEW."state", NEW."version", NEW."way", NEW."words"); RETURN NULL;', hash='f54c3b5dcb836d1d5be076c432f65546f13f0c06', operation='UPDATE', pgid='pgtrigger_update_update_1b287', table='holders_ticket', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticket',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "holders_ticketevent" ("answer", "answered_at", "answered_by", "check_id", "checked_at", "claims", "due_on", "filed_at", "filed_by", "has_suspended", "id", "is_handed_up", "is_of_minor", "office_path", "outcome", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "relying_party_id", "state", "version", "way", "words") VALUES (OLD."answer", OLD."answered_at", OLD."answered_by", OLD."check_id", OLD."checked_at", OLD."claims", OLD."due_on", OLD."filed_at", OLD."filed_by", OLD."has_suspended", OLD."id", OLD."is_handed_up", OLD."is_of_minor", OLD."office_path", OLD."outcome", OLD."person_id", NOW(), \'delete\', OLD."id", OLD."purpose", OLD."relying_party_id", OLD."state", OLD."version", OLD."way", OLD."words"); RETURN NULL;', hash='27e2812d4b55852116504dffc5f6b400ecb6758a', operation='DELETE', pgid='pgtrigger_delete_delete_ffb2a', table='holders_ticket', when='AFTER')),
        ),
    ]
