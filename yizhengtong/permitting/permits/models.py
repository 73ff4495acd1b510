"""Permits, and the series their numbers come from."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalJSON, PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.states import LIVING, PermitState
from yizhengtong.registry.people.models import Person


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
    version = models.IntegerField(default=1)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(state__in=LIVING), name="permits_one_living_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on=None)),
                name="permits_ended_has_a_day",
            ),
            models.CheckConstraint(condition=Q(last_valid_day__gt=F("valid_from")), name="permits_valid_for_some_time"),
        )
        indexes = (
            models.Index(fields=["number_index"], name="permits_number"),
            models.Index(fields=["person", "-issued_at"], name="permits_person"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class NumberSeries(models.Model):
    """How many permit numbers were given for one prefix, birth date and sex, found by a keyed index."""

    series_index = models.BinaryField(max_length=16, primary_key=True)
    given = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.given)
