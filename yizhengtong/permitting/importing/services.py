"""Importing a list in parts, and an officer's word on who is who."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.versions import ensure_fresh
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.importing.duplicates import Keys, Known, known_like
from yizhengtong.permitting.importing.models import Answer, Batch, Proposal, Reason, Row, RowState
from yizhengtong.permitting.importing.records import STATES, Record
from yizhengtong.permitting.importing.writing import PERMIT_KIND, Writing, numbers_of, permit_of, row_index
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import living_permits
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.services import declare_stay

_ANSWERS = frozenset({Answer.SAME, Answer.DIFFERENT, Answer.LATER})
_NUMBER_IS_TAKEN = "people_number_names_one_person"


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a list: their numbers in the file and their records, and up to which line the list is then done."""

    records: Sequence[tuple[int, Record]]
    last_line: int


@dataclass(slots=True)
class Imported:
    """What became of the lines of a part."""

    imported: list[int] = field(default_factory=list)
    waiting: dict[int, Reason] = field(default_factory=dict)
    known: list[int] = field(default_factory=list)


@use_case
def begin_batch(*, office: Office, list_hash: str, name_hash: str, by: Principal) -> Batch:
    """Return the batch of a list, begun now or where it was left. Raises Forbidden, NotFound."""
    ensure_officer_of(office.path, by)
    ensure_role(by, Role.REGISTRAR)
    batch, is_new = Batch.objects.get_or_create(
        office=office,
        list_hash=list_hash,
        defaults={"office_path": office.path, "name_hash": name_hash, "begun_by": by.id},
    )
    action = "importing.begin_batch" if is_new else "importing.resume_batch"
    record_act(action, by=by, on=("import_batch", batch.pk), person_id=None)
    return batch


@use_case
def import_part(*, batch: Batch, part: Part, on: date, by: Principal) -> Imported:
    """Import some lines and note how far the list is done, all or nothing.

    A line that was imported before is left out; one that may be somebody known waits for an officer's word. Raises
    Conflict `importing.done_elsewhere` when another run did these lines meanwhile.
    """
    batch = Batch.objects.select_for_update(of=("self",)).select_related("office__parent").get(pk=batch.pk)
    if batch.position >= part.last_line:
        raise Conflict("importing.done_elsewhere")
    outcome = Imported()
    writing = Writing(batch, by, on)
    _sort(part, writing, outcome)
    writing.write()
    batch.position = part.last_line
    batch.save(update_fields=["position"])
    return outcome


@use_case
def finish_batch(*, batch: Batch, by: Principal) -> None:
    """Note that a list is done."""
    Batch.objects.filter(pk=batch.pk, finished_at=None).update(finished_at=timezone.now())
    record_act("importing.finish_batch", by=by, on=("import_batch", batch.pk), person_id=None)


def _sort(part: Part, writing: Writing, outcome: Imported) -> None:
    """Import, let wait or leave out each line, looking also at the lines before it in the same part."""
    records = [(line, record, row_index(record), Keys.of(record)) for line, record in part.records]
    done = Row.objects.filter(row_index__in=[index for _, _, index, _ in records])
    seen = {bytes(index) for index in done.values_list("row_index", flat=True)}
    known = known_like([keys for *_, keys in records])
    for line, record, index, keys in records:
        if index in seen:
            outcome.known.append(line)
            continue
        seen.add(index)
        like = known.like(keys)
        if like:
            writing.wait(line, index, record, like)
            outcome.waiting[line] = min(like.values(), key=list(Reason).index)
        else:
            known.add(keys, writing.import_line(line, index, record))
            outcome.imported.append(line)


@use_case
def answer_proposal(*, proposal_id: UUID, answer: str, version: int, on: date, by: Principal) -> Proposal:
    """Say whether a waiting line and a person are the same, different, or that this is answered later.

    SAME links the line to the person, whose own data stay as they are. When all proposals of a line are DIFFERENT it
    is imported as somebody new, unless others have turned up meanwhile who are proposed first. Raises NotFound,
    Forbidden, Stale, Invalid `importing.unknown_answer`, Conflict `importing.answered_already`,
    `importing.number_names_one_person`, `importing.other_permit_number`, `importing.second_living_permit`,
    `residence.overlaps`.
    """
    proposal = lock_proposal(proposal_id, by)
    ensure_fresh(proposal.version, version)
    if answer not in _ANSWERS:
        raise Invalid("importing.unknown_answer")
    if proposal.answer not in {Answer.OPEN, Answer.LATER} or proposal.row.state != RowState.WAITING:
        raise Conflict("importing.answered_already")
    proposal.answer = answer
    proposal.answered_by, proposal.answered_at = by.id, timezone.now()
    proposal.version += 1
    proposal.save()
    record_act(f"importing.answer_{answer}", by=by, on=("import_proposal", proposal.pk), person_id=proposal.person_id)
    if answer == Answer.SAME:
        _link(proposal.row, proposal.person, on=on, by=by)
    elif answer == Answer.DIFFERENT:
        _import_if_nobody(proposal.row, on=on, by=by)
    return proposal


