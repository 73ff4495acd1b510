"""Files of rows and their parts. What was asked goes as soon as a part is done; the answers go with the file."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty


class FileState(models.TextChoices):
    """STOPPED: by us, `failure` says why. CANCELLED: by the relying party. Both keep the answers given before."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class BulkFile(models.Model):
    """One file of a relying party, for one purpose, sent under one key. `done`: rows that are answered."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="+")
    key_id = models.UUIDField(help_text="The key it was sent under; a file goes no further than its key.")
    is_test = models.BooleanField(default=False, help_text="Sent under a key for test people.")
    purpose = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.RUNNING)
    failure = models.CharField(max_length=64, default="", help_text="A code: why it was stopped.")
    failures = models.SmallIntegerField(default=0, help_text="In a row.")
    rows = models.IntegerField()
    done = models.IntegerField(default=0)
    sent_at = models.DateTimeField(default=timezone.now)
    worked_at = models.DateTimeField(
        default=timezone.now, help_text="Of the files under way the longest left is next; one ahead rests until then."
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(rows__gt=0, done__gte=0, done__lte=models.F("rows")), name="bulk_counts"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None) | ~Q(state="running") & Q(ended_at__isnull=False),
                name="bulk_ends_once",
            ),
        )
        indexes = (
            models.Index(fields=["worked_at"], condition=Q(state="running"), name="bulk_next"),
            models.Index(fields=["party", "-sent_at"], name="bulk_of_party"),
            models.Index(fields=["ended_at"], name="bulk_over"),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.done}/{self.rows}"


class BulkPart(models.Model):
    """Some rows of a file. A transaction answers some of them, most often all: what is answered is asked no more.

    `asked`: the rows that are left; gone when the part is done. `answered`: the answers so far. `due_at`: not before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(BulkFile, models.CASCADE, related_name="parts")
    number = models.IntegerField()
    is_done = models.BooleanField(default=False)
    due_at = models.DateTimeField(default=timezone.now)
    asked = PersonalJSON(null=True)
    answered = PersonalJSON(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["file", "number"], name="bulk_part_once"),
            models.CheckConstraint(
                condition=Q(is_done=True, asked__isnull=True) | Q(is_done=False),
                name="bulk_forgets_what_was_asked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}"
