"""Reading what came of a settlement."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration
from yizhengtong.permitting.settlement.rules import NextStep, next_steps


@dataclass(frozen=True, slots=True)
class Settled:
    """The approval notice of a case, its household registration, and what the person does next."""

    notice: ApprovalNotice | None = field(default=None, repr=False)
    registration: HouseholdRegistration | None = None
    next: tuple[NextStep, ...] = ()


def settled_by(case_id: UUID, on: date) -> Settled:
    """Return what a case brought; nothing where it was not a settlement, or is not approved."""
    notice = ApprovalNotice.objects.select_related("registration").filter(case_id=case_id).first()
    if notice is None:
        return Settled()
    law = law_in_force(notice.region, "settlement", on)
    registration = getattr(notice, "registration", None)
    state = Permit.objects.filter(pk=notice.permit_id).values_list("state", flat=True).first()
    steps = next_steps(
        is_handed_over=state == PermitState.HELD,
        is_registered=registration is not None,
        household=law["household.needs"].source,
        card=law["identity_card.duty_on_registration"].source,
    )
    return Settled(notice, registration, steps)
