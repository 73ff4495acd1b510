"""Checks that were made: kept for the holder, without what was asked. Relying parties that a holder has shut out."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty


class Way(models.TextChoices):
    """How a permit was checked. The values are stored and told: they never change."""

    MATCH = "match"
    SHARE_CODE = "share_code"
    PHONE_CODE = "phone_code"
    PAPER_CODE = "paper_code"
    OPENID = "openid"
    PRESENTATION = "presentation"
    BULK = "bulk"
    SAME_PERSON = "same_person"


class Outcome(models.TextChoices):
    """How a check ended: all agreed or not, claims were told, or the holder had not agreed or had shut them out."""

    MATCH = "match"
    NO_MATCH = "no_match"
    TOLD = "told"
    REFUSED = "refused"


class Check(models.Model):
    """One check of a permit by a relying party for a purpose. Only whose it was and how it ended is kept.

    `relying_party` None: anybody who was given a code. `claims`: names of what was compared or told, never values; None
    on rows older than the column.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.PROTECT, null=True, related_name="checks")
    purpose = models.CharField(max_length=24)
    person_id = models.UUIDField(null=True)
    permit_id = models.UUIDField(null=True)
    way = models.CharField(max_length=16, choices=Way.choices, default=Way.MATCH, db_default=Way.MATCH.value)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default="", db_default="")
    claims = ArrayField(models.CharField(max_length=32), null=True)
    is_match = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["person_id", "-at"], name="checks_person"),)

    def __str__(self) -> str:
        return self.purpose

    @property
    def ended(self) -> str:
        """How it ended, of rows older than `outcome`, too."""
        return self.outcome or (Outcome.MATCH if self.is_match else Outcome.NO_MATCH)


class Block(models.Model):
    """A holder has shut a relying party out: it is answered as for a number that nobody has."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    relying_party = models.ForeignKey(RelyingParty, models.CASCADE, related_name="blocks")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person_id", "relying_party"], name="checks_block_once"),)

    def __str__(self) -> str:
        return str(self.relying_party_id)
