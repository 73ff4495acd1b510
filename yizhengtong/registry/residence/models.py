"""Residence registrations."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person

LONGEST_ADDRESS = 200
"""Characters. What the platform takes, not a number of the law."""


class ReportedBy(models.TextChoices):
    """Who reported a stay: the source of the period."""

    SELF = "self"
    LANDLORD = "landlord"
    EMPLOYER = "employer"
    SCHOOL = "school"
    HOTEL = "hotel"


class DateRange(Func):
    function = "daterange"


class UuidRange(Func):
    """PostgreSQL has no GiST operator class for uuid without an extension; a range of one uuid has (docs/adr/0012)."""

    function = "uuidrange"


@keeps_history()
class Registration(models.Model):
    """One stay: `[start, until)`, open while the person lives there. A corrected one stays, named by its successor."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="registrations")
    region = models.CharField(max_length=6, help_text="GB/T 2260 code of the county.")
    address = PersonalText()
    start = models.DateField()
    until = models.DateField(null=True)
    reported_by = models.CharField(max_length=10, choices=ReportedBy.choices)
    declared_on = models.DateField(help_text="Legal day of the declaration.")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.UUIDField(null=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    is_current = models.BooleanField(default=True)
    correction_reason = models.CharField(max_length=32, default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("start")), name="residence_ends_after_start"
            ),
            ExclusionConstraint(
                name="residence_one_place_a_day",
                index_type="gist",
                expressions=[
                    (UuidRange("person", "person", Value("[]")), RangeOperators.EQUAL),
                    (DateRange("start", "until", Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_current=True),
            ),
        )
        indexes = (models.Index(fields=["person", "start"], name="residence_person_start"),)

    def __str__(self) -> str:
        return f"{self.region} {self.start}"
