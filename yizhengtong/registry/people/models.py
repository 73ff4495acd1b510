"""Persons, their numbers, their guardians and proxies."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.history import keeps_history
from yizhengtong.foundation.vault.fields import PersonalDate, PersonalText
from yizhengtong.kernel.ids import new_id


class Region(models.TextChoices):
    """Where a resident is settled (81号 art. 19)."""

    HONG_KONG = "HK"
    MACAO = "MO"
    TAIWAN = "TW"


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
    name_bigrams = ArrayField(models.CharField(max_length=16), default=list)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (GinIndex(fields=["name_bigrams"], name="people_person_name"),)

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
