"""Reading cases: the officers' queue and search, one case, a person's cases, what stands against a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.rules import IN_PERSON
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.policies import ensure_may_read
from yizhengtong.permitting.casework.rules import Outcome, decide
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


def look_ahead(*, application: Application, on: date) -> Outcome:
    """Say before the visit what already stands against an application; what only the visit can meet is left out.

    So that nobody books a seat for nothing (S1-038).
    """
    law = law_for(application.item, application.place, on)
    outcome = decide(gather_facts(application, law), law, application.item, on)
    in_person = {f"applications.{rule}" for rule in IN_PERSON}
    return Outcome(tuple(finding for finding in outcome.findings if finding.code not in in_person))
