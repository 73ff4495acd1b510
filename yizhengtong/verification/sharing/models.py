"""Share codes, each use of one, and tries that opened nothing."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit


class ShareCode(models.Model):
    """A code that tells some claims of a permit for a purpose: till an end, so many times.

    `claims`: what the holder saw would be told; a purpose that later grows tells no more by this code.
    """

    class End(models.TextChoices):
        """Why a code was ended before its time."""

        HOLDER = "holder"
        WRONG_BIRTH_DATES = "wrong_birth_dates"
        ACCOUNT_RECOVERED = "account_recovered"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="share_codes")
    purpose = models.CharField(max_length=24)
    claims = ArrayField(models.CharField(max_length=24))
    code_hash = models.BinaryField(max_length=16)
    made_by = models.UUIDField(help_text="The account: the holder's, or of somebody who acts for the holder.")
    made_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    most_uses = models.SmallIntegerField()
    uses = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=24, default="", choices=End.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["code_hash"], name="sharing_one_code"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("made_at")), name="sharing_code_ends"),
            models.CheckConstraint(condition=Q(uses__lte=F("most_uses")), name="sharing_no_use_too_many"),
        )
        indexes = (models.Index(fields=["person_id", "-id"], name="sharing_person"),)

    def __str__(self) -> str:
        return self.purpose


class Use(models.Model):
    """A code was used once. `shown`: what was told, kept sealed for minutes for the browser that was told it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    share_code = models.ForeignKey(ShareCode, models.CASCADE, related_name="used")
    person_id = models.UUIDField()
    check_id = models.UUIDField(help_text="The check in the holder's history.")
    relying_party_id = models.UUIDField(null=True, help_text="None: somebody with the page, without an account.")
    at = models.DateTimeField(default=timezone.now)
    view_hash = models.BinaryField(max_length=16, null=True)
    view_until = models.DateTimeField(null=True)
    shown = PersonalJSON(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["view_hash"], name="sharing_one_view"),)

    def __str__(self) -> str:
        return str(self.at)


class Miss(models.Model):
    """A try that opened nothing: the keyed hash of what was typed, whether there is such a code or not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code_hash = models.BinaryField(max_length=16)
    counts = models.BooleanField(help_text="A wrong birth date, of nobody whom the holder shut out: five end the code.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (
            models.Index(fields=["code_hash"], name="sharing_miss_code"),
            models.Index(fields=["at"], name="sharing_miss_at"),
        )

    def __str__(self) -> str:
        return str(self.at)
