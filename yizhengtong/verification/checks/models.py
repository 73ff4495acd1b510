"""Checks that were made: kept for the holder, without what was asked."""

from django.db import models
from django.utils import timezone

from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.models import RelyingParty


class Check(models.Model):
    """One check of a permit by a relying party for a purpose. Only whose it was and how it ended is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relying_party = models.ForeignKey(RelyingParty, models.PROTECT, related_name="checks")
    purpose = models.CharField(max_length=24)
    person_id = models.UUIDField(null=True)
    is_match = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["person_id", "-at"], name="checks_person"),)

    def __str__(self) -> str:
        return self.purpose
