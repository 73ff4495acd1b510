"""Residence registrations, and what others report of them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalText
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person

LONGEST_ADDRESS = 200
LONGEST_WORKPLACE = 120
"""Characters. What the platform takes, not a number of the law."""


class ReportedBy(models.TextChoices):
    """Who reported a stay: the source of the period. Named as kinds of reporters are; the column of 0.1.0 is narrow."""

    SELF = "self"
    LANDLORD = "landlord"
    EMPLOYER = "employer"
    SCHOOL = "school"
    HOTEL = "hotel"
    PROPERTY_MANAGER = "manager"
    AGENT = "agent"
    HOSPITAL = "hospital"
    RESCUE_STATION = "rescue"


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
    workplace = PersonalText(null=True, help_text="Employer, where it was declared.")
    reporter_id = models.UUIDField(null=True, help_text="Who reported it, where it was not the person.")
    carries_on = models.UUIDField(null=True, help_text="The stay in the same place that a move within it ended.")
    due_on = models.DateField(null=True, help_text="Last day on which the declaration was in time, where a pack says.")
    is_late = models.BooleanField(db_default=False, default=False, help_text="Declared after due_on.")
    voucher_number = models.CharField(
        max_length=24, default="", db_default="", help_text="Of the registration voucher, in a local series."
    )

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
        indexes = (
            models.Index(fields=["person", "start"], name="residence_person_start"),
            models.Index(fields=["voucher_number"], condition=~Q(voucher_number=""), name="residence_voucher"),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.start}"


class ReporterKind(models.TextChoices):
    """Who registers or reports others: arts. 8–11 name the first four, art. 12 the operators."""

    LANDLORD = "landlord"
    EMPLOYER = "employer"
    PROPERTY_MANAGER = "property_manager"
    AGENT = "agent"
    HOTEL = "hotel"
    HOSPITAL = "hospital"
    SCHOOL = "school"
    RESCUE_STATION = "rescue_station"


@keeps_history()
class Reporter(models.Model):
    """浙江省流动人口居住登记条例 arts. 8–12: somebody with an account that reports where others live."""

    class State(models.TextChoices):
        UNVERIFIED = "unverified"
        VERIFIED = "verified"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(Account, models.PROTECT, related_name="reporter")
    kind = models.CharField(max_length=16, choices=ReporterKind.choices)
    name = PersonalText(help_text="Of the unit or, of a landlord, the person.")
    code = PersonalText(help_text="统一社会信用代码, or the identity number of a person.")
    contact = PersonalText()
    region = models.CharField(max_length=6, help_text="GB/T 2260 code of the county it is in.")
    office_path = models.CharField(max_length=255, help_text="Of the office that verifies it.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNVERIFIED)
    registered_at = models.DateTimeField(default=timezone.now)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="unverified", decided_by=None) | Q(~Q(state="unverified"), decided_by__isnull=False),
                name="residence_reporter_is_decided",
            ),
        )
        indexes = (
            models.Index(
                fields=["office_path", "id"], condition=Q(state="unverified"), name="residence_reporter_waiting"
            ),
        )

    def __str__(self) -> str:
        return self.kind


@keeps_history()
class Report(models.Model):
    """What a reporter said of a person named by number and name, as it was said.

    It becomes or confirms a registration (`matched`), or waits (`received`) with the reason; the person's word merges
    it into what is registered or disputes it, and an officer ends a dispute.
    """

    class About(models.TextChoices):
        START = "start"
        END = "end"
        CHANGE = "change"

    class State(models.TextChoices):
        RECEIVED = "received"
        MATCHED = "matched"
        MERGED = "merged"
        DISPUTED = "disputed"
        DISMISSED = "dismissed"

    class Waits(models.TextChoices):
        NEW = "new"  # nobody has compared it yet
        UNVERIFIED = "unverified"  # who reported it is not verified
        UNKNOWN = "unknown"  # nobody of that number and name is registered
        OVERLAPS = "overlaps"  # something else is registered for these days
        NOTHING_TO_END = "nothing_to_end"  # no open stay there that this reporter reported
        AT_HOME = "at_home"  # in the place of the household register nobody needs to be registered
        NOTHING = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reporter = models.ForeignKey(Reporter, models.PROTECT, related_name="reports")
    reporter_kind = models.CharField(max_length=16, choices=ReporterKind.choices)
    reporter_name = PersonalText(help_text="As it was when reported: the person named sees it.")
    about = models.CharField(max_length=8, choices=About.choices)
    name = PersonalText()
    number = PersonalText(help_text="Identity number, in normal form.")
    number_index = models.BinaryField(max_length=16)
    region = models.CharField(max_length=6, help_text="GB/T 2260 code of the county.")
    address = PersonalText()
    happened_on = models.DateField(help_text="First day of the stay, first day it is over, or day of the change.")
    known_on = models.DateField(help_text="Day from which the time for reporting runs.")
    reported_on = models.DateField(help_text="Legal day of the report.")
    due_on = models.DateField(null=True, help_text="Last day in time; none where no pack says.")
    is_late = models.BooleanField(default=False)
    fingerprint = models.BinaryField(max_length=32, help_text="The same row sent again is found by it.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVED)
    waits_for = models.CharField(max_length=14, choices=Waits.choices, default=Waits.NEW, blank=True)
    office_path = models.CharField(max_length=255, help_text="Of the office that answers a dispute.")
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="reports")
    registration = models.ForeignKey(Registration, models.SET_NULL, null=True, related_name="reports")
    dispute_words = PersonalText(null=True)
    disputed_on = models.DateField(null=True)
    answer_due_on = models.DateField(null=True)
    decision_words = PersonalText(null=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["reporter", "fingerprint"], name="residence_reported_once"),
            models.CheckConstraint(
                condition=Q(state="received") | Q(person__isnull=False, waits_for=""), name="residence_report_is_of_one"
            ),
        )
        indexes = (
            models.Index(fields=["person", "id"], name="residence_report_person"),
            models.Index(fields=["number_index"], condition=Q(person=None), name="residence_report_unknown"),
            models.Index(
                fields=["office_path", "id"],
                condition=Q(state="disputed") | Q(state="received", person__isnull=False),
                name="residence_report_for_officer",
            ),
        )

    def __str__(self) -> str:
        return self.about
