"""Persons, their numbers, their guardians and proxies, and who may open the records of minors."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalDate, PersonalText
from yizhengtong.kernel.ids import new_id


class Region(models.TextChoices):
    """Where a resident is settled (81号 art. 19), or that the household register is on the mainland."""

    CHINA = "CN"
    HONG_KONG = "HK"
    MACAO = "MO"
    TAIWAN = "TW"


HMT_REGIONS = [Region.HONG_KONG.value, Region.MACAO.value, Region.TAIWAN.value]
"""Residents who are under the national rules of their own and not under those of the floating population (D14)."""


class Sex(models.TextChoices):
    """GB/T 2261.1 by its meaning."""

    MALE = "M"
    FEMALE = "F"


@keeps_history()
class Person(models.Model):
    """A person once. Names are kept exactly as printed; `name_bigrams` are keyed, and only serve to find them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(Account, models.PROTECT, null=True, related_name="person")
    name = PersonalText(help_text="As printed on the travel document, in Chinese.")
    latin_name = PersonalText(default="")
    birth_date = PersonalDate()
    sex = models.CharField(max_length=1, choices=Sex.choices)
    region = models.CharField(max_length=2, choices=Region.choices)
    phone = PersonalText(default="")
    hukou_region = models.CharField(
        max_length=6, default="", db_default="", help_text="County of the household register; of mainland persons only."
    )
    hukou_address = PersonalText(null=True, help_text="Of the household register; mainland persons only.")
    nation = PersonalText(null=True, help_text="民族 as printed on the identity card; mainland persons only.")
    name_bigrams = ArrayField(models.CharField(max_length=16), default=list)
    birth_index = models.BinaryField(
        max_length=16, null=True, help_text="Finds who was born on a day; none on rows older than the column."
    )
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (
            GinIndex(fields=["name_bigrams"], name="people_person_name"),
            models.Index(fields=["birth_index"], name="people_person_birth"),
        )

    def __str__(self) -> str:
        return str(self.pk)


@keeps_history()
class PersonNumber(models.Model):
    """A document of a person and its number. `number_index` finds it; its lifelong part stays over renewals."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=24, help_text="kernel.numbers.DocumentKind")
    number = PersonalText(help_text="In normal form.")
    number_index = models.BinaryField(max_length=16)
    issue_count = models.SmallIntegerField(null=True)
    valid_until = models.DateField(null=True, help_text="Last day on which the document is valid.")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "number_index"], condition=Q(is_current=True), name="people_number_names_one_person"
            ),
        )
        indexes = (models.Index(fields=["person", "kind"], name="people_number_person"),)

    def __str__(self) -> str:
        return self.kind


@keeps_history()
class Representation(models.Model):
    """One person may act for another: as guardian or near relative, by the pack's proxy rules (D3)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    representative = models.ForeignKey(Person, models.CASCADE, related_name="represents")
    represented = models.ForeignKey(Person, models.CASCADE, related_name="represented_by")
    relation = models.CharField(max_length=16, help_text="A relation named by the pack's proxy.rules.")
    since = models.DateField()
    until = models.DateField(null=True, help_text="First day on which it no longer holds.")
    confirmed_by = models.UUIDField(null=True, help_text="The officer who saw the proof.")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(representative=F("represented")), name="people_nobody_represents_self"),
            models.UniqueConstraint(
                fields=["representative", "represented"], condition=Q(until=None), name="people_one_representation"
            ),
        )

    def __str__(self) -> str:
        return self.relation


@keeps_history()
class MinorApproval(models.Model):
    """未成年人网络保护条例 art. 36: an officer asks to open a minor's record, somebody in charge grants or refuses.

    Without an officer it was asked by the booking of an appointment: who grants it names the officers.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        GRANTED = "granted"
        REFUSED = "refused"
        ANSWERED = "answered"  # of a booking: the officers were named, each has an approval of their own

    class Reason(models.TextChoices):
        APPOINTMENT = "appointment"
        COUNTER = "counter"
        CASEWORK = "casework"
        CORRECTION = "correction"
        COMPLAINT = "complaint"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="approvals")
    officer_id = models.UUIDField(null=True, help_text="The account that may open the record.")
    office_path = models.CharField(max_length=255, help_text="Of the case the officer works on.")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    words = PersonalText(default="", help_text="Why, in the asker's words.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    needed_at = models.DateTimeField(null=True, help_text="When the appointment is.")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_words = PersonalText(default="")
    last_day = models.DateField(null=True, help_text="Last legal day on which it holds.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(officer_id=None) | ~Q(decided_by=F("officer_id")),
                name="people_nobody_approves_self",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None, last_day=None)
                | Q(state="granted", decided_by__isnull=False, officer_id__isnull=False, last_day__isnull=False)
                | Q(state__in=("refused", "answered"), decided_by__isnull=False, last_day=None),
                name="people_approval_is_decided",
            ),
            models.UniqueConstraint(
                fields=["person", "officer_id", "office_path"],
                condition=Q(state="asked"),
                nulls_distinct=False,
                name="people_asked_once",
            ),
        )
        indexes = (
            models.Index(fields=["person", "officer_id", "last_day"], name="people_approval_of_officer"),
            models.Index(fields=["office_path", "id"], condition=Q(state="asked"), name="people_approval_waiting"),
        )

    def __str__(self) -> str:
        return self.state
