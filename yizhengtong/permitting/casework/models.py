"""Cases, appointments, judgements, opinions, notices, decisions."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalJSON
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.states import OPEN, UNDECIDED, CaseState
from yizhengtong.registry.people.models import Person


class PostCheck(models.TextChoices):
    """What is to be looked at again after an automatic approval, and what came of it."""

    SAMPLED = "sampled"
    ASKED = "asked", "the applicant asked for an officer"
    IN_ORDER = "in_order"
    NOT_IN_ORDER = "not_in_order"


TO_CHECK = ("sampled", "asked")


def _differ(first: str, second: str) -> Q:
    return Q(**{first: None}) | Q(**{second: None}) | ~Q(**{first: F(second)})


@keeps_history()
class Case(models.Model):
    """One submitted application on its way. The three officers differ: a constraint, not only a policy."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.OneToOneField(Application, models.PROTECT, related_name="case")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    item = models.CharField(max_length=40)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.RECEIVED)
    version = models.IntegerField(default=1)
    receipt_number = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001 unique, so empty is NULL
    received_on = models.DateField()
    accepted_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    is_due_provisional = models.BooleanField(default=False)
    urgent_on = models.DateField(help_text="What the queue is ordered by: the due date once there is one.")
    awaits_supplement = models.BooleanField(default=False)
    accepted_by = models.UUIDField(null=True)
    reviewed_by = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)
    permit_id = models.UUIDField(null=True)
    photo = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    photo_from = models.CharField(max_length=8, default="", help_text="captured, or receipt")
    fingerprints = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    signed_form = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    form_printed_at = models.DateTimeField(null=True)
    search_keys = ArrayField(models.CharField(max_length=16), default=list)
    application_number = models.CharField(  # noqa: DJ001 null: old code leaves it empty
        max_length=40, null=True, help_text="申请编号, where the form has one (S4-19)."
    )
    automatic_declined_because = ArrayField(
        models.CharField(max_length=48), null=True, help_text="Why the rules left it to the officers; none: not asked."
    )
    post_check = models.CharField(
        max_length=12,
        choices=PostCheck.choices,
        default="",
        db_default="",
        help_text="事后核查 of an automatic approval.",
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=_differ("accepted_by", "reviewed_by")
                & _differ("accepted_by", "approved_by")
                & _differ("reviewed_by", "approved_by"),
                name="casework_three_officers",
            ),
            models.UniqueConstraint(
                fields=["person", "item"], condition=Q(state__in=UNDECIDED), name="casework_one_undecided_an_item"
            ),
            models.CheckConstraint(
                condition=Q(accepted_on=None, receipt_number=None)
                | Q(accepted_on__isnull=False, receipt_number__isnull=False),
                name="casework_accepted_has_receipt",
            ),
        )
        indexes = (
            models.Index(
                fields=["office", "state", "urgent_on", "id"], name="casework_queue", condition=Q(state__in=OPEN)
            ),
            GinIndex(fields=["search_keys"], name="casework_search"),
            models.Index(fields=["person", "-received_on"], name="casework_person"),
            models.Index(fields=["office", "id"], name="casework_post_check", condition=Q(post_check__in=TO_CHECK)),
            models.Index(
                fields=["application_number"],
                name="casework_application_nr",
                condition=Q(application_number__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.state}"

    def save(self, *args: Any, **named: Any) -> None:
        self.urgent_on = self.due_on or self.received_on
        super().save(*args, **named)


class AppointmentState(models.TextChoices):
    BOOKED = "booked"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


@keeps_history()
class Appointment(models.Model):
    """A time at a service point, booked online, or a ticket drawn on site. One seat, one person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="appointments")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    seat = models.SmallIntegerField(help_text="Which of the windows open at that time; 0 for a ticket.")
    ticket_number = models.IntegerField(null=True)
    state = models.CharField(max_length=10, choices=AppointmentState.choices, default=AppointmentState.BOOKED)
    called_at = models.DateTimeField(null=True, help_text="When an officer called the visitor to a window.")
    called_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["office", "starts_at", "seat"],
                condition=Q(ticket_number=None) & ~Q(state="cancelled"),
                name="casework_one_person_a_seat",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="booked"), name="casework_one_appointment_a_case"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%dT%H:%MZ} {self.state}"


@keeps_history()
class Judgement(models.Model):
    """An officer's word on one condition or one document of the checklist."""

    class Target(models.TextChoices):
        CONDITION = "condition"
        DOCUMENT = "document"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="judgements")
    target = models.CharField(max_length=10, choices=Target.choices)
    code = models.CharField(max_length=48)
    met = models.BooleanField()
    reason = models.CharField(max_length=64, default="")
    details = models.JSONField(null=True, help_text="What a paper shows, by kind: months, days, codes. No names.")
    is_doubtful = models.BooleanField(
        default=False, db_default=False, help_text="In doubt: asks the applicant, grants and refuses nothing."
    )
    by = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "target", "code"], name="casework_one_word_a_line"),)

    def __str__(self) -> str:
        return f"{self.code} {self.met}"


