"""Looking at some lines of a list together: who they are, what the records hold, what the rules make of it.

The facts are those that casework.gathering gives for one application, read here for all lines in one statement each.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.confirmed import confirmed_facts
from yizhengtong.permitting.applications.facts import Confirmed, Facts, HeldPermit
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.applications.services import WINDOW
from yizhengtong.permitting.casework.converting.rows import ListedRow, Wrong
from yizhengtong.permitting.casework.forms import CONVERSION_TYPES
from yizhengtong.permitting.casework.models import Case, ConversionRow
from yizhengtong.permitting.casework.rules import (
    Outcome,
    decide,
    may_be_approved_by_rules,
    why_rules_may_not_approve,
)
from yizhengtong.permitting.casework.services.automatic import NOBODY_ANSWERS
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.permitting.permits.kinds import ZHEJIANG
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import LIVING, PermitState
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.names import folded
from yizhengtong.registry.people.services import number_index
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.rules import Stay

BY_PERMIT, BY_STAYS = CONVERSION_TYPES


@dataclass(slots=True)
class Looked:
    """A line with its application as it would be, the facts and what the rules make of them."""

    line: int
    row: ListedRow
    application: Application
    facts: Facts
    outcome: Outcome
    declined: tuple[str, ...]
    numbers: Sequence[bytes]


@dataclass(slots=True)
class Sorted:
    """What becomes of some lines: looked at, known from before, or refused with what is wrong."""

    looked: list[Looked] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    wrong: dict[int, list[Wrong]] = field(default_factory=dict)


@dataclass(slots=True)
class Records:
    """What the records hold of the persons of some lines."""

    persons: Mapping[bytes, Person]
    numbers: Mapping[UUID, list[bytes]]
    permits: Mapping[UUID, list[Permit]]
    stays: Mapping[UUID, list[Stay]]
    undecided: frozenset[tuple[UUID, str]]
    done: set[bytes]


def records_of(rows: Sequence[ListedRow], *, lock: bool) -> Records:
    """Read what is known of some lines, in six statements. `lock`: persons and permits, in the order of their ids."""
    wanted = [number_index(row.number) for row in rows]
    found = PersonNumber.objects.filter(kind=DocumentKind.RESIDENT_ID, number_index__in=wanted, is_current=True)
    by_number = {bytes(index): person_id for index, person_id in found.values_list("number_index", "person_id")}
    ids = sorted(set(by_number.values()))
    people, permits = Person.objects.filter(pk__in=ids), Permit.objects.filter(person_id__in=ids, kind__in=ZHEJIANG)
    permits = permits.filter(state__in=LIVING).order_by("pk")
    if lock:
        people = people.select_for_update(no_key=True).order_by("pk")
        permits = permits.select_for_update()
    persons = {person.pk: person for person in people}
    return Records(
        persons={index: persons[person_id] for index, person_id in by_number.items()},
        numbers=_numbers(ids),
        permits=_by_person(permits),
        stays=_stays(ids),
        undecided=frozenset(
            Case.objects.filter(person_id__in=ids, state__in=UNDECIDED).values_list("person_id", "item")
        ),
        done={
            bytes(index)
            for index in ConversionRow.objects.filter(row_index__in=[row.index for row in rows]).values_list(
                "row_index", flat=True
            )
        },
    )


def _numbers(ids: Sequence[UUID]) -> dict[UUID, list[bytes]]:
    found: dict[UUID, list[bytes]] = defaultdict(list)
    rows = PersonNumber.objects.filter(person_id__in=ids, is_current=True)
    for person_id, index in rows.values_list("person_id", "number_index"):
        found[person_id].append(bytes(index))
    return found


def _by_person(permits: Iterable[Permit]) -> dict[UUID, list[Permit]]:
    found: dict[UUID, list[Permit]] = defaultdict(list)
    for permit in permits:
        found[permit.person_id].append(permit)
    return found


def _stays(ids: Sequence[UUID]) -> dict[UUID, list[Stay]]:
    found: dict[UUID, list[Stay]] = defaultdict(list)
    rows = Registration.objects.filter(person_id__in=ids, is_current=True).order_by("start")
    columns = rows.values_list("person_id", "region", "start", "until", "reported_by", "declared_on")
    for person_id, region, start, until, reported_by, declared_on in columns:
        found[person_id].append(Stay(region, start, until, reported_by, declared_on))
    return found


def look_at(
    rows: Sequence[tuple[int, ListedRow]], records: Records, law: Law, office: Office, on: date, *, answered: bool
) -> Sorted:
    """Sort lines by what becomes of them. `answered`: somebody answers for the rules of the system."""
    sorted_ = Sorted()
    pairs = [pair for line, row in rows if (pair := _identified(line, row, records, sorted_)) is not None]
    applications = [_application(row, person, records, office, law) for _, row, person in pairs]
    confirmed = confirmed_facts(applications)
    for (line, row, person), application in zip(pairs, applications, strict=True):
        if (person.pk, application.item) in records.undecided:
            sorted_.wrong[line] = [Wrong("identity_number", "casework.undecided_case_exists")]
            continue
        facts = _facts(row, person, application, records, confirmed.get(application.pk, {}), on)
        outcome = decide(facts, law, application.item, on)
        declined = _declined(facts, law, application.item, outcome, on, answered=answered)
        sorted_.looked.append(
            Looked(line, row, application, facts, outcome, declined, records.numbers.get(person.pk, []))
        )
    return sorted_


def _identified(line: int, row: ListedRow, records: Records, sorted_: Sorted) -> tuple[int, ListedRow, Person] | None:
    """Return whom a line speaks of, or note why it goes no further."""
    index = row.index
    if index in records.done:
        sorted_.known.append(line)
        return None
    records.done.add(index)
    person = records.persons.get(number_index(row.number))
    if person is None:
        sorted_.wrong[line] = [Wrong("identity_number", "casework.row_person_unknown")]
        return None
    wrong = []
    if folded(person.name) != folded(row.name):
        wrong.append(Wrong("name", "casework.row_name_differs"))
    if row.permit_number and row.permit_number not in {permit.number for permit in records.permits.get(person.pk, ())}:
        wrong.append(Wrong("permit_number", "casework.row_permit_unknown"))
    if wrong:
        sorted_.wrong[line] = wrong
        return None
    return line, row, person


def _application(row: ListedRow, person: Person, records: Records, office: Office, law: Law) -> Application:
    item = BY_PERMIT if records.permits.get(person.pk) else BY_STAYS
    return Application(
        person=person,
        filled_by=person,
        item=item if item in law.items else BY_STAYS,
        place=office.region,
        claims=[row.claim],
        answers={
            "residence_address": row.residence_address,
            "phone": row.phone,
            "service_point": office.code,
            "channel": WINDOW,
            "declares_true": True,
            "acknowledges_cancellation": True,
            "signed_on": row.signed_on.isoformat(),
        },
        state=ApplicationState.SUBMITTED,
        submitted_at=timezone.now(),
        version=2,
    )


def _facts(
    row: ListedRow,
    person: Person,
    application: Application,
    records: Records,
    confirmed: Mapping[str, Confirmed],
    on: date,
) -> Facts:
    held = tuple(_held(permit) for permit in sorted(records.permits.get(person.pk, ()), key=_electronic_first))
    return Facts(
        region=person.region,
        birth_date=person.birth_date,
        place=application.place,
        stays=tuple(records.stays.get(person.pk, ())),
        claims=(row.claim,),
        permit=held[0] if held else None,
        hukou_region=person.hukou_region,
        permits=held,
        confirmed=confirmed,
        asked_on=on,
        channel=WINDOW,
        declares_true=True,
        acknowledges_cancellation=True,
    )


def _electronic_first(permit: Permit) -> tuple[bool, UUID]:
    return permit.kind != "zhejiang_digital", permit.pk


def _held(permit: Permit) -> HeldPermit:
    return HeldPermit(
        permit.state,
        None if permit.last_valid_day == date.max else permit.last_valid_day,
        permit.region,
        permit.kind,
        permit.counted_from or permit.valid_from,
        permit.endorsed_until,
        permit.years_count_from,
        suspended=permit.state == PermitState.SUSPENDED,
    )


def _declined(facts: Facts, law: Law, item_code: str, outcome: Outcome, on: date, *, answered: bool) -> tuple[str, ...]:
    if not may_be_approved_by_rules(law.items[item_code], law) or not answered:
        return (NOBODY_ANSWERS,)
    return why_rules_may_not_approve(facts, law, item_code, outcome, on)
