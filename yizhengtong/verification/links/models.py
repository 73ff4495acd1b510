"""Links between a person's two numbers, and questions about them. Nothing here is a second store of numbers."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person


@keeps_history()
class Link(models.Model):
    """That a travel document and a permit are one person's. Both stand as blind indexes of what stays over renewals.

    Whether a link is in question is not kept here: an open `Ticket` of the same travel document says so.
    """

    class State(models.TextChoices):
        LINKED = "linked"
        ENDED = "ended"

    class Proof(models.TextChoices):
        ORIGINALS = "originals"  # an officer saw both
        CARD = "card"  # the number is printed on the permit that officers decided on with the original before them
        REGISTER = "register"  # the exit–entry register says so

    class Reason(models.TextChoices):
        HOLDER = "holder"
        CONSENT = "consent"
        WRONG = "wrong"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="links")
    permit_index = models.BinaryField(max_length=16, help_text="As permits have it: a permit's number is for life.")
    travel_kind = models.CharField(max_length=24, help_text="kernel.numbers.DocumentKind")
    travel_index = models.BinaryField(max_length=16, help_text="As numbers of persons have it: of the lifelong part.")
    proof = models.CharField(max_length=9, choices=Proof.choices)
    agreed_on_paper = models.BooleanField(help_text="Consent was signed at the window; else it stands among consents.")
    state = models.CharField(max_length=6, choices=State.choices, default=State.LINKED)
    linked_at = models.DateTimeField(default=timezone.now)
    linked_by = models.UUIDField(help_text="The account: the holder's, a representative's or an officer's.")
    office_path = models.CharField(max_length=255, default="", blank=True, help_text="Of the window; empty: online.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True, help_text="The account; none: it followed from consent taken back.")
    end_reason = models.CharField(max_length=7, choices=Reason.choices, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["travel_kind", "travel_index"], condition=Q(state="linked"), name="links_number_of_one_person"
            ),
            models.UniqueConstraint(fields=["person"], condition=Q(state="linked"), name="links_one_a_person"),
            models.CheckConstraint(
                condition=Q(state="linked", ended_at=None, end_reason="")
                | Q(state="ended", ended_at__isnull=False) & ~Q(end_reason=""),
                name="links_end_has_a_reason",
            ),
        )
        indexes = (models.Index(fields=["person", "-id"], name="links_of_person"),)

    def __str__(self) -> str:
        return self.state


@keeps_history()
class Ticket(models.Model):
    """A question about a link, with an owner and a last day: it is wrong, or two persons claim one number.

    While one is open the travel document is nobody's for relying parties. `number` is what is claimed, for whoever
    decides; of a collision it stands in nobody else's rows that the office may read.
    """

    class Kind(models.TextChoices):
        WRONG = "wrong"
        COLLISION = "collision"

    class State(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"

    class Decision(models.TextChoices):
        STANDS = "stands"
        WRONG = "wrong"
        CLAIMANT = "claimant"
        OTHER = "other"
        NEITHER = "neither"

    class Remedy(models.TextChoices):
        KEPT = "kept"
        UNLINKED = "unlinked"
        LINKED = "linked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="link_tickets")
    travel_kind = models.CharField(max_length=24)
    travel_index = models.BinaryField(max_length=16)
    number = PersonalText(default="", help_text="What the claimant of a collision showed or typed.")
    proof = models.CharField(max_length=9, choices=Link.Proof.choices, default="", blank=True)
    words = PersonalText(default="", help_text="Why, in the asker's words.")
    office_id = models.UUIDField(help_text="The office that answers: the one that looks after the permit.")
    office_path = models.CharField(max_length=255)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_on = models.DateField(help_text="Legal day.")
    opened_by = models.UUIDField(help_text="The account.")
    by_officer = models.BooleanField()
    due_on = models.DateField(help_text="Last day of the answer, by this deployment's own promise.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    decision = models.CharField(max_length=8, choices=Decision.choices, default="", blank=True)
    remedy = models.CharField(max_length=8, choices=Remedy.choices, default="", blank=True)
    answer = PersonalText(default="")
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True, help_text="Legal day.")
    decided_by = models.UUIDField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "travel_kind", "travel_index"], condition=Q(state="open"), name="links_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decision="", remedy="", decided_by=None, decided_on=None)
                | Q(state="decided", decided_by__isnull=False, decided_on__isnull=False) & ~Q(decision="", remedy=""),
                name="links_decision_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("opened_by")), name="links_nobody_decides_own"
            ),
        )
        indexes = (
            models.Index(fields=["travel_kind", "travel_index"], condition=Q(state="open"), name="links_in_question"),
            models.Index(fields=["office_path", "id"], condition=Q(state="open"), name="links_waiting"),
            models.Index(fields=["person", "-id"], name="links_ticket_of_person"),
        )
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
