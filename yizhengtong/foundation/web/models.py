"""Answers kept for requests that may be sent twice, and how often somebody has asked."""

from django.db import models
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id


class IdempotentAnswer(models.Model):
    """The answer given to one Idempotency-Key of one caller."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    fingerprint = models.BinaryField(help_text="SHA-256 of method, path and body.")
    status = models.SmallIntegerField(null=True)
    content_type = models.CharField(max_length=80, default="")
    body = PersonalText(null=True)
    etag = models.CharField(max_length=32, default="", db_default="", help_text="The version that the answer told.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["caller", "key"], name="web_one_answer_a_key"),)
        indexes = (models.Index(fields=["at"], name="web_answer_at"),)

    def __str__(self) -> str:
        return f"{self.status}"


class Bucket(models.Model):
    """How much of a limit somebody has used: it is full again at `full_at`. `key`: a keyed hash of limit and caller.

    Full and older buckets are deleted; a missing one is a full one.
    """

    key = models.BinaryField(primary_key=True, max_length=16)
    at = models.DateTimeField(help_text="When it was last asked, by the database's clock.")
    full_at = models.DateTimeField()
    span = models.DurationField(help_text="How long an empty one takes to fill.")
    is_let = models.BooleanField(help_text="Whether it held enough when it was last asked.")

    def __str__(self) -> str:
        return "full" if self.is_let else "empty"
