"""What a granted case brings: a permit, a permit in the place of others, an endorsement, or both settlement papers."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.kinds import ELECTRONIC, HMT, family_of
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import living_in_family
from yizhengtong.permitting.permits.services import endorse_permit, issue_permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.permitting.settlement.services import issue_settlement
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import current_number, current_travel_document


def bring_about(case: Case, law: Law, *, on: date, by: Principal) -> Permit:
    """Do what the item's outcome says, in the transaction of the decision. Returns the permit it is about.

    Raises Conflict with the codes of permits: what stands in the way leaves everything as it was.
    """
    item = item_of(law, case.item)
    return _OUTCOMES.get(item.outcome, _issue)(case, law, item, on, by)


def _issue(case: Case, law: Law, item: ServiceItem, on: date, by: Principal) -> Permit:
    answers = case.application.answers
    return issue_permit(
        **_issued(case, law, item, on, by),
        delivery=answers["delivery"],
        delivery_address=answers.get("delivery_address", ""),
        ground=case.application.ground,
    )


def _convert(case: Case, law: Law, item: ServiceItem, on: date, by: Principal) -> Permit:
    """S4-24: one electronic permit in the place of every earlier one; D12."""
    return issue_permit(
        **_issued(case, law, item, on, by),
        delivery=ELECTRONIC,
        delivery_address="",
        supersedes=family_of(item.permit_kind),
    )


def _endorse(case: Case, law: Law, item: ServiceItem, _on: date, by: Principal) -> Permit:
    """国令663 art. 10: by the day on which it was asked for, so that the time a case takes makes nobody late (I)."""
    permit = permit_to_endorse(case.person, item.permit_kind)
    if permit is None:
        raise Conflict("casework.no_permit_to_endorse")
    endorse_permit(
        permit_id=permit.pk,
        law=law,
        region=case.application.place,
        office_id=case.office_id,
        office_path=case.office_path,
        case_id=case.pk,
        on=case.received_on,
        by=by,
    )
    return permit


def permit_to_endorse(person: Person, kind: str) -> Permit | None:
    """Return the permit that an endorsement is about: the item's kind before other forms, never a lost one."""
    living = [each for each in living_in_family(person, kind) if each.state != PermitState.LOST and each.endorsed_until]
    return min(living, key=lambda each: (each.kind != kind, each.pk), default=None)


def _settle(case: Case, law: Law, _item: ServiceItem, on: date, by: Principal) -> Permit:
    """S0-T24 to S0-T26: approval notice and settlement permit, both or neither; the residence permit is not touched."""
    validity = law.value("settle.notice_validity")
    return issue_settlement(
        person=case.person,
        case_id=case.pk,
        office_id=case.office_id,
        office_path=case.office_path,
        region=case.application.place,
        authority=case.office.name,
        address=case.application.answers["residence_address"],
        validity=law.value("validity"),
        notice_last_day=law.calendar.deadline(on, validity.duration).day if validity else None,
        photo_id=case.photo_id,
        on=on,
        by=by,
    )


_OUTCOMES: Mapping[str, Callable[[Case, Law, ServiceItem, date, Principal], Permit]] = {
    "conversion": _convert,
    "endorsement": _endorse,
    "settlement": _settle,
}


def _issued(case: Case, law: Law, item: ServiceItem, on: date, by: Principal) -> dict[str, Any]:
    """Return what every issue has in common."""
    authority = _authority(case.office)
    return {
        "person": case.person,
        "kind": item.permit_kind,
        "validity": law.value("validity"),
        "case_id": case.pk,
        "office_id": case.office_id,
        "office_path": case.office_path,
        "region": case.application.place,
        "authority": authority,
        "card": card_of(case.person, item.permit_kind, case.application.answers["residence_address"], authority),
        "photo_id": case.photo_id,
        "on": on,
        "by": by,
    }


def card_of(person: Person, kind: str, address: str, authority: str, *, number: str | None = None) -> dict[str, Any]:
    """国办发〔2018〕81号 art. 3, 国令663 art. 4: what a card shows; its number and count of issues come with its issue.

    `number`: the identity number where it is known already.
    """
    shown = {
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "residence_address": address,
        "authority": authority,
    }
    if kind == HMT:
        document = current_travel_document(person)
        return {**shown, "travel_document_number": document.number if document else ""}
    if number is None:
        held = current_number(person, DocumentKind.RESIDENT_ID)
        number = str(held.number) if held else ""
    return {
        **shown,
        "nation": person.nation or "",
        "hukou_address": person.hukou_address or "",
        "identity_number": number,
    }


def _authority(office: Office) -> str:
    """国办发〔2018〕81号 art. 6: the county-level organ signs; a service point is one of its stations."""
    return office.parent.name if office.parent else office.name
