"""The audit trail's tables: entries as they are written, the links that seal them, what was signed, what expired."""

import pgtrigger
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from yizhengtong.foundation.postgresql.fields import TransactionIdField
from yizhengtong.kernel.ids import new_id


class Retention(models.TextChoices):
    """How long an entry's content is kept (D11): classes.yaml says which action belongs where."""

    ARCHIVE = "archive"
    WORK = "work"
    LOG = "log"


def _insert_only() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Entry(models.Model):
    """One act or one read. Holds ids and names of fields, never the personal data itself."""

    class Kind(models.TextChoices):
        ACT = "act"
        READ = "read"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    office_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    object_kind = models.CharField(max_length=32)
    object_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=64)
    fields = models.JSONField(default=list)
    request_id = models.CharField(max_length=36, default="")
    retention = models.CharField(max_length=8, choices=Retention.choices, db_default="archive")
    transaction_id = TransactionIdField(db_default=RawSQL("pg_current_xact_id()", ()), editable=False)

    class Meta:
        indexes = (
            models.Index(fields=["person_id", "-at"], name="audit_entry_person"),
            models.Index(fields=["object_id", "-at"], name="audit_entry_object"),
            models.Index(fields=["transaction_id"], name="audit_entry_transaction"),
        )
        triggers = (
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="kept_until_expired",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                    IF EXISTS (
                        SELECT FROM audit_link link
                        JOIN audit_expiry expiry
                            ON expiry.retention = link.retention AND link.sequence <= expiry.up_to
                        JOIN audit_statement statement ON statement.expiry_id = expiry.id
                        WHERE link.entry_id = OLD.id
                    ) THEN
                        RETURN OLD;
                    END IF;
                    RAISE EXCEPTION 'Cannot update or delete rows from % table', TG_TABLE_NAME;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.kind} {self.action} {self.object_kind}"


class Link(models.Model):
    """An entry's place in the chain: its hash, and the link over the link before and this place.

    It stays when the content expires. Hashes are raw bytes; the form is in docs/audit.md.
    """

    sequence = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    retention = models.CharField(max_length=8, choices=Retention.choices)
    entry_hash = models.BinaryField()
    link = models.BinaryField()

    class Meta:
        triggers = (_insert_only(),)

    def __str__(self) -> str:
        return f"link {self.sequence}"


class Position(models.Model):
    """How far the sealer has read: every entry of a transaction below it has its link. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    transaction_id = TransactionIdField()
    cluster = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"position {self.transaction_id}"


class Checkpoint(models.Model):
    """The database's copy of a signed line; the original is in the checkpoint file outside it."""

    number = models.BigIntegerField(primary_key=True)
    sequence = models.BigIntegerField()
    line = models.TextField()

    class Meta:
        triggers = (_insert_only(),)

    def __str__(self) -> str:
        return f"checkpoint {self.number}"


class Expiry(models.Model):
    """A request of the retention job: the contents of one class, up to a sequence, so many, are due to go."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    retention = models.CharField(max_length=8, choices=Retention.choices)
    up_to = models.BigIntegerField()
    entries = models.BigIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = (_insert_only(),)

    def __str__(self) -> str:
        return f"{self.retention} up to {self.up_to}"


class Statement(models.Model):
    """The checkpoint that states an expiry, signed: from then on the contents may be deleted, and nothing else."""

    expiry = models.OneToOneField(Expiry, primary_key=True, on_delete=models.PROTECT)
    checkpoint_number = models.BigIntegerField()

    class Meta:
        triggers = (_insert_only(),)

    def __str__(self) -> str:
        return f"stated by checkpoint {self.checkpoint_number}"
