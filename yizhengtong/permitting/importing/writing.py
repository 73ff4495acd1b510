"""Writing many lines at once: one statement a table, sealed and indexed as one by one, history by its triggers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.retention_classes import class_of
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.dates import CHINA
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.importing.inserting import insert_all
from yizhengtong.permitting.importing.models import Batch, Proposal, Reason, Row, RowState
from yizhengtong.permitting.importing.records import STATES, PermitSaid, Record, StaySaid
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.services import birth_index, name_indexes, number_index
from yizhengtong.registry.residence.models import Registration

IMPORTED, WAITS = "importing.import_row", "importing.row_waits"
PERMIT_KIND = "hmt"
CANCELLED = "cancelled"
"""Why a permit ended that the list calls cancelled: it says no more."""


@dataclass(slots=True)
class Writing:
    """The rows of some lines, gathered and then written together."""

    batch: Batch
    by: Principal
    on: date
    now: datetime = field(default_factory=timezone.now)
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)

    def add(self, *rows: models.Model) -> None:
        for row in rows:
            self.rows.setdefault(type(row), []).append(row)

    def import_line(self, line: int, index: bytes, record: Record) -> UUID:
        """Gather a new person with numbers, permit and stay. Returns the person's id."""
        person = person_of(record)
        permit = permit_of(record, person, self.batch) if record.permit else None
        stay = stay_of(record, person, by=self.by, on=self.on) if record.stay else None
        self.add(person, *numbers_of(record, person), *(row for row in (permit, stay) if row is not None))
        self.add(
            Row(
                batch=self.batch, line=line, row_index=index, state=RowState.IMPORTED, person_id=person.pk,
                permit_id=permit.pk if permit else None, registration_id=stay.pk if stay else None,
                imported_at=self.now,
            )
        )  # fmt: skip
        self.note(IMPORTED, person.pk, ("permit", permit.pk) if permit else ("person", person.pk))
        return person.pk

    def wait(self, line: int, index: bytes, record: Record, like: Mapping[UUID, Reason]) -> None:
        """Gather a line that waits, with a proposal for each person it may be."""
        row = Row(batch=self.batch, line=line, row_index=index, state=RowState.WAITING, record=record.to_json())
        self.add(row)
        for person_id, reason in like.items():
            self.add(Proposal(row=row, person_id=person_id, office_path=self.batch.office_path, reason=reason))
        self.add(self._entry(WAITS, None, ("import_row", row.pk)))

    def note(self, action: str, person_id: UUID, on: tuple[str, UUID]) -> None:
        """Gather the act on record and the event that tells others of it."""
        self.add(self._entry(action, person_id, on))
        self.add(Event(kind=action, at=self.now, object_kind=on[0], object_id=on[1], person_id=person_id))

    def write(self) -> None:
        """Write everything: what is referred to before what refers to it."""
        for model in (Person, PersonNumber, Permit, Registration, Row, Proposal, Entry, Event):
            insert_all(self.rows.get(model, ()))
        self.rows.clear()

    def _entry(self, action: str, person_id: UUID | None, on: tuple[str, UUID]) -> Entry:
        return Entry(
            at=self.now, kind=Entry.Kind.ACT, action=action, actor_kind=self.by.kind, actor_id=self.by.id,
            office_id=self.by.office_id, person_id=person_id, object_kind=on[0], object_id=on[1], purpose=action,
            request_id=str(self.batch.pk), retention=class_of(Entry.Kind.ACT, action, self.by.kind),
        )  # fmt: skip


def row_index(record: Record) -> bytes:
    """Return the keyed hash of all that a line says: the same line is imported once, whatever file it comes in."""
    return blind_index("importing.row", repr(sorted(_flat(record.to_json()))))


def person_of(record: Record) -> Person:
    return Person(
        name=record.name,
        latin_name=record.latin_name,
        birth_date=record.birth_date,
        sex=record.sex,
        region=record.region,
        phone=record.phone,
        name_bigrams=name_indexes(record.name, record.latin_name),
        birth_index=birth_index(record.birth_date),
    )


def numbers_of(record: Record, person: Person) -> list[PersonNumber]:
    return [
        PersonNumber(
            person=person,
            kind=number.kind,
            number=number.text,
            number_index=number_index(number),
            issue_count=number.issue_count,
            valid_until=None if number.kind == DocumentKind.HMT_PERMIT else record.travel_valid_until,
        )
        for number in record.numbers
    ]


def permit_of(record: Record, person: Person, batch: Batch) -> Permit:
    """Return the permit as the list has it: no case granted it here, and whatever its card showed is in the list."""
    said = _said(record.permit)
    office = batch.office
    authority = said.authority or (office.parent.name if office.parent else office.name)
    state = STATES[said.state]
    return Permit(
        person=person,
        kind=PERMIT_KIND,
        number=said.number,
        number_index=blind_index("permits.number", said.number),
        issue_count=said.issue_count,
        region=said.county,
        authority=authority,
        valid_from=said.issued_on,
        last_valid_day=said.last_valid_day,
        state=state,
        card=_card(record, said, authority),
        office_id=office.pk,
        office_path=batch.office_path,
        case_id=None,
        delivery="collect",
        ended_on=said.ended_on,
        end_reason=CANCELLED if state == PermitState.ENDED else "",
        issued_at=datetime.combine(said.issued_on, time.min, CHINA),
    )


def _card(record: Record, said: PermitSaid, authority: str) -> dict[str, Any]:
    return {
        "name": record.name,
        "sex": record.sex,
        "birth_date": record.birth_date.isoformat(),
        "residence_address": record.stay.address if record.stay else "",
        "authority": authority,
        "travel_document_number": record.travel_number,
        "number": said.number,
        "issue_count": said.issue_count,
    }


def stay_of(record: Record, person: Person, *, by: Principal, on: date) -> Registration:
    stay = _stay(record.stay)
    return Registration(
        person=person,
        region=stay.county,
        address=stay.address,
        start=stay.since,
        until=stay.until,
        reported_by=stay.reported_by,
        declared_on=min(stay.since, on),
        recorded_by=by.id,
    )


def _said(permit: PermitSaid | None) -> PermitSaid:
    if permit is None:
        raise ValueError("the line tells of no permit")
    return permit


def _stay(stay: StaySaid | None) -> StaySaid:
    if stay is None:
        raise ValueError("the line tells of no stay")
    return stay


def _flat(kept: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for name, value in kept.items():
        flat += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", str(value))]
    return flat
