"""Writing what became of some lines: the same rows as one case after another writes, in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.retention_classes import class_of
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.transactions import whole_request
from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.kernel.errors import Conflict
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.converting.looking import Looked
from yizhengtong.permitting.casework.models import Case, ConversionList, ConversionRow, Decision, JournalEntry
from yizhengtong.permitting.casework.rules import due
from yizhengtong.permitting.casework.services.automatic import (
    APPROVING,
    REVIEWING,
    STANDS_IN_THE_WAY,
    sampled,
)
from yizhengtong.permitting.casework.services.judging import frozen
from yizhengtong.permitting.casework.services.outcomes import card_of
from yizhengtong.permitting.casework.services.receipts import next_numbers, receipt_number, written_number
from yizhengtong.permitting.casework.services.steps import ByRule
from yizhengtong.permitting.casework.states import STEPS, CaseState
from yizhengtong.permitting.permits.kinds import ELECTRONIC, family_of
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import Known, document_numbers, issue_permit, issued_counts
from yizhengtong.registry.people.names import folded
from yizhengtong.registry.people.queries import search_key

_PATH = (
    ("receive", None, CaseState.RECEIVED),
    ("accept", CaseState.RECEIVED, CaseState.ACCEPTED),
    ("review", CaseState.ACCEPTED, CaseState.REVIEWED),
    ("approve", CaseState.REVIEWED, CaseState.APPROVED),
    ("complete", CaseState.APPROVED, CaseState.COMPLETED),
)
_ORDER: tuple[type[Model], ...] = (Application, Case, JournalEntry, Decision, ConversionRow, Entry, Event)
_BY_RULE = {"review": REVIEWING, "approve": APPROVING}
_ACCEPTED_AFTER = 2
"""How many steps of the path are taken where officers go on."""


@dataclass(slots=True)
class Writing:
    """Gathers the rows of some lines and writes them, what is referred to first."""

    run: ConversionList
    office: Office
    law: Law
    rules: Mapping[str, ByRule]
    on: date
    by: Principal
    living: dict[UUID, list[Permit]] = field(default_factory=dict)
    """The living permits of each person, locked with the person; who is not in it has none."""
    rows: dict[type[Any], list[Any]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    issued: dict[UUID, int] = field(default_factory=dict)
    before: list[Event] = field(default_factory=list)

    def write(self, looked: Sequence[Looked]) -> dict[int, tuple[str, ...]]:
        """Write lines. Returns why each that was not converted was left to officers."""
        receipts = next_numbers("casework_receipt_number", len(looked))
        applications = next_numbers("casework_application_number", len(looked))
        cases = [self._case(*each) for each in zip(looked, receipts, applications, strict=True)]
        Event.objects.bulk_create(self.before)
        self._read_ahead([each for each in looked if not each.declined])
        left = {}
        with whole_request():  # a line that fails is undone by its own savepoint, which is enough
            for each, case in zip(looked, cases, strict=True):
                declined = each.declined or self._convert(each, case)
                if declined:
                    left[each.line] = declined
                    case.automatic_declined_because = list(declined)
                self._record(each, case)
        for model in _ORDER:
            model._default_manager.bulk_create(self.rows.get(model, ()))
        return left

    def _case(self, looked: Looked, receipt: int, application: int) -> Case:
        deadline = due(self.on, self.law.value(self.law.items[looked.application.item].limit), self.law.calendar)
        person = looked.application.person
        case = Case(
            application=looked.application, person=person, item=looked.application.item, office=self.office,
            office_path=self.office.path, state=CaseState.ACCEPTED, version=2, received_on=self.on,
            receipt_number=receipt_number(self.office.region, self.on, receipt), accepted_on=self.on,
            due_on=deadline.day, urgent_on=deadline.day, is_due_provisional=deadline.provisional,
            accepted_by=self.by.id, application_number=written_number(self.office.region, self.on, application),
            search_keys=sorted({*bigram_indexes("casework.search", folded(person.name)),
                                *(search_key(index) for index in looked.numbers)}),
        )  # fmt: skip
        for kind in ("cases.received", "cases.accepted"):
            self.before.append(self._event(kind, case))
        return case

    def _read_ahead(self, looked: Sequence[Looked]) -> None:
        """Read for all lines at once what each issue needs."""
        people = {each.application.person_id for each in looked}
        kinds = {self.law.items[each.application.item].permit_kind for each in looked}
        self.issued = {key: value for kind in kinds for key, value in issued_counts(people, kind).items()}
        self.numbers = document_numbers(len(looked), region=self.office.region, on=self.on)[::-1]

    def _convert(self, looked: Looked, case: Case) -> tuple[str, ...]:
        """Issue the permit and end the earlier ones, or say what stands in the way."""
        person_id = looked.application.person_id
        known = Known(tuple(self.living.pop(person_id, ())), self.numbers.pop(), self.issued[person_id])
        permit = self._issue(looked, case, known)
        if permit is None:
            return (STANDS_IN_THE_WAY,)
        self.living[person_id], self.issued[person_id] = [permit], known.issued_before + 1
        case.permit_id, case.decided_on = permit.pk, self.on
        case.state, case.version, case.post_check = CaseState.COMPLETED, len(_PATH), sampled()
        self._add(self._decision(looked, case))
        return ()

    def _issue(self, looked: Looked, case: Case, known: Known) -> Permit | None:
        application, item = looked.application, self.law.items[looked.application.item]
        authority = self.office.parent.name if self.office.parent else self.office.name
        try:
            with transaction.atomic():
                return issue_permit(
                    person=application.person, kind=item.permit_kind, validity=self.law.value("validity"),
                    case_id=case.pk, office_id=self.office.pk, office_path=self.office.path,
                    region=self.office.region, authority=authority,
                    card=card_of(application.person, item.permit_kind, looked.row.residence_address, authority,
                                 number=looked.row.number.text),
                    photo_id=None, delivery=ELECTRONIC, delivery_address="", on=self.on, by=SYSTEM,
                    supersedes=family_of(item.permit_kind), known=known,
                )  # fmt: skip
        except Conflict:
            return None

    def _record(self, looked: Looked, case: Case) -> None:
        is_converted = case.permit_id is not None
        self._add(looked.application)
        self._add(case)
        row = ConversionRow(
            list=self.run, line=looked.line, row_index=looked.row.index, case=case, is_converted=is_converted
        )
        self._add(row)
        path = _PATH if is_converted else _PATH[:_ACCEPTED_AFTER]
        self._add(self._entry("applications.submit", self.by, ("application", looked.application.pk), case))
        for action, start, end in path:
            self._add(self._journal(case, action, start, end))
            by = self.by if action in {"receive", "accept"} else SYSTEM
            self._add(self._entry(f"casework.{action}", by, ("case", case.pk), case))
        if is_converted:
            for kind in ("casework.review", "cases.approved", "casework.complete"):
                self._add(self._event(kind, case))

    def _journal(self, case: Case, action: str, start: CaseState | None, end: CaseState) -> JournalEntry:
        rule = self.rules[_BY_RULE[action]] if action in _BY_RULE else None
        by = self.by if action in {"receive", "accept"} else SYSTEM
        source = STEPS[start, action].source if start else self.law.items[case.item].source.text
        return JournalEntry(
            case=case, action=action, from_state=start or "", to_state=end, by_kind=by.kind, by=by.id, source=source,
            on=self.on, rule=rule.rule if rule else "", answering_office_id=rule.office_id if rule else None,
            answering_officer=rule.officer_id if rule else None,
        )  # fmt: skip

    def _decision(self, looked: Looked, case: Case) -> Decision:
        return Decision(
            case=case, facts=looked.facts.to_json(), item=case.item, place=self.office.region,
            subject=self.law.subject, law_on=self.law.on, looked_on=self.on, law_hash=self.law.hash,
            pack_hashes=[text_hash for _, text_hash in self.law.pack_hashes], granted=True,
            findings=[frozen(finding) for finding in looked.outcome.findings],
        )  # fmt: skip

    def _event(self, kind: str, case: Case) -> Event:
        facts: dict[str, object] = {
            "item": case.item, "office": str(self.office.pk),
            "due_on": case.due_on.isoformat() if case.due_on and kind != "cases.received" else None,
        }  # fmt: skip
        if kind == "cases.approved":
            facts["granted"] = True
        return Event(kind=kind, object_kind="case", object_id=case.pk, person_id=case.person_id, facts=facts)

    def _entry(self, action: str, by: Principal, on: tuple[str, Any], case: Case) -> Entry:
        return Entry(
            at=timezone.now(), kind=Entry.Kind.ACT, action=action, actor_kind=by.kind, actor_id=by.id,
            office_id=by.office_id, person_id=case.person_id, object_kind=on[0], object_id=on[1], purpose=action,
            request_id=str(self.run.pk), retention=class_of(Entry.Kind.ACT, action, by.kind),
        )  # fmt: skip

    def _add(self, row: Any) -> None:
        self.rows.setdefault(type(row), []).append(row)
