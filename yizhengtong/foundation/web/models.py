"""Answers kept for requests that may be sent twice."""

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
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["caller", "key"], name="web_one_answer_a_key"),)
        indexes = (models.Index(fields=["at"], name="web_answer_at"),)

    def __str__(self) -> str:
        return f"{self.status}"
