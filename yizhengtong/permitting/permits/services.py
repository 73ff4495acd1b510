"""Issue, make, hand over, lose, replace, void."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import together, use_case
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.dates import add_months, add_years
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.law.values import Validity
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.numbering import number_for
from yizhengtong.permitting.permits.policies import ensure_may_void
from yizhengtong.permitting.permits.queries import living_permits
from yizhengtong.permitting.permits.states import STEPS, PermitState
from yizhengtong.registry.people.models import Person


@use_case
def issue_permit(
    *,
    person: Person,
    kind: str,
    validity: Validity,
    case_id: UUID,
    office_id: UUID,
    office_path: str,
    region: str,
    authority: str,
    card: Mapping[str, Any],
    photo_id: UUID | None,
    delivery: str,
    delivery_address: str,
    on: date,
    by: Principal,
    ground: str = "",
) -> Permit:
    """Issue the permit that a case grants, and end the one it replaces in the same transaction.

    `ground` empty: a first issue. Raises Conflict `permits.already_holds_one`, `permits.numbers_used_up`.
    """
    old = living_permits(person, kind).select_for_update().first()
    if old is not None:
        if not ground:
            raise Conflict("permits.already_holds_one")
        _end(old, action="replace", reason=ground, on=on, by=by)
    number = number_for(person, by=by)
    issue_count = Permit.objects.filter(person=person, kind=kind).count() + 1
    permit = Permit(
        person=person,
        kind=kind,
        number=number,
        number_index=blind_index("permits.number", number),
        issue_count=issue_count,
        region=region,
        authority=authority,
        valid_from=on,
        last_valid_day=last_valid_day(on, validity),
        photo_id=photo_id,
        office_id=office_id,
        office_path=office_path,
        case_id=case_id,
        delivery=delivery,
        delivery_address=delivery_address,
        replaces=old,
        card={**card, "number": number, "issue_count": issue_count},
    )
    try:
        with together():
            permit.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("permits.already_holds_one") from error
    record_act("permits.issue", by=by, on=("permit", permit.pk), person_id=person.pk)
    publish("permits.issued", on=("permit", permit.pk), person_id=person.pk, facts={"kind": kind})
    return permit


def last_valid_day(issued: date, validity: Validity) -> date:
    """Return the last day of a permit issued on `issued`, inclusive.

    Source: 国办发〔2018〕81号 art. 6 for how long, 民法典 art. 202 for where it ends. No expiry: the last date.
    """
    if validity.n is None:
        return date.max
    if validity.unit == "year":
        return add_years(issued, validity.n)
    if validity.unit == "month":
        return add_months(issued, validity.n)
    return issued + timedelta(days=validity.n)


@use_case
def record_made(*, permit_id: UUID, on: date, by: Principal) -> Permit:
    """Record that the card is made and lies ready, or goes to the post."""
    permit = _locked(permit_id)
    permit.made_on = on
    return _step(permit, "record_made", by=by, facts={"delivery": permit.delivery})


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
    permit = _locked(permit_id)
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
    return _step(permit, "hand_over", by=by, facts={"delivery": permit.delivery})


@use_case
def report_loss(*, permit_id: UUID, by: Principal) -> Permit:
    """Record that a holder lost the card: from now on it no longer proves anything."""
    return _step(_locked(permit_id), "report_loss", by=by)


@use_case
def report_found(*, permit_id: UUID, by: Principal) -> Permit:
    """Record that a lost card is back with its holder, if it was not reissued meanwhile."""
    return _step(_locked(permit_id), "report_found", by=by)


@use_case
def void_permit(*, permit_id: UUID, ground: str, allowed: tuple[str, ...], on: date, by: Principal) -> Permit:
    """国办发〔2018〕81号（作废，条号未见）: declare a permit void on a ground of the pack (`allowed`)."""
    permit = _locked(permit_id)
    ensure_may_void(permit, by)
    if ground not in allowed:
        raise Invalid("permits.void_ground_unknown")
    _end(permit, action="void", reason=ground, on=on, by=by)
    return permit


def _locked(permit_id: UUID) -> Permit:
    permit = Permit.objects.select_for_update().filter(pk=permit_id).first()
    if permit is None:
        raise NotFound("not_found")
    return permit


def _end(permit: Permit, *, action: str, reason: str, on: date, by: Principal) -> None:
    permit.ended_on = on
    permit.end_reason = reason
    _step(permit, action, by=by, facts={"reason": reason})


def _step(permit: Permit, action: str, *, by: Principal, facts: Mapping[str, object] | None = None) -> Permit:
    step = STEPS.get((PermitState(permit.state), action))
    if step is None:
        raise Conflict("permits.not_now", state=f"permits.state_{permit.state}")
    permit.state = step.to or _state_before_loss(permit)
    permit.version += 1
    permit.save()
    record_act(f"permits.{action}", by=by, on=("permit", permit.pk), person_id=permit.person_id)
    publish(f"permits.{action}", on=("permit", permit.pk), person_id=permit.person_id, facts=facts)
    return permit


def _state_before_loss(permit: Permit) -> PermitState:
    if permit.handed_over_on is not None or permit.case_id is None:  # an imported one was in its holder's hands
        return PermitState.HELD
    return PermitState.ORDERED if permit.made_on is None else PermitState.MADE