def lock_proposal(proposal_id: UUID, by: Principal) -> Proposal:
    """Return a proposal whose row is locked. Raises NotFound outside the officer's area, Forbidden."""
    proposal = Proposal.objects.filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound("not_found")
    ensure_officer_of(proposal.office_path, by)
    ensure_role(by, Role.REGISTRAR)
    Row.objects.select_for_update().get(pk=proposal.row_id)
    related = Proposal.objects.select_related("person", "row__batch__office__parent")
    proposal = related.get(pk=proposal_id)
    ensure_may_open(proposal.person, by)
    return proposal


def _import_if_nobody(row: Row, *, on: date, by: Principal) -> None:
    """Import a line as somebody new once nobody is left whom it may be."""
    record = Record.from_json(row.record)
    answered = dict(row.proposals.values_list("person_id", "answer"))
    like = _like_now(record)
    if Reason.SAME_NUMBER in (like[person] for person in like if answered.get(person) == Answer.DIFFERENT):
        raise Conflict("importing.number_names_one_person")
    for person_id, reason in like.items():
        if person_id not in answered:
            Proposal.objects.create(row=row, person_id=person_id, office_path=row.batch.office_path, reason=reason)
    if row.proposals.filter(answer__in=(Answer.OPEN, Answer.LATER)).exists():
        return
    writing = Writing(row.batch, by, on)
    person_id = writing.import_line(row.line, bytes(row.row_index), record)
    made = writing.rows.pop(Row)[0]
    try:
        with transaction.atomic():
            writing.write()
    except IntegrityError as error:  # somebody was registered with this number just now
        if broken_constraint(error) != _NUMBER_IS_TAKEN:
            raise
        raise Conflict("importing.number_names_one_person") from error
    assert isinstance(made, Row)  # noqa: S101 narrows the type
    _done(row, RowState.IMPORTED, person_id, made.permit_id, made.registration_id)


def _like_now(record: Record) -> dict[UUID, Reason]:
    keys = Keys.of(record)
    known: Known[UUID] = known_like([keys])
    return known.like(keys)


def _link(row: Row, person: Person, *, on: date, by: Principal) -> None:
    """Give a person what a line tells beyond what is known. What is known of the person is not touched."""
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    record = Record.from_json(row.record)
    _link_numbers(record, person)
    permit = _link_permit(record, person, row.batch)
    stay = _link_stay(record, person, on=on, by=by)
    row.proposals.exclude(answer=Answer.SAME).update(answer=Answer.CLOSED)
    _done(row, RowState.LINKED, person.pk, permit.pk if permit else None, stay.pk if stay else None)
    record_act("importing.link_row", by=by, on=("import_row", row.pk), person_id=person.pk)
    publish("importing.link_row", on=("import_row", row.pk), person_id=person.pk)


def _link_numbers(record: Record, person: Person) -> None:
    """Add numbers that are new; one beside a current document of its kind is kept as a former one."""
    for number in numbers_of(record, person):
        held = PersonNumber.objects.filter(person=person, kind=number.kind)
        if held.filter(number_index=number.number_index).exists():
            continue
        number.is_current = not held.filter(is_current=True).exists()
        if number.kind == DocumentKind.HMT_PERMIT and not number.is_current:
            raise Conflict("importing.other_permit_number")
        try:
            with transaction.atomic():
                number.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict("importing.number_names_one_person") from error


def _link_permit(record: Record, person: Person, batch: Batch) -> Permit | None:
    """Return the permit of a line: the one that is known already, or a new one. None where the line has none."""
    if record.permit is None:
        return None
    known = Permit.objects.filter(person=person, kind=PERMIT_KIND, valid_from=record.permit.issued_on).first()
    if known is not None:
        return known
    if STATES[record.permit.state] in LIVING and living_permits(person, PERMIT_KIND).exists():
        raise Conflict("importing.second_living_permit")
    permit = permit_of(record, person, batch)
    permit.save(force_insert=True)
    return permit


def _link_stay(record: Record, person: Person, *, on: date, by: Principal) -> Registration | None:
    said = record.stay
    if said is None:
        return None
    same = Registration.objects.filter(
        person=person, is_current=True, region=said.county, start=said.since, until=said.until
    ).first()
    if same is not None:
        return same
    return declare_stay(
        person=person, region=said.county, address=said.address, start=said.since, until=said.until,
        reported_by=said.reported_by, declared_on=on, by=by,
    ).registration  # fmt: skip


def _done(row: Row, state: RowState, person_id: UUID, permit_id: UUID | None, stay_id: UUID | None) -> None:
    row.state, row.person_id, row.permit_id, row.registration_id = state, person_id, permit_id, stay_id
    row.record, row.imported_at = None, timezone.now()
    row.save()
