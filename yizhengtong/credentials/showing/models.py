"""Showings of a permit on a phone, the codes drawn for them, and the codes that were printed."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalJSON, PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person


class Showing(models.Model):
    """A permit held out for a purpose, for some minutes. `shown`: exactly what the holder saw before it began."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="showings")
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="showings")
    purpose = models.CharField(max_length=16)
    shown = PersonalJSON(help_text="Claim → value; the photograph as a small JPEG in base64.")
    begun_by = models.UUIDField(help_text="The account: the holder's, or of somebody who acts for the holder.")
    begun_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    reads = models.SmallIntegerField(default=0)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["permit", "begun_by"], condition=Q(stopped_at=None), name="showing_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begun_at")), name="showing_ends"),
        )
        indexes = (models.Index(fields=["person", "-id"], name="showing_person"),)

    def __str__(self) -> str:
        return self.purpose


class PhoneCode(models.Model):
    """One code of a showing: random, of which only a keyed hash is kept; good once and for seconds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    showing = models.ForeignKey(Showing, models.CASCADE, related_name="codes")
    code_hash = models.BinaryField(max_length=16)
    good_until = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["code_hash"], name="showing_one_code"),)

    def __str__(self) -> str:
        return str(self.good_until)


class PaperCode(models.Model):
    """A code printed for a purpose on a day. Printed again that day and saying the same, it is the same code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="paper_codes")
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="paper_codes")
    purpose = models.CharField(max_length=16)
    issued_on = models.DateField()
    last_day = models.DateField(help_text="Last day on which the code is good.")
    key_id = models.CharField(max_length=64)
    list_uri = models.CharField(max_length=240)
    list_index = models.IntegerField()
    text = PersonalText(help_text="The signed part.")
    printed_at = models.DateTimeField(default=timezone.now, help_text="For the first time.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["permit", "purpose", "issued_on"], name="showing_one_paper_a_day"),
        )
        indexes = (models.Index(fields=["person", "-id"], name="showing_paper_person"),)

    def __str__(self) -> str:
        return self.purpose
