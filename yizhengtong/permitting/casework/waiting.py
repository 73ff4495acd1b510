"""The queue as the desk filters and searches it, a page at a time. Rows hold no names: none is opened."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.possible import actions_for
from yizhengtong.permitting.casework.queries import QueuePosition, queue
from yizhengtong.permitting.casework.states import OPEN, STEPS
from yizhengtong.permitting.permits.models import Permit

PAGE = 50
ANY_STEP = "any"
_LOOKED_AT = 2_000
"""Rows that one page reads at most to find those a filter asks for; where they are not enough, the page reads on."""
_AT_ONCE = 200
_PUBLIC = "CAS_"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is asked for. `step`: an action that the officer could take,
    or ANY_STEP; `until`: due on that day or
    before; `mine`: cases in which the officer gave an opinion or could give the next one."""

    states: tuple[str, ...] = OPEN
    item: str = ""
    step: str = ""
    until: date | None = None
    mine: bool = False
    search: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Cases, the most urgent first; `after` reads on."""

    cases: list[Case]
    after: QueuePosition | None


def waiting(*, by: Principal, asked: Asked, after: QueuePosition | None = None, limit: int = PAGE) -> Page:
    """Return a page of what waits in an officer's area. Raises Forbidden, Invalid `casework.search_too_short`."""
    ensure_officer_of(by.office_path, by)
    if asked.search:
        numbered = _numbered(asked.search, by)
        if numbered:
            return Page(numbered[:limit], None)
    found: list[Case] = []
    at_once = limit + 1 if not (asked.item or asked.step or asked.mine) else _AT_ONCE
    for _ in range(_LOOKED_AT // _AT_ONCE):
        rows = queue(by=by, states=asked.states, search=asked.search, after=after, limit=at_once)
        for case in rows:
            if asked.until and case.urgent_on > asked.until:
                return Page(found, None)
            if len(found) == limit:
                return Page(found, after)
            if _fits(case, asked, by):
                found.append(case)
            after = QueuePosition(case.urgent_on, case.pk)
        if len(rows) < at_once:
            return Page(found, None)
    return Page(found, after)


def offices_of(cases: list[Case]) -> dict[UUID, str]:
    """Return the names of the offices of some cases: one statement for a page."""
    return dict(Office.objects.filter(pk__in={case.office_id for case in cases}).values_list("pk", "name"))


def actions_known() -> list[str]:
    """Return the officers' actions of the table of states, each once, in its order."""
    return list(dict.fromkeys(action for (_, action), step in STEPS.items() if step.role is not None))


def _fits(case: Case, asked: Asked, by: Principal) -> bool:
    if asked.item and case.item != asked.item:
        return False
    if asked.until and case.due_on is None:
        return False
    if asked.mine and by.id not in (case.accepted_by, case.reviewed_by, case.approved_by):
        return False
    if not asked.step:
        return True
    actions = actions_for(case, by)
    return bool(actions) if asked.step == ANY_STEP else asked.step in actions


def _numbered(search: str, by: Principal) -> list[Case]:
    """Return the cases of the area that a receipt, application or permit number names, also those that are over.

    So does a public id, which is all that an applicant is shown before a case is accepted.
    """
    text = search.strip().upper()
    own = _of_area(by)
    found = list(own.filter(receipt_number=text)[:PAGE]) or list(own.filter(application_number=text)[:PAGE])
    if text.startswith(_PUBLIC):
        found = _called(text.lower(), own)
    if not found:
        index = blind_index("permits.number", text)
        keys = Permit.objects.filter(number_index=index).values_list("case_id", flat=True)[:PAGE]
        found = list(own.filter(pk__in=[key for key in keys if key]))
    if found:
        record_read("casework.search", by=by, on=("queue", None), person_id=None, purpose="casework", fields=["number"])
    return found


def _called(public: str, cases: QuerySet[Case]) -> list[Case]:
    try:
        return list(cases.filter(pk=parse_public_id("cas", public)))
    except NotFound:
        return []


def _of_area(by: Principal) -> QuerySet[Case]:
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    return Case.objects.filter(area)
