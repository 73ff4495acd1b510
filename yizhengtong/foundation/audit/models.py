"""The audit trail's one table."""

import pgtrigger
from django.db import models
from django.utils import timezone

from yizhengtong.kernel.ids import new_id


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

    class Meta:
        indexes = (
            models.Index(fields=["person_id", "-at"], name="audit_entry_person"),
            models.Index(fields=["object_id", "-at"], name="audit_entry_object"),
        )
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.kind} {self.action} {self.object_kind}"
