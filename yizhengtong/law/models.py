"""Pack texts archived by hash, and the editions of the law that two persons put in force."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.kernel.ids import new_id


class PackText(models.Model):
    """One file of a pack as it was, found by the SHA-256 of its bytes. Never changed, never deleted."""

    hash = models.CharField(max_length=64, primary_key=True)
    path = models.CharField(max_length=200)
    text = models.TextField()
    archived_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.path} {self.hash[:12]}"


class Edition(models.Model):
    """All packs of the deployment together. Proposed by one person, put in force by another; one at a time."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PROPOSED = "proposed"
        IN_FORCE = "in_force"
        RETIRED = "retired"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hash = models.CharField(max_length=64)
    members = models.JSONField(help_text="Path → hash of each file.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")), name="law_two_persons"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="in_force"), name="law_one_edition_in_force"),
            models.UniqueConstraint(fields=["hash"], condition=Q(state="proposed"), name="law_proposed_once"),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.hash[:12]}"
