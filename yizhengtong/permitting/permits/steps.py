"""Taking one step of a permit's life: locked, allowed by the table, written, on record, told."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import STEPS, PermitState


def locked(permit_id: UUID) -> Permit:
    """Return a permit, locked until the transaction ends. Raises NotFound."""
    permit = Permit.objects.select_for_update().filter(pk=permit_id).first()
    if permit is None:
        raise NotFound("not_found")
    return permit


def take_step(permit: Permit, action: str, *, by: Principal, facts: Mapping[str, object] | None = None) -> Permit:
    """Take a step that the table allows now. Raises Conflict `permits.not_now`."""
    step = STEPS.get((PermitState(permit.state), action))
    if step is None:
        raise Conflict("permits.not_now", state=f"permits.state_{permit.state}")
    permit.state = step.to or state_before(permit)
    permit.version += 1
    permit.save()
    record_act(f"permits.{action}", by=by, on=("permit", permit.pk), person_id=permit.person_id)
    publish(f"permits.{action}", on=("permit", permit.pk), person_id=permit.person_id, facts=facts)
    return permit


def end(
    permit: Permit, *, action: str, reason: str, on: date, by: Principal, facts: Mapping[str, object] | None = None
) -> None:
    """End a living permit for a reason."""
    permit.ended_on = on
    permit.end_reason = reason
    take_step(permit, action, by=by, facts={"reason": reason, **(facts or {})})


def state_before(permit: Permit) -> PermitState:
    """Return where a permit was before it was lost or suspended."""
    if permit.handed_over_on is not None or permit.case_id is None:  # an imported one was in its holder's hands
        return PermitState.HELD
    return PermitState.ORDERED if permit.made_on is None else PermitState.MADE
