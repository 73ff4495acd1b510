"""Answers to the question for consent. Rows are only ever inserted; the newest of a person and a use counts."""

import pgtrigger
from django.db import models
from django.utils import timezone

from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person


class Consent(models.Model):
    """One answer of a person, or of who acts for them, to one use."""

    class Answer(models.TextChoices):
        GIVEN = "given"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="consents")
    use = models.CharField(max_length=32, help_text="Of the pack's consent.uses.")
    answer = models.CharField(max_length=9, choices=Answer.choices)
    relation = models.CharField(max_length=16, default="", help_text="Of who answered to the person; empty: oneself.")
    account_id = models.UUIDField(help_text="The account that answered.")
    law_hash = models.CharField(max_length=64, help_text="The law under which the use was described.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["person", "use", "-id"], name="consents_newest"),)
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.use} {self.answer}"
