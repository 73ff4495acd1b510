"""What a holder chose to be told of checks, and tickets about checks that the holder had nothing to do with."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty


class AlertChoice(models.Model):
    """Of which checks a person wants a message: of each, of those that failed, of none."""

    class About(models.TextChoices):
        EACH = "each"
        FAILED = "failed"
        NONE = "none"

    person_id = models.UUIDField(primary_key=True)
    about = models.CharField(max_length=8, choices=About.choices)
    chosen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.about


@keeps_history()
class Ticket(models.Model):
    """“This was not me”: a holder's doubt about one check, with the office that answers it and by when.

    What it says of the check is copied: the check's own row may go while the ticket waits. `office_path` empty: the
    top office answers.
    """

    class State(models.TextChoices):
        OPEN = "open"
        EXPLAINED = "explained"
        WRONG = "wrong"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    check_id = models.UUIDField()
    checked_at = models.DateTimeField()
    relying_party = models.ForeignKey(RelyingParty, models.PROTECT, null=True, related_name="tickets")
    way = models.CharField(max_length=16)
    purpose = models.CharField(max_length=24)
    outcome = models.CharField(max_length=16)
    claims = ArrayField(models.CharField(max_length=32), default=list, help_text="Names of what was told, no values.")
    words = PersonalText()
    filed_by = models.UUIDField()
    filed_at = models.DateTimeField(default=timezone.now)
    office_path = models.CharField(max_length=255, default="", help_text="Of the office that answers.")
    is_handed_up = models.BooleanField(default=False, help_text="To the top office, which can suspend relying parties.")
    is_of_minor = models.BooleanField(default=False, help_text="A minor's, when it was filed.")
    due_on = models.DateField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    answer = PersonalText(default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    has_suspended = models.BooleanField(default=False, help_text="The relying party was suspended because of it.")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "check_id"], name="holders_one_ticket_a_check"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None, answered_at=None)
                | (~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="holders_ticket_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(has_suspended=False) | Q(state="wrong"), name="holders_suspended_where_wrong"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("filed_by")), name="holders_nobody_answers_own"
            ),
        )
        indexes = (
            models.Index(fields=["office_path", "id"], condition=Q(state="open"), name="holders_ticket_open"),
            models.Index(fields=["answered_at"], name="holders_ticket_answered"),
        )
        triggers = (
            pgtrigger.Protect(name="open_stays", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__state="open")),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"
