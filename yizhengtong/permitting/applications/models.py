"""Applications and the papers attached to them."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person


class ApplicationState(models.TextChoices):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    DISCARDED = "discarded"


@keeps_history()
class Application(models.Model):
    """What somebody asks for: a service item at a place. Left and resumed as a draft, frozen when submitted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="applications")
    filled_by = models.ForeignKey(
        Person, models.PROTECT, related_name="applications_filled", help_text="The person, or who acts for them."
    )
    relation = models.CharField(max_length=16, default="", help_text="Of who acts to the person; empty: nobody does.")
    item = models.CharField(max_length=40, help_text="Code of the service item in the pack.")
    place = models.CharField(max_length=6, help_text="GB/T 2260 code of the county applied in.")
    ground = models.CharField(max_length=16, default="")
    claims = ArrayField(models.CharField(max_length=12), default=list)
    answers = PersonalJSON(default=dict)
    state = models.CharField(max_length=10, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "item"], condition=Q(state="draft"), name="applications_one_draft_an_item"
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", submitted_at__isnull=False) | ~Q(state="submitted"),
                name="applications_submitted_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.state}"


@keeps_history()
class Evidence(models.Model):
    """A paper handed in for one document that the item asks for. A withdrawn one stays on file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="evidence")
    document_code = models.CharField(max_length=40, help_text="The item's document.")
    kind = models.CharField(max_length=40, help_text="Which of the accepted kinds it is.")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    is_withdrawn = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["application", "document_code"], name="applications_evidence_wanted"),)

    def __str__(self) -> str:
        return f"{self.document_code}: {self.kind}"


class Confirmation(models.Model):
    """What a register said of one kind of proof. Rows are only added; the newest that says something counts."""

    class Result(models.TextChoices):
        CONFIRMED = "confirmed"
        NOT_ENOUGH = "not_enough"  # there is an entry, and it does not show what the paper would have to
        NOT_FOUND = "not_found"
        UNAVAILABLE = "unavailable"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="confirmations")
    evidence = models.CharField(max_length=40, help_text="The kind of proof.")
    kept_in = models.CharField(max_length=24, help_text="Kind of the register.")
    register = models.CharField(max_length=64, help_text="Code of the register that answered.")
    result = models.CharField(max_length=12, choices=Result.choices)
    basis = models.CharField(max_length=16, help_text="statutory_duty, or the consent asked for.")
    source = models.CharField(max_length=120, help_text="What the question rests on.")
    as_of = models.DateField(null=True, help_text="Of which day the register's content is.")
    facts = PersonalJSON(default=dict)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Deleted it may be, with the draft it belongs to.
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.evidence}: {self.result}"
