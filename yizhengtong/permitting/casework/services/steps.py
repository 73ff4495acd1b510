"""Taking one step of the state table: lock, version, state, policy; then journal, audit, event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.web.versions import ensure_fresh
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.casework.models import Case, JournalEntry
from yizhengtong.permitting.casework.policies import ensure_may_know_of, ensure_may_take
from yizhengtong.permitting.casework.states import STEPS, CaseState, Step

_LOCKED = Prepared(
    lambda case_id: (
        Case.objects.select_for_update(of=("self",)).select_related("application__person", "office").filter(pk=case_id)
    )
)


def lock_case(case_id: UUID) -> Case:
    """Return a case, locked until the transaction ends. Raises NotFound."""
    case = _LOCKED.first(case_id)
    if case is None:
        raise NotFound("not_found")
    case.person = case.application.person
    return case


def find_step(case: Case, action: str, by: Principal, version: int | None = None) -> Step:
    """Return the step an action takes now.

    Raises NotFound before anything else would tell an outsider that the case exists; then Stale unless the case is at
    `version` (None: any), Conflict `casework.not_now`, or what the policy says.
    """
    if by.kind == PrincipalKind.STAFF:
        ensure_may_know_of(case, by)
    if version is not None:
        ensure_fresh(case.version, version)
    step = STEPS.get((CaseState(case.state), action))
    if step is None:
        raise Conflict("casework.not_now", state=f"casework.state_{case.state}")
    ensure_may_take(step, case, by)
    return step


@dataclass(frozen=True, slots=True)
class ByRule:
    """A named rule of the system that gives an opinion, its office and the officer who answers for it (D24)."""

    rule: str
    office_id: UUID
    officer_id: UUID | None


def take_step(
    case: Case,
    action: str,
    step: Step,
    *,
    by: Principal,
    on: date,
    opinion: Mapping[str, Any] | None = None,
    facts: Mapping[str, object] | None = None,
    rule: ByRule | None = None,
) -> Case:
    """Move a locked case, journal it, and tell. `rule`: it is that rule's opinion, and nobody's."""
    from_state = case.state
    case.state = step.to
    if step.opinion:
        setattr(case, step.opinion, by.id)
    case.version += 1
    case.save()
    write_journal(case, action, from_state, step.source, by=by, on=on, opinion=opinion, rule=rule)
    record_act(f"casework.{action}", by=by, on=("case", case.pk), person_id=case.person_id)
    tell(case, step.event, facts)
    return case


def tell(case: Case, event: str, facts: Mapping[str, object] | None = None) -> None:
    """Publish what happened to a case: its item, its office, the day it is due. Nothing of the person."""
    told = {
        "item": case.item,
        "office": str(case.office_id),
        "due_on": case.due_on.isoformat() if case.due_on else None,
    }
    publish(event, on=("case", case.pk), person_id=case.person_id, facts={**told, **(facts or {})})


def write_journal(
    case: Case,
    action: str,
    from_state: str,
    source: str,
    *,
    by: Principal,
    on: date,
    opinion: Mapping[str, Any] | None = None,
    rule: ByRule | None = None,
) -> None:
    """Write what happened into the case's journal."""
    JournalEntry.objects.create(
        case=case,
        action=action,
        from_state=from_state,
        to_state=case.state,
        by_kind=by.kind,
        by=by.id,
        opinion=dict(opinion or {}),
        rule=rule.rule if rule else "",
        answering_office_id=rule.office_id if rule else None,
        answering_officer=rule.officer_id if rule else None,
        source=source,
        on=on,
    )