class JournalEntry(models.Model):
    """One step of a case: what, by whom, from where to where, in which words. Never changed.

    An opinion that a rule of the system gave names the rule, and the officer who answers for it (D24). A rule never
    refuses (个人信息保护法 art. 24), and an opinion is of a person or of a rule, never of both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="journal")
    action = models.CharField(max_length=24)
    from_state = models.CharField(max_length=10)
    to_state = models.CharField(max_length=10)
    by_kind = models.CharField(max_length=12)
    by = models.UUIDField(null=True)
    opinion = PersonalJSON(default=dict, help_text="The officer's words, where the step is an opinion.")
    rule = models.CharField(max_length=40, default="", db_default="", help_text="Of the pack's decide.system_rules.")
    answering_office_id = models.UUIDField(null=True, help_text="The office that answers for the rule.")
    answering_officer = models.UUIDField(null=True, help_text="Its officer who answers for the rule.")
    source = models.CharField(max_length=80)
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(rule="") | ~Q(action="refuse"), name="casework_no_rule_refuses"),
            models.CheckConstraint(
                condition=Q(rule="") | Q(by=None, answering_office_id__isnull=False), name="casework_rule_or_person"
            ),
            models.CheckConstraint(
                condition=Q(rule="") | ~Q(action__in=("review", "approve")) | Q(answering_officer__isnull=False),
                name="casework_an_officer_answers",
            ),
        )
        indexes = (models.Index(fields=["case", "at"], name="casework_journal"),)
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.action


_FROZEN: pgtrigger.UpdateOf = pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
    "case_id", "kind", "issued_on", "findings", "remedies"
)


class Notice(models.Model):
    """A dated one-time notice: everything at once, each with its article, its mend and its day."""

    class Kind(models.TextChoices):
        SUPPLEMENT = "supplement"
        REFUSAL = "refusal"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    issued_on = models.DateField()
    findings = PersonalJSON()
    remedies = models.JSONField(default=list)
    answered_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(kind="supplement", answered_on=None), name="casework_one_open_supplement"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="frozen", operation=_FROZEN),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.issued_on}"


class Decision(models.Model):
    """The outcome, frozen with everything it rested on, so that it can be computed again from this row alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="decision")
    facts = PersonalJSON()
    item = models.CharField(max_length=40)
    place = models.CharField(max_length=6)
    subject = models.CharField(max_length=16)
    law_on = models.DateField(help_text="Day whose law applied.")
    looked_on = models.DateField(help_text="Day on which the conditions were looked at.")
    law_hash = models.CharField(max_length=64)
    pack_hashes = ArrayField(models.CharField(max_length=64))
    granted = models.BooleanField()
    findings = PersonalJSON()
    by = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(granted=True) | Q(by__isnull=False), name="casework_a_person_refuses"),
        )
        triggers = (pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return "granted" if self.granted else "refused"


@keeps_history()
class Answering(models.Model):
    """The officer who answers for a rule of the system at an office, from `since` until `until` (D24).

    Nobody answers for two rules: the three opinions of an automatic approval lead to three officers.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=255)
    rule = models.CharField(max_length=40)
    officer_id = models.UUIDField(help_text="The account of the officer.")
    named_by = models.UUIDField(null=True)
    since = models.DateField()
    until = models.DateField(null=True, help_text="First day on which it no longer holds.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["office", "rule"], condition=Q(until=None), name="casework_one_answers_for_a_rule"
            ),
            models.UniqueConstraint(
                fields=["officer_id"], condition=Q(until=None), name="casework_nobody_answers_for_two_rules"
            ),
        )

    def __str__(self) -> str:
        return self.rule


class ConversionList(models.Model):
    """A county's list of conversions, and how far it is done. `position`: the last line that is done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office_path = models.CharField(max_length=255)
    list_hash = models.CharField(max_length=64, help_text="SHA-256 of the file's bytes.")
    position = models.IntegerField(default=0)
    begun_by = models.UUIDField(null=True)
    begun_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["office", "list_hash"], name="casework_one_run_a_list"),)

    def __str__(self) -> str:
        return f"{self.list_hash[:12]} {self.position}"


class ConversionRow(models.Model):
    """A line of such a list that became a case. The same line, in whatever list, becomes a case once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    list = models.ForeignKey(ConversionList, models.PROTECT, related_name="rows")
    line = models.IntegerField()
    row_index = models.BinaryField(max_length=16, help_text="Keyed hash of all that the line says.")
    case = models.OneToOneField(Case, models.PROTECT, related_name="conversion_row")
    is_converted = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["row_index"], name="casework_conversion_row_once"),)

    def __str__(self) -> str:
        return str(self.line)
