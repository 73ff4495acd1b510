"""Registering persons and their numbers, correcting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import together, use_case
from yizhengtong.foundation.vault.indexes import bigram_indexes, blind_index
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, Stale
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.households import Household, wrong_household
from yizhengtong.registry.people.models import Person, PersonNumber, Region, Sex
from yizhengtong.registry.people.names import LONGEST_NAME, folded
from yizhengtong.registry.people.rules import contradictions

NAME_INDEX = "people.name"
NUMBER_INDEX = "people.number"
BIRTH_INDEX = "people.birth"
_ONE_PERSON = "people_number_names_one_person"


@dataclass(frozen=True, slots=True)
class Correction:
    """What to change of a person; None leaves a field as it is. Names exactly as printed."""

    name: str | None = None
    latin_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    region: str | None = None
    phone: str | None = None
    hukou_region: str | None = None
    hukou_address: str | None = None
    nation: str | None = None

    @property
    def changes(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None}


@use_case
def register_person(
    *,
    name: str,
    latin_name: str = "",
    birth_date: date,
    sex: str,
    region: str,
    household: Household | None = None,
    account: Account | None = None,
    by: Principal,
) -> Person:
    """Register a person, names exactly as printed, `region` CN, HK, MO or TW, `sex` M or F.

    `household`: of a mainland person, and of nobody else. Raises Invalid `people.person_invalid` with every wrong
    field, Conflict `people.account_has_a_person`.
    """
    person = Person(
        name=name,
        latin_name=latin_name,
        birth_date=birth_date,
        sex=sex,
        region=region,
        hukou_region=household.region if household else "",
        hukou_address=household.address if household else None,
        nation=household.nation if household else None,
        account=account,
        name_bigrams=name_indexes(name, latin_name),
        birth_index=birth_index(birth_date),
    )
    _check(person)
    try:
        with together():
            person.save(force_insert=True)
    except IntegrityError as error:
        if account is None:
            raise
        raise Conflict("people.account_has_a_person") from error
    record_act("people.register_person", by=by, on=("person", person.pk), person_id=person.pk)
    publish("people.person_registered", on=("person", person.pk), person_id=person.pk)
    return person


@use_case
def add_number(
    *, person: Person, kind: str, number: str, valid_until: date | None = None, by: Principal
) -> PersonNumber:
    """Link a document's number to a person; it takes the place of the person's current number of that kind.

    `valid_until`: last day on which the document is valid. Raises Invalid with the codes of kernel.numbers and
    `people.number_contradicts_{birth_date,sex,region}`, Conflict `people.number_names_someone_else`.
    """
    read = _read(kind, number)
    person = _lock(person)
    _refuse_contradictions(person, [read])
    for old in PersonNumber.objects.filter(person=person, kind=kind, is_current=True):
        old.is_current = False
        old.save(update_fields=["is_current"])
    added = PersonNumber(
        person=person,
        kind=kind,
        number=read.text,
        number_index=number_index(read),
        issue_count=read.issue_count,
        valid_until=valid_until,
    )
    _insert_number(added)
    record_act("people.add_number", by=by, on=("person_number", added.pk), person_id=person.pk, fields=[kind])
    publish("people.number_added", on=("person_number", added.pk), person_id=person.pk, facts={"kind": str(kind)})
    return added


@use_case
def correct_person(*, person: Person, version: int, correction: Correction, by: Principal) -> Person:
    """Correct what is known of a person; what stood before is kept in the history.

    Raises Stale `web.stale_version`, Invalid `people.person_invalid` or, when a current number says otherwise,
    `people.number_contradicts_{birth_date,sex,region}`.
    """
    person = _lock(person)
    if person.version != version:
        raise Stale("web.stale_version")
    for field, value in correction.changes.items():
        setattr(person, field, value)
    _check(person)
    current = PersonNumber.objects.filter(person=person, is_current=True)
    _refuse_contradictions(person, [_read(each.kind, each.number) for each in current])
    person.name_bigrams = name_indexes(person.name, person.latin_name)
    person.birth_index = birth_index(person.birth_date)
    person.version += 1
    person.save()
    fields = sorted(correction.changes)
    record_act("people.correct_person", by=by, on=("person", person.pk), person_id=person.pk, fields=fields)
    publish("people.person_corrected", on=("person", person.pk), person_id=person.pk, facts={"fields": fields})
    return person


def number_index(number: DocumentNumber) -> bytes:
    """Return the blind index by which a number is found: of its lifelong part, so that renewals keep it."""
    return blind_index(NUMBER_INDEX, f"{number.kind}:{number.core}")


def birth_index(day: date) -> bytes:
    """Return the blind index by which those born on a day are found."""
    return blind_index(BIRTH_INDEX, day.isoformat())


def name_indexes(name: str, latin_name: str) -> list[str]:
    """Return the indexes of the pairs of characters of both names."""
    names = (folded(name), folded(latin_name))
    return sorted({index for each in names for index in bigram_indexes(NAME_INDEX, each)})


def _lock(person: Person) -> Person:
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _read(kind: str, number: str) -> DocumentNumber:
    try:
        known = DocumentKind(kind)
    except ValueError:
        raise Invalid("people.unknown_kind", errors=[FieldError("kind", "people.unknown_kind")]) from None
    return parse(known, number, as_of=_today())


def _today() -> date:
    return legal_day(timezone.now())


def _check(person: Person) -> None:
    wrong = {
        "name": "" if person.name.strip() else "people.name_missing",
        "birth_date": "people.born_in_future" if person.birth_date > _today() else "",
        "sex": "" if person.sex in Sex.values else "people.unknown_sex",
        "region": "" if person.region in Region.values else "people.unknown_region",
    }
    for field in ("name", "latin_name"):
        if len(getattr(person, field)) > LONGEST_NAME:
            wrong[field] = "people.name_too_long"
    errors = [FieldError(field, code, {"most": LONGEST_NAME}) for field, code in wrong.items() if code]
    errors += wrong_household(person)
    if errors:
        raise Invalid("people.person_invalid", errors=errors)


def _refuse_contradictions(person: Person, numbers: Sequence[DocumentNumber]) -> None:
    known = {"birth_date": person.birth_date, "sex": person.sex, "region": person.region}
    codes = dict.fromkeys(code for number in numbers for code in contradictions(number, **known))
    if codes:
        raise Invalid(next(iter(codes)), errors=[FieldError("number", code) for code in codes])


def _insert_number(number: PersonNumber) -> None:
    try:
        with together():
            number.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != _ONE_PERSON:
            raise
        raise _names_someone_else() from error


def _names_someone_else() -> Conflict:
    """Whose number it is stays unsaid."""
    code = "people.number_names_someone_else"
    return Conflict(code, errors=[FieldError("number", code)])
