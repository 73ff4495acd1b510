"""Issue, make, hand over, lose, void, endorse, end functions: everything that is done to one permit."""

from datetime import date
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Invalid
from yizhengtong.permitting.permits.endorsing import endorse_permit
from yizhengtong.permitting.permits.issuing import CONVERTED, Known, issue_permit, issued_counts, last_valid_day
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.numbering import document_numbers
from yizhengtong.permitting.permits.policies import ensure_may_end_functions, ensure_may_void
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.permitting.permits.steps import end, locked, take_step

__all__ = [
    "CONVERTED",
    "Known",
    "document_numbers",
    "end_functions",
    "endorse_permit",
    "hand_over_card",
    "issue_permit",
    "issued_counts",
    "last_valid_day",
    "record_made",
    "report_found",
    "report_loss",
    "void_permit",
]


@use_case
def record_made(*, permit_id: UUID, on: date, by: Principal) -> Permit:
    """Record that the card is made and lies ready, or goes to the post."""
    permit = locked(permit_id)
    permit.made_on = on
    return take_step(permit, "record_made", by=by, facts={"delivery": permit.delivery})


@use_case
def hand_over_card(
    *,
    permit_id: UUID,
    on: date,
    by: Principal,
    tracking_number: str = "",
    old_card_returned: bool = False,
    asks_old_card_back: bool = True,
) -> Permit:
    """Record how the card reached its holder: collected, or posted under a tracking number (D25).

    `asks_old_card_back`: the pack's replacement.return_old_card. Raises Invalid `permits.tracking_number_needed`, or
    `permits.old_card_not_returned` when it replaces a card that is not lost and the old one was not handed back.
    """
    permit = locked(permit_id)
    if permit.delivery == "post" and not tracking_number:
        raise Invalid("permits.tracking_number_needed")
    replaced = permit.replaces
    is_in_hand = replaced is not None and replaced.end_reason != "lost"
    if asks_old_card_back and is_in_hand and not old_card_returned:
        raise Invalid("permits.old_card_not_returned")
    permit.handed_over_on = on
    permit.handed_over_by = by.id
    permit.tracking_number = tracking_number
    permit.old_card_returned = old_card_returned
    return take_step(permit, "hand_over", by=by, facts={"delivery": permit.delivery})


@use_case
def report_loss(*, permit_id: UUID, by: Principal) -> Permit:
    """Record that a holder lost the card: from now on it no longer proves anything."""
    return take_step(locked(permit_id), "report_loss", by=by)


@use_case
def report_found(*, permit_id: UUID, by: Principal, on: date | None = None) -> Permit:
    """Record that a lost card is back with its holder, if it was not reissued meanwhile.

    One whose endorsement fell due in between comes back suspended.
    """
    permit = take_step(locked(permit_id), "report_found", by=by)
    is_overdue = permit.endorsed_until is not None and (on or legal_day(timezone.now())) > permit.endorsed_until
    return take_step(permit, "suspend", by=by) if is_overdue and permit.state != PermitState.SUSPENDED else permit


@use_case
def void_permit(*, permit_id: UUID, ground: str, allowed: tuple[str, ...], on: date, by: Principal) -> Permit:
    """国办发〔2018〕81号（作废，条号未见）: declare a permit void on a ground of the pack (`allowed`)."""
    permit = locked(permit_id)
    ensure_may_void(permit, by)
    if ground not in allowed:
        raise Invalid("permits.void_ground_unknown")
    end(permit, action="void", reason=ground, on=on, by=by)
    return permit


@use_case
def end_functions(*, permit_id: UUID, ground: str, allowed: tuple[str, ...], on: date, by: Principal) -> Permit:
    """杭州市流动人口服务管理规定 art. 21: end a permit's functions on a ground of the pack's `functions.end_grounds`.

    `allowed`: those grounds. Raises Invalid `permits.end_ground_unknown`.
    """
    permit = locked(permit_id)
    ensure_may_end_functions(permit, by)
    if ground not in allowed:
        raise Invalid("permits.end_ground_unknown")
    end(permit, action="end_functions", reason=ground, on=on, by=by)
    return permit
