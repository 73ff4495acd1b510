"""What is known of an uploaded file. The content lies in storage.py's place, never in the database."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.kernel.ids import new_id


class Document(models.Model):
    """One kept file. Sizes in bytes and pixels; `sha256` is of the content as kept, in hexadecimal."""

    class Kind(models.TextChoices):
        PHOTO = "photo"
        FINGERPRINT = "fingerprint"
        EVIDENCE = "evidence"
        SIGNATURE = "signature"
        FORM = "form"

    class Scan(models.TextChoices):
        WAITING = "waiting"
        CLEAN = "clean"
        INFECTED = "infected"
        UNSCANNABLE = "unscannable"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    person_id = models.UUIDField(help_text="Whose document it is; people live above this room.")
    uploaded_by = models.UUIDField(null=True, help_text="The account that brought it; empty for the system.")
    media_type = models.CharField(max_length=32)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.WAITING)
    scanned_at = models.DateTimeField(null=True)
    scanner = models.CharField(max_length=32, default="")
    stored_name = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (
            models.Index(fields=["person_id", "-created_at"], name="documents_of_person"),
            models.Index(fields=["created_at"], condition=Q(scan="waiting"), name="documents_waiting"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(scan="waiting", scanned_at__isnull=True) | ~Q(scan="waiting") & Q(scanned_at__isnull=False),
                name="documents_scanned_at_a_time",
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="documents_not_empty"),
        )

    def __str__(self) -> str:
        return str(self.pk)
