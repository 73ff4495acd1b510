"""Reading cases: the officers' queue and search, one case, a person's cases, what stands against a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.exchange.queries import pushes_about
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.rules import IN_PERSON
from yizhengtong.permitting.casework.forms import CONVERSION_TYPES
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.models import TO_CHECK, Case
from yizhengtong.permitting.casework.policies import ensure_may_read
from yizhengtong.permitting.casework.rules import Outcome, decide, due
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.names import folded
from yizhengtong.registry.people.queries import number_search_key

_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Where a page of the queue ended."""

    urgent_on: date
    case_id: UUID


def queue(
    *, by: Principal, states: Sequence[str] = OPEN, search: str = "", after: QueuePosition | None = None, limit: int
) -> list[Case]:
    """Return the open cases of an officer's area, the most urgent first. Rows hold no names: none is opened.

    `search`: a name of two characters or more, or a whole document number. Cost grows with the offices of the area and
    the length of the page, not with the cases of the city: each office's part is read from its own index.
    """
    ensure_second_factor(by)
    offices = list(
        Office.objects.filter(Q(path=by.office_path) | Q(path__startswith=f"{by.office_path}.")).values_list(
            "pk", flat=True
        )
    )
    position = [after.urgent_on, after.case_id] if after else [date.min, UUID(int=0)]
    if search:
        record_read("casework.search", by=by, on=("queue", None), person_id=None, purpose="casework", fields=["search"])
        return list(Case.objects.raw(_SEARCHED, [_search_keys(search), offices, list(states), *position, limit]))
    return list(Case.objects.raw(_WAITING, [offices, list(states), *position, limit]))


_OF_KEYS = """
    SELECT casework_case.* FROM {keys} AS found(id) JOIN casework_case USING (id) ORDER BY urgent_on, id
"""
_WAITING = _OF_KEYS.format(keys="casework_waiting(%s::uuid[], %s::text[], %s, %s, %s)")
_SEARCHED = _OF_KEYS.format(keys="casework_found(%s::varchar[], %s::uuid[], %s::text[], %s, %s, %s)")
"""The functions read keys from their index, which no statement can where a row policy stands in between; whole rows,
and the policy, only of the page that is shown."""


def _search_keys(search: str) -> list[str]:
    """Return the keys that a case must hold: of a number the one, of a name each pair of its characters."""
    key = number_search_key(search)
    if key is not None:
        return [key]
    letters = folded(search)
    if len(letters) < _LEAST_LETTERS:
        raise Invalid("web.fields_wrong", errors=[FieldError("search", "casework.search_too_short")])
    return bigram_indexes("casework.search", letters)


def case_for_officer(*, case_id: UUID, by: Principal, purpose: str) -> Case:
    """Return a case of the officer's area; the read is recorded. Raises NotFound."""
    case = _opened(case_id)
    ensure_may_read(case, by)
    record_read(
        "casework.read",
        by=by,
        on=("case", case.pk),
        person_id=case.person_id,
        purpose=purpose,
        fields=["application", "person"],
    )
    return case


def case_for_resident(*, case_id: UUID, acting: Person, on: date) -> Case:
    """Return a case of one's own, or of somebody one may act for. Raises NotFound."""
    case = _opened(case_id)
    ensure_may_touch(case.application, acting, on)
    return case


_OPENED = Prepared(lambda case_id: Case.objects.select_related("application__person", "office").filter(pk=case_id))


def _opened(case_id: UUID) -> Case:
    case = _OPENED.first(case_id)
    if case is None:
        raise NotFound("not_found")
    prefetch_related_objects([case], "application__evidence__document")
    case.person = case.application.person
    return case


def cases_of(person: Person, *, before: UUID | None, limit: int) -> list[Case]:
    """Return a person's cases, the newest first, read on from `before`."""
    cases = Case.objects.filter(person=person).select_related("application", "office").order_by("-id")
    return list(cases.filter(pk__lt=before)[:limit] if before else cases[:limit])


def cases_to_check(*, by: Principal, after: UUID | None, limit: int) -> list[Case]:
    """Return what rules approved and officers are to look at afterwards in an area, in the order of the cases."""
    ensure_officer_of(by.office_path, by)
    area = Office.objects.filter(Q(path=by.office_path) | Q(path__startswith=f"{by.office_path}."))
    found = Case.objects.filter(office__in=area, post_check__in=TO_CHECK).order_by("pk")
    return list((found.filter(pk__gt=after) if after else found)[:limit])


@dataclass(frozen=True, slots=True)
class Opinion:
    """One of the three opinions as anybody may know it: a rule and the office that answers for it, or an officer."""

    action: str
    on: date
    rule: str
    office: str
    words: str


def opinions_of(case: Case) -> list[Opinion]:
    """Return the opinions given in a case, in their order (S4-26). No officer's name: the office answers."""
    entries = list(case.journal.filter(action__in=OPINIONS).order_by("at"))
    answering = {entry.answering_office_id for entry in entries if entry.answering_office_id}
    names = dict(Office.objects.filter(pk__in=answering).values_list("pk", "name")) if answering else {}
    return [
        Opinion(
            entry.action,
            entry.on,
            entry.rule,
            names.get(entry.answering_office_id, case.office.name) if entry.answering_office_id else case.office.name,
            str(entry.opinion.get("words", "")),
        )
        for entry in entries
    ]


OPINIONS = ("accept", "review", "approve", "refuse")


@dataclass(frozen=True, slots=True)
class Clock:
    """Both ends of a case's time: the decision, and what the province's platform acknowledged (S4-14, S4-15).

    Days are legal days, the last ones inclusive; `pushed_at`: when the issue was acknowledged everywhere it goes.
    """

    accepted_on: date | None
    due_on: date | None
    decided_on: date | None
    push_due_on: date | None
    pushed_at: datetime | None

    @property
    def decided_in_time(self) -> bool | None:
        """None: not decided, or no clock runs."""
        return None if self.decided_on is None or self.due_on is None else self.decided_on <= self.due_on

    @property
    def pushed_in_time(self) -> bool | None:
        """None: not acknowledged yet, or no time is set for it."""
        if self.pushed_at is None or self.push_due_on is None:
            return None
        return legal_day(self.pushed_at) <= self.push_due_on


def clock_of(case: Case) -> Clock:
    """Return both ends of a case's clock."""
    push_due_on = None
    if case.accepted_on is not None:
        law = law_for(case.item, case.application.place, case.accepted_on)
        limit = law.values.get("conversion.push_limit") if case.item in CONVERSION_TYPES else None
        push_due_on = due(case.accepted_on, limit, law.calendar).day if limit else None
    return Clock(case.accepted_on, case.due_on, case.decided_on, push_due_on, _pushed_at(case))


def _pushed_at(case: Case) -> datetime | None:
    """Return when the last destination acknowledged the issue; None while one has not, or nothing goes out."""
    if case.permit_id is None:
        return None
    pushes = list(pushes_about([case.permit_id]).filter(kind="permits.issued"))
    acknowledged = [push.acknowledged_at for push in pushes]
    return max((at for at in acknowledged if at), default=None) if all(acknowledged) else None


def look_ahead(*, application: Application, on: date) -> Outcome:
    """Say before the visit what already stands against an application; what only the visit can meet is left out.

    So that nobody books a seat for nothing (S1-038).
    """
    law = law_for(application.item, application.place, on)
    outcome = decide(gather_facts(application, law), law, application.item, on)
    in_person = {f"applications.{rule}" for rule in IN_PERSON}
    return Outcome(tuple(finding for finding in outcome.findings if finding.code not in in_person))
