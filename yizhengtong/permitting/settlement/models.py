"""What an applicant was told and confirmed, approval notices, and household registrations. Rows are only added."""

import pgtrigger
from django.db import models
from django.utils import timezone

from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.applications.models import Application
from yizhengtong.registry.people.models import Person


class VoluntaryConfirmation(models.Model):
    """That an applicant read a notice and confirmed to apply of their own will (S0-T03, S0-T33), and which text."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="voluntary_confirmations")
    text_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=8, help_text="The language it was read in.")
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Deleted it may be, with the draft it belongs to.
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return self.text_hash


class ApprovalNotice(models.Model):
    """《批准定居通知书》: a document of the decision, beside the settlement permit (S0-T25, S0-T26).

    `permit_number_index` finds the notice by the permit that is shown with it, for an officer who may not read permits.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="approval_notices")
    case_id = models.UUIDField(unique=True, help_text="The case that granted it.")
    permit_id = models.UUIDField(unique=True, help_text="The settlement permit issued with it.")
    permit_number_index = models.BinaryField(max_length=16)
    number = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=6, help_text="GB/T 2260 code of the county of settlement.")
    authority = models.CharField(max_length=80)
    issued_on = models.DateField()
    last_valid_day = models.DateField(null=True, help_text="None: no source says how long it is good.")
    paper = PersonalJSON(help_text="What the paper shows.")
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (
            models.Index(fields=["permit_number_index"], name="settlement_notice_permit"),
            models.Index(fields=["person"], name="settlement_notice_person"),
        )
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.number


class HouseholdRegistration(models.Model):
    """常住户口登记 on an approval notice: here the duty to apply for the identity card is handed over (S0-T30)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.OneToOneField(ApprovalNotice, models.PROTECT, related_name="registration")
    registered_on = models.DateField()
    by = models.UUIDField(null=True, help_text="The officer of the household register.")
    holds_residence_permit = models.BooleanField(
        help_text="A residence permit was there, and the officer was told; nothing ended by itself."
    )
    registered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return str(self.registered_on)
