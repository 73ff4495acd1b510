"""Events, and how far each subscription has read."""

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from yizhengtong.foundation.postgresql.fields import TransactionIdField
from yizhengtong.kernel.ids import new_id


class Event(models.Model):
    """One thing that happened."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sequence = models.BigIntegerField(db_default=RawSQL("nextval('events_event_sequence')", ()), editable=False)
    transaction_id = TransactionIdField(db_default=RawSQL("pg_current_xact_id()", ()), editable=False)
    kind = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    object_kind = models.CharField(max_length=32)
    object_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["transaction_id", "sequence"], name="events_event_tail"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.object_kind}"


class Subscription(models.Model):
    """How far one subscriber has read: the last event's transaction and sequence."""

    name = models.CharField(max_length=64, primary_key=True)
    transaction_id = TransactionIdField(default="0")
    sequence = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.name
