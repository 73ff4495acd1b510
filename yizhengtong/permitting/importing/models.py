"""Where imported records came from, and what waits for an officer's word."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person


class Batch(models.Model):
    """One list, read with one mapping, for one office. `position`: the last line that is done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=255)
    list_hash = models.CharField(max_length=64, help_text="SHA-256 of the file's bytes and of the mapping.")
    name_hash = models.CharField(max_length=64, help_text="SHA-256 of the file's name: names of files hold names.")
    position = models.IntegerField(default=0)
    begun_by = models.UUIDField(null=True)
    begun_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["office", "list_hash"], name="importing_one_batch_a_list"),)

    def __str__(self) -> str:
        return f"{self.list_hash[:12]} {self.position}"


class RowState(models.TextChoices):
    """IMPORTED: as a person of its own. LINKED: to a person who was there. WAITING: for an officer's word."""

    IMPORTED = "imported"
    LINKED = "linked"
    WAITING = "waiting"


class Row(models.Model):
    """One line of a list and what became of it. `record` is kept only while the line waits."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="rows")
    line = models.IntegerField()
    row_index = models.BinaryField(max_length=16, help_text="Keyed hash of all that the line says.")
    state = models.CharField(max_length=10, choices=RowState.choices)
    record = PersonalJSON(null=True)
    person_id = models.UUIDField(null=True)
    permit_id = models.UUIDField(null=True)
    registration_id = models.UUIDField(null=True)
    imported_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["row_index"], name="importing_row_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", imported_at=None)
                | (~Q(state="waiting") & Q(record__isnull=True, imported_at__isnull=False, person_id__isnull=False)),
                name="importing_record_only_while_waiting",
            ),
        )
        indexes = (
            models.Index(fields=["permit_id"], name="importing_row_permit"),
            models.Index(fields=["person_id"], name="importing_row_person"),
        )

    def __str__(self) -> str:
        return f"{self.line} {self.state}"


class Reason(models.TextChoices):
    """Why two records may be one person."""

    SAME_NUMBER = "same_number"
    SAME_NAME = "same_name", "same name and birth date"
    SIMILAR_NAME = "similar_name", "similar name, same birth date"


class Answer(models.TextChoices):
    """What an officer said. CLOSED: settled by the word on another proposal of the same row."""

    OPEN = "open"
    LATER = "later"
    SAME = "same"
    DIFFERENT = "different"
    CLOSED = "closed"


class Proposal(models.Model):
    """A waiting row beside a person whom it may be. Two records are never merged silently."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row = models.ForeignKey(Row, models.PROTECT, related_name="proposals")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    office_path = models.CharField(max_length=255)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.OPEN)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["row", "person"], name="importing_one_proposal_a_pair"),)
        indexes = (
            models.Index(fields=["id"], name="importing_proposal_open", condition=Q(answer__in=("open", "later"))),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.answer}"
