"""Ratings. Their grades are never changed and their rows never deleted; what was written lies sealed."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.registry.people.models import Person

LONGEST_WORDS = 1000
"""Characters of what somebody writes, and of an answer."""


@keeps_history()
class Rating(models.Model):
    """One applicant's word on how one case was handled. `open`: negative, and waits for the head of the office."""

    class State(models.TextChoices):
        NOTED = "noted"
        OPEN = "open"
        ANSWERED = "answered"

    class Stage(models.TextChoices):
        ACCEPTANCE = "acceptance"
        COMPLETION = "completion"

    class Channel(models.TextChoices):
        ONLINE = "online"
        WINDOW = "window"

    class Outcome(models.TextChoices):
        MENDED = "mended"
        EXPLAINED = "explained"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="rating")
    person = models.ForeignKey(Person, models.PROTECT, related_name="ratings")
    item = models.CharField(max_length=40)
    office_id = models.UUIDField(help_text="The office that handled the case.")
    office_path = models.CharField(max_length=255, help_text="Of that office: the heads above it answer.")
    grade = models.SmallIntegerField(help_text="5 very satisfied … 1 very dissatisfied.")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    words = PersonalText(default="", help_text="What was written beside the grade; deleted when the person asks.")
    given_at = models.DateTimeField(default=timezone.now)
    given_on = models.DateField(help_text="Legal day.")
    given_by = models.UUIDField(null=True, help_text="The applicant's account; none: at the window, without one.")
    opened_by = models.UUIDField(null=True, help_text="The officer who opened the page at the window.")
    state = models.CharField(max_length=8, choices=State.choices)
    due_on = models.DateField(null=True, help_text="Last day of the answer to a negative rating.")
    is_due_by_pack = models.BooleanField(default=False, help_text="By `rating.fix_limit`; else the deployment's word.")
    is_due_provisional = models.BooleanField(default=False)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default="", blank=True)
    answer = PersonalText(default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_on = models.DateField(null=True, help_text="Legal day.")
    called_back_at = models.DateTimeField(null=True)
    called_back_by = models.UUIDField(null=True)
    was_reached = models.BooleanField(null=True, help_text="Whether the applicant was reached when called back.")
    call_back_words = PersonalText(default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="feedback_five_grades"),
            models.CheckConstraint(
                condition=Q(state="noted", grade__gte=3, due_on=None)
                | Q(~Q(state="noted"), grade__lt=3, due_on__isnull=False),
                name="feedback_negative_has_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_by__isnull=False, answered_on__isnull=False)
                | Q(~Q(state="answered"), answered_by=None, answered_on=None),
                name="feedback_answer_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(called_back_at=None, called_back_by=None, was_reached=None)
                | Q(called_back_at__isnull=False, called_back_by__isnull=False, was_reached__isnull=False),
                name="feedback_call_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(given_by=None) | Q(opened_by=None) | ~Q(given_by=F("opened_by")),
                name="feedback_no_officer_rates",
            ),
        )
        indexes = (
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="feedback_open"),
            models.Index(fields=["office_id", "given_on", "grade"], name="feedback_of_office"),
            models.Index(fields=["person", "id"], name="feedback_of_person"),
        )
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.grade} {self.state}"
