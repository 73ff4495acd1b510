"""After the decision: the card is made and handed over, and the case ends."""

from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.steps import find_step, lock_case, take_step
from yizhengtong.permitting.casework.states import STEPS, CaseState
from yizhengtong.permitting.permits import services as permits

_WAITING_FOR_CARD = (CaseState.APPROVED, CaseState.MADE)


@use_case
def record_card_made(*, case_id: UUID, version: int, on: date, by: Principal) -> Case:
    """Note that the card came from production."""
    case = lock_case(case_id)
    step = find_step(case, "record_made", by, version)
    permits.record_made(permit_id=_permit_of(case), on=on, by=by)
    return take_step(case, "record_made", step, by=by, on=on)


@use_case
def hand_over(
    *, case_id: UUID, version: int, tracking_number: str, old_card_returned: bool, on: date, by: Principal
) -> Case:
    """Give or post the card, as was chosen, and close the case (D25: the hand-over is recorded)."""
    case = lock_case(case_id)
    step = find_step(case, "hand_over", by, version)
    law = law_for(case.item, case.application.place, case.accepted_on or on)
    permits.hand_over_card(
        permit_id=_permit_of(case),
        on=on,
        by=by,
        tracking_number=tracking_number,
        old_card_returned=old_card_returned,
        asks_old_card_back=law.value("replacement.return_old_card"),
    )
    return take_step(case, "hand_over", step, by=by, on=on)


@use_case
def close_case_of_ended_permit(*, permit_id: UUID, on: date) -> None:
    """End the case of a permit that was voided or replaced before its card was handed over: nothing is left to do."""
    case_id = Case.objects.filter(permit_id=permit_id, state__in=_WAITING_FOR_CARD).values_list("pk", flat=True).first()
    if case_id is None:
        return
    case = lock_case(case_id)
    step = STEPS.get((CaseState(case.state), "close"))
    if step is not None:
        take_step(case, "close", step, by=SYSTEM, on=on)


def _permit_of(case: Case) -> UUID:
    if case.permit_id is None:
        raise Conflict("casework.no_permit")
    return case.permit_id
