"""Permits, their endorsements, what is held ready for the chip, and how far the daily sweep has come."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalJSON, PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.kinds import ZHEJIANG
from yizhengtong.permitting.permits.states import LIVING, PermitState
from yizhengtong.registry.people.models import Person

ENDORSABLE = ("ordered", "made", "held")
"""States in which a permit that is not endorsed in time is suspended: one that is lost proves nothing as it is."""
_ENDORSED_AND_LIVING = Q(endorsed_until__isnull=False, state__in=ENDORSABLE)


@keeps_history()
class Permit(models.Model):
    """A residence permit. `last_valid_day` is inclusive, as it is printed on the card."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="permits")
    kind = models.CharField(max_length=16)
    number = PersonalText()
    number_index = models.BinaryField(max_length=16)
    issue_count = models.SmallIntegerField(default=1)
    region = models.CharField(max_length=6, help_text="GB/T 2260 code of the county whose authority signs.")
    authority = models.CharField(max_length=80)
    valid_from = models.DateField()
    last_valid_day = models.DateField()
    state = models.CharField(max_length=10, choices=PermitState.choices, default=PermitState.ORDERED)
    card = PersonalJSON(help_text="The items of the card, as printed.")
    photo_id = models.UUIDField(null=True, help_text="The photograph in foundation.documents.")
    office_id = models.UUIDField()
    office_path = models.CharField(max_length=255)
    case_id = models.UUIDField(unique=True, null=True, help_text="The case that granted it; none if it was imported.")
    delivery = models.CharField(max_length=8)
    delivery_address = PersonalText(default="")
    made_on = models.DateField(null=True)
    handed_over_on = models.DateField(null=True)
    handed_over_by = models.UUIDField(null=True)
    tracking_number = PersonalText(default="")
    old_card_returned = models.BooleanField(default=False)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=24, default="")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    counted_from = models.DateField(
        null=True, help_text="The issue from which years of endorsement are counted; a replacement keeps it."
    )
    endorsed_until = models.DateField(null=True, help_text="Last day of the endorsed year; none: not endorsed.")
    endorsed_on = models.DateField(null=True, help_text="Of the last endorsement.")
    endorsed_region = models.CharField(max_length=6, null=True, help_text="Where it was endorsed last (D12).")  # noqa: DJ001 null: old code leaves it empty
    years_count_from = models.DateField(null=True, help_text="Day from which years of residence count (D22).")
    succeeded_by_id = models.UUIDField(null=True, help_text="The permit whose issue ended this one.")
    version = models.IntegerField(default=1)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(state__in=LIVING), name="permits_one_alive_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on=None)),
                name="permits_ended_has_a_day",
            ),
            models.CheckConstraint(condition=Q(last_valid_day__gt=F("valid_from")), name="permits_valid_for_some_time"),
            models.CheckConstraint(
                condition=Q(endorsed_until=None) & ~Q(state="suspended")
                | Q(endorsed_until__isnull=False, kind__in=ZHEJIANG),
                name="permits_endorsed_by_kind",
            ),
        )
        indexes = (
            models.Index(fields=["number_index"], name="permits_number"),
            models.Index(fields=["person", "-issued_at"], name="permits_person"),
            models.Index(fields=["endorsed_until", "id"], condition=_ENDORSED_AND_LIVING, name="permits_due"),
            models.Index(
                fields=["office_id", "endorsed_until", "id"],
                condition=_ENDORSED_AND_LIVING,
                name="permits_due_of_office",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Endorsement(models.Model):
    """One endorsement of a permit, as it was done. `window_until` and `endorsed_until` are inclusive."""

    class Effect(models.TextChoices):
        """What it did to the years of residence."""

        KEPT = "kept"
        RESTARTED = "restart"
        GAP_EXCLUDED = "exclude_gap"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="endorsements")
    case_id = models.UUIDField(null=True, help_text="The case that granted it.")
    on = models.DateField()
    by = models.UUIDField(null=True, help_text="The officer; none: the platform.")
    region = models.CharField(max_length=6, help_text="GB/T 2260 code of the place where it was endorsed.")
    window_from = models.DateField()
    window_until = models.DateField()
    endorsed_until = models.DateField()
    was_late = models.BooleanField()
    years_count_from_after = models.DateField(null=True)
    effect = models.CharField(max_length=12, choices=Effect.choices)
    law_hash = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["permit", "endorsed_until"], name="permits_endorsed_once_a_year"),
            models.CheckConstraint(condition=Q(was_late=True) | Q(effect="kept"), name="permits_in_time_keeps_years"),
        )
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return str(self.effect)


class Reminder(models.Model):
    """That a holder was told, once, that a permit's last day is so many days away."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.ForeignKey(Permit, models.PROTECT, related_name="reminders")
    last_day = models.DateField()
    days_before = models.SmallIntegerField()
    on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["permit", "last_day", "days_before"], name="permits_reminded_once"),
        )
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return str(self.days_before)


class Sweep(models.Model):
    """How far a daily sweep has come. Its row is locked by each part, so that two sweeps take turns."""

    name = models.CharField(max_length=16, primary_key=True)
    done_until = models.DateField(null=True, help_text="Last day that was done to its end.")

    def __str__(self) -> str:
        return self.name


class BankAccount(models.Model):
    """The account for the bank's part of a card (S3-18): there under a separate consent only, and deleted with it.

    Without row history on purpose: what is deleted here is gone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    permit = models.OneToOneField(Permit, models.PROTECT, related_name="bank_account")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    bank = models.CharField(max_length=80)
    number = PersonalText()
    recorded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.bank


class NumberSeries(models.Model):
    """How many permit numbers were given for one prefix, birth date and sex, found by a keyed index."""

    series_index = models.BinaryField(max_length=16, primary_key=True)
    given = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.given)
