"""After the decision: the card is made and handed over, and the case ends."""

from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.steps import find_step, lock_case, take_step
from yizhengtong.permitting.permits import services as permits


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
    permits.hand_over_card(
        permit_id=_permit_of(case), on=on, by=by, tracking_number=tracking_number, old_card_returned=old_card_returned
    )
    return take_step(case, "hand_over", step, by=by, on=on)


def _permit_of(case: Case) -> UUID:
    if case.permit_id is None:
        raise Conflict("casework.no_permit")
    return case.permit_id
