"""The same step for several cases: first what it will do and what not, then exactly that, case by case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import Invalid, NotFound, Problem
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.policies import ensure_may_read
from yizhengtong.permitting.casework.possible import Possible, steps_of
from yizhengtong.permitting.casework.services import deciding, handing

MOST = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """A case and whether the action will be done to it. `why_not`: code; empty: it will."""

    case: Case
    why_not: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A case that was chosen, and what kept the action from it; empty: it was done."""

    case_id: UUID
    why_not: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


_Do = Callable[[UUID, int, str, date, Principal], object]


def _accept(case_id: UUID, version: int, words: str, on: date, by: Principal) -> object:
    return deciding.accept_case(case_id=case_id, version=version, words=words, on=on, by=by)


def _review(case_id: UUID, version: int, words: str, on: date, by: Principal) -> object:
    return deciding.review_case(case_id=case_id, version=version, recommends="grant", words=words, on=on, by=by)


def _approve(case_id: UUID, version: int, words: str, on: date, by: Principal) -> object:
    return deciding.approve_case(case_id=case_id, version=version, words=words, on=on, by=by)


def _made(case_id: UUID, version: int, _words: str, on: date, by: Principal) -> object:
    return handing.record_card_made(case_id=case_id, version=version, on=on, by=by)


ACTIONS: Mapping[str, _Do] = {"accept": _accept, "review": _review, "approve": _approve, "record_made": _made}
"""A refusal and a notice are written one by one: each has its own reasons. `review` recommends to grant."""


def plan(*, action: str, case_ids: Sequence[UUID], on: date, by: Principal) -> list[Planned]:
    """Say of each case whether the action will be done to it. Reads are recorded; nothing changes.

    Raises Invalid `casework.bulk_unknown`, `casework.bulk_empty` or `casework.bulk_too_many`, NotFound.
    """
    ensure_known(action, case_ids)
    cases = list(
        Case.objects.filter(pk__in=case_ids).select_related("application__person", "office").order_by("urgent_on", "pk")
    )
    if len(cases) < len(set(case_ids)):
        raise NotFound("not_found")
    return [_planned(case, action, on, by) for case in cases]


def do(*, action: str, chosen: Sequence[tuple[UUID, int]], words: str, on: date, by: Principal) -> list[Done]:
    """Take the step in each chosen case at the version that was shown; one that fails leaves the others as they are.

    Raises NotFound for one that the officer may not know of: then nothing is done at all.
    """
    ensure_known(action, [case_id for case_id, _ in chosen])
    return [_one(action, case_id, version, words, on, by) for case_id, version in chosen]


def ensure_known(action: str, case_ids: Sequence[UUID]) -> None:
    """Raise Invalid unless the action is one of ACTIONS and there are some cases, and not too many."""
    if action not in ACTIONS:
        raise Invalid("casework.bulk_unknown")
    if not case_ids:
        raise Invalid("casework.bulk_empty")
    if len(case_ids) > MOST:
        raise Invalid("casework.bulk_too_many", most=MOST)


def _planned(case: Case, action: str, on: date, by: Principal) -> Planned:
    case.person = case.application.person
    try:
        ensure_may_read(case, by)
    except NotFound:
        raise
    except Problem as problem:
        return Planned(case, problem.code, problem.facts)
    record_read(
        "casework.read",
        by=by,
        on=("case", case.pk),
        person_id=case.person_id,
        purpose="casework.bulk",
        fields=["application"],
    )
    possible = next((each for each in steps_of(case, by, examine(case, on)) if each.action == action), None)
    return _of_step(case, action, possible, on)


def _of_step(case: Case, action: str, possible: Possible | None, on: date) -> Planned:
    if possible is None:
        return Planned(case, "casework.not_now", {"state": f"casework.state_{case.state}"})
    if action == "review" and not possible.why_not and not examine(case, on).outcome.granted:
        return Planned(case, "casework.bulk_not_clear")
    return Planned(case, possible.why_not, possible.facts)


def _one(action: str, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Done:
    try:
        with transaction.atomic():
            if action == "review":
                _ensure_clear(case_id, on, by)
            ACTIONS[action](case_id, version, words, on, by)
    except NotFound:
        raise
    except Problem as problem:
        return Done(case_id, problem.code, problem.facts)
    return Done(case_id)


def _ensure_clear(case_id: UUID, on: date, by: Principal) -> None:
    """Many are recommended to be granted at once only where nothing stands against any of them.

    Looked at after the area: how a case of another office stands, and that it is there, is told to nobody.
    """
    case = Case.objects.select_related("application__person", "office").filter(pk=case_id).first()
    if case is None:
        raise NotFound("not_found")
    case.person = case.application.person
    ensure_may_read(case, by)
    if not examine(case, on).outcome.granted:
        raise Invalid("casework.bulk_not_clear")
