"""What officers see of imports: batches, two records side by side, where a permit came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yizhengtong.foundation.accounts.policies import ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.importing.models import Answer, Batch, Proposal, Row, RowState
from yizhengtong.permitting.importing.records import Record
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.names import same_name
from yizhengtong.registry.residence.models import Registration

_PURPOSE = "importing.compare"


@dataclass(frozen=True, slots=True)
class Pair:
    """A waiting line and a person, field by field, and the fields that differ."""

    proposal: Proposal
    record: Record
    person: Person
    numbers: Sequence[PersonNumber]
    permits: Sequence[Permit]
    stays: Sequence[Registration]

    @property
    def differing(self) -> list[str]:
        """Return the names of the fields that say different things; names are compared without width and variants."""
        pairs = {
            "name": same_name(self.record.name, self.person.name),
            "latin_name": not self.record.latin_name or same_name(self.record.latin_name, self.person.latin_name),
            "birth_date": self.record.birth_date == self.person.birth_date,
            "sex": self.record.sex == self.person.sex,
            "region": self.record.region == self.person.region,
        }
        held = {(number.kind, number.number) for number in self.numbers}
        is_held = all((str(number.kind), number.text) in held for number in self.record.numbers)
        return [*(name for name, is_same in pairs.items() if not is_same), *([] if is_held else ["numbers"])]


def batches(by: Principal) -> QuerySet[Batch]:
    """Return the imports of the officer's area, the newest first, with their rows counted by state."""
    _ensure_registrar(by)
    counts = {state: Count("rows", filter=Q(rows__state=state)) for state in RowState.values}
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    return Batch.objects.filter(area).select_related("office").annotate(**counts).order_by("-begun_at", "-id")


def open_proposals(by: Principal, *, after: UUID | None = None) -> QuerySet[Proposal]:
    """Return the proposals that wait in the officer's area, in order of their id."""
    _ensure_registrar(by)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    waiting = Proposal.objects.filter(area, answer__in=(Answer.OPEN, Answer.LATER)).select_related("row")
    return (waiting.filter(pk__gt=after) if after else waiting).order_by("pk")


def pair_of(*, proposal_id: UUID, by: Principal) -> Pair:
    """Return two records side by side; the read of the person is recorded. Raises NotFound, also once it is settled."""
    _ensure_registrar(by)
    proposal = Proposal.objects.select_related("row__batch", "person").filter(pk=proposal_id).first()
    if proposal is None or not by.covers(proposal.office_path) or proposal.row.record is None:
        raise NotFound("not_found")
    person = proposal.person
    ensure_may_open(person, by)
    record_read(
        "importing.compare", by=by, on=("import_proposal", proposal.pk), person_id=person.pk, purpose=_PURPOSE,
        fields=["name", "birth_date", "numbers", "permits", "stays"],
    )  # fmt: skip
    return Pair(
        proposal=proposal,
        record=Record.from_json(proposal.row.record),
        person=person,
        numbers=list(person.numbers.filter(is_current=True).order_by("pk")),
        permits=list(Permit.objects.filter(person=person).order_by("-issued_at")),
        stays=list(Registration.objects.filter(person=person, is_current=True).order_by("start")),
    )


def source_of(*, permit_id: UUID, by: Principal) -> Row:
    """Return the line that a permit was imported from. Raises NotFound for one that was not, or of another area."""
    ensure_second_factor(by)
    row = Row.objects.select_related("batch").filter(permit_id=permit_id).first()
    if row is None or not by.covers(row.batch.office_path):
        raise NotFound("not_found")
    record_read(
        "importing.source", by=by, on=("permit", permit_id), person_id=row.person_id, purpose="importing.source",
        fields=["source"],
    )  # fmt: skip
    return row


def _ensure_registrar(by: Principal) -> None:
    ensure_second_factor(by)
    ensure_role(by, Role.REGISTRAR)
