"""Objections, requests for correction and deletion, breaches. None of their rows is ever deleted."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person


def _kept() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)


@keeps_history()
class Breach(models.Model):
    """An incident with personal data (个人信息保护法 art. 57): what happened, to how many, and what was done."""

    class Level(models.TextChoices):
        GENERAL = "general"
        LARGER = "larger"
        MAJOR = "major"
        ESPECIALLY_MAJOR = "especially_major"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=40, help_text="What it is called, without anybody's name.")
    found_at = models.DateTimeField()
    level = models.CharField(max_length=16, choices=Level.choices)
    harms_national_security = models.BooleanField(default=False)
    concerns_minors = models.BooleanField(default=False)
    people_count = models.PositiveIntegerField(null=True, help_text="None while nobody knows.")
    kinds = ArrayField(models.CharField(max_length=24), default=list)
    cause = PersonalText(default="")
    harm = PersonalText(default="")
    measures = PersonalText(default="")
    contact = PersonalText(default="")
    registered_by = models.UUIDField(null=True)
    registered_at = models.DateTimeField(default=timezone.now)
    version = models.IntegerField(default=1)

    class Meta:
        triggers = (_kept(),)

    def __str__(self) -> str:
        return f"{self.number} {self.level}"


@keeps_history()
class BreachNotice(models.Model):
    """Somebody who must be told of a breach, by when, and whether they were."""

    class State(models.TextChoices):
        DUE = "due"
        SENT = "sent"
        NOT_NEEDED = "not_needed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    breach = models.ForeignKey(Breach, models.PROTECT, related_name="notices")
    to = models.CharField(max_length=40)
    parameter = models.CharField(max_length=40, help_text="The pack's key that asks for it.")
    due_at = models.DateTimeField()
    is_by_law = models.BooleanField(help_text="The hours are the law's; else the deployment's.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    words = PersonalText(default="", help_text="What was said or published, or why nobody need be told.")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["breach", "to"], name="privacy_told_once"),
            models.CheckConstraint(
                condition=Q(state="due", settled_at=None) | (~Q(state="due") & Q(settled_at__isnull=False)),
                name="privacy_notice_is_settled",
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=Q(state="due"), name="privacy_notice_due"),)
        triggers = (_kept(),)

    def __str__(self) -> str:
        return f"{self.to} {self.state}"


@keeps_history()
class Objection(models.Model):
    """“This was not for me”: a person's doubt about one entry of their access history, and an auditor's answer."""

    class State(models.TextChoices):
        OPEN = "open"
        EXPLAINED = "explained"
        WRONG = "wrong"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="objections")
    entry_id = models.UUIDField(help_text="Of the audit trail; its own content may expire.")
    entry_at = models.DateTimeField()
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    office_path = models.CharField(max_length=255, default="", help_text="Of the office that looked; empty: none did.")
    words = PersonalText()
    filed_by = models.UUIDField()
    filed_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    answer = PersonalText(default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    breach = models.ForeignKey(Breach, models.PROTECT, null=True, related_name="objections")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person", "entry_id"], name="privacy_one_objection_an_entry"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None) | (~Q(state="open") & Q(answered_by__isnull=False)),
                name="privacy_objection_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(actor_id=None) | Q(answered_by=None) | ~Q(actor_id=F("answered_by")),
                name="privacy_nobody_answers_for_self",
            ),
        )
        indexes = (models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="privacy_objection_open"),)
        triggers = (_kept(),)

    def __str__(self) -> str:
        return f"{self.action} {self.state}"


@keeps_history()
class CorrectionRequest(models.Model):
    """A person says that something registered of them is wrong (art. 46); a registrar decides and gives reasons."""

    class State(models.TextChoices):
        OPEN = "open"
        APPLIED = "applied"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="correction_requests")
    field = models.CharField(max_length=16)
    value = PersonalText(help_text="What is right, as the person says.")
    words = PersonalText(default="")
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    office_path = models.CharField(max_length=255)
    filed_by = models.UUIDField()
    filed_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    reasons = PersonalText(default="")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(state="open"), name="privacy_one_correction_a_field"
            ),
        )
        indexes = (models.Index(fields=["office_path", "id"], condition=Q(state="open"), name="privacy_correction"),)
        triggers = (_kept(),)

    def __str__(self) -> str:
        return f"{self.field} {self.state}"


@keeps_history()
class DeletionRequest(models.Model):
    """A person asks for deletion (art. 47): working copies go, what a statute keeps stays, and both are told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="deletion_requests")
    filed_by = models.UUIDField()
    filed_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    deleted = models.JSONField(default=dict, help_text="How many of what went.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person"], condition=Q(done_at=None), name="privacy_one_deletion_open"),
        )
        triggers = (_kept(),)

    def __str__(self) -> str:
        return "done" if self.done_at else "open"
