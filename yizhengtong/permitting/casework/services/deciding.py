"""Accept, review, approve or refuse, send back, withdraw."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.examination import Examination, ensure_all_judged, examine
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import AppointmentState, Case, Decision, Notice
from yizhengtong.permitting.casework.rules import due
from yizhengtong.permitting.casework.services.judging import frozen
from yizhengtong.permitting.casework.services.steps import find_step, lock_case, take_step
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import issue_permit
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.registry.people.queries import current_travel_document
from yizhengtong.registry.people.representations import confirm_representation


@use_case
def accept_case(*, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Case:
    """Accept on the spot, give a receipt number and start the clock (国办发〔2018〕81号 art. 10; S1-043).

    Raises Conflict `casework.form_not_signed` or `casework.supplement_open`.
    """
    case = lock_case(case_id)
    step = find_step(case, "accept", by, version)
    if case.awaits_supplement:
        raise Conflict("casework.supplement_open")
    if case.signed_form_id is None:
        raise Conflict("casework.form_not_signed")
    law = law_for(case.item, case.application.place, on)
    deadline = due(on, law.value("issue.limit"), law.calendar)
    case.accepted_on = on
    case.due_on, case.is_due_provisional = deadline.day, deadline.provisional
    case.receipt_number = _receipt_number(case.application.place, on)
    return take_step(
        case, "accept", step, by=by, on=on, opinion={"words": words}, facts={"due_on": deadline.day.isoformat()}
    )


def _receipt_number(place: str, on: date) -> str:
    """Return a receipt number: place, day, running number. No source fixes its shape (facts.md 5: N)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('casework_receipt_number')")
        running: int = cursor.fetchone()[0]
    return f"{place}-{on:%Y%m%d}-{running:07d}"


@use_case
def review_case(*, case_id: UUID, version: int, recommends: str, words: str, on: date, by: Principal) -> Case:
    """Give the second opinion: `recommends` is grant or refuse. Every line of the checklist must be judged."""
    case = lock_case(case_id)
    step = find_step(case, "review", by, version)
    ensure_all_judged(examine(case, on))
    return take_step(case, "review", step, by=by, on=on, opinion={"recommends": recommends, "words": words})


@use_case
def send_back(*, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Case:
    """Return a reviewed case to be judged and reviewed again."""
    case = lock_case(case_id)
    step = find_step(case, "send_back", by, version)
    case.reviewed_by = None
    return take_step(case, "send_back", step, by=by, on=on, opinion={"words": words})


@use_case
def approve_case(*, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Permit:
    """Grant: freeze the decision and issue the permit in one transaction.

    Raises Conflict `casework.findings_unmet` when a condition or paper is unmet or unsettled.
    """
    case = lock_case(case_id)
    step = find_step(case, "approve", by, version)
    examination = examine(case, on)
    if not examination.outcome.granted:
        raise Conflict("casework.findings_unmet")
    ensure_all_judged(examination)
    _freeze(case, examination, on=on, by=by)
    _confirm_representation(case, by)
    permit = _issue(case, examination.law, on=on, by=by)
    case.decided_on = on
    case.permit_id = permit.pk
    take_step(case, "approve", step, by=by, on=on, opinion={"words": words}, facts={"granted": True})
    return permit


@use_case
def refuse_case(*, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Notice:
    """Refuse with all unmet conditions and missing papers in one dated notice, and the remedies.

    Raises Conflict `casework.findings_met` when nothing stands against the application,
    Invalid `casework.not_all_judged` naming every line still open.
    """
    case = lock_case(case_id)
    step = find_step(case, "refuse", by, version)
    examination = examine(case, on)
    ensure_all_judged(examination)
    if not examination.outcome.unmet:
        raise Conflict("casework.findings_met")
    _freeze(case, examination, on=on, by=by)
    notice = Notice.objects.create(
        case=case,
        kind=Notice.Kind.REFUSAL,
        issued_on=on,
        findings=[frozen(finding) for finding in examination.outcome.unmet],
        remedies=_remedies(examination.law, on),
    )
    case.decided_on = on
    take_step(case, "refuse", step, by=by, on=on, opinion={"words": words}, facts={"granted": False})
    return notice


@use_case
def withdraw_case(*, case_id: UUID, acting: Person, on: date, by: Principal) -> Case:
    """The applicant takes the application back before it is decided."""
    case = lock_case(case_id)
    ensure_may_touch(case.application, acting, on)
    step = find_step(case, "withdraw", by)
    case.appointments.filter(state=AppointmentState.BOOKED).update(state=AppointmentState.CANCELLED)
    return take_step(case, "withdraw", step, by=by, on=on)


def _freeze(case: Case, examination: Examination, *, on: date, by: Principal) -> None:
    law = examination.law
    Decision.objects.create(
        case=case,
        facts=examination.facts.to_json(),
        item=case.item,
        place=case.application.place,
        subject=law.subject,
        law_on=law.on,
        looked_on=on,
        law_hash=law.hash,
        pack_hashes=[text_hash for _, text_hash in law.pack_hashes],
        granted=examination.outcome.granted,
        findings=[frozen(finding) for finding in examination.outcome.findings],
        by=by.id,
    )


def _confirm_representation(case: Case, by: Principal) -> None:
    """Note on the guardianship itself that its proof was judged: it was declared by the guardian until now."""
    application = case.application
    if not application.relation or by.id is None:
        return
    held = Representation.objects.filter(
        representative_id=application.filled_by_id, represented_id=application.person_id, confirmed_by=None
    ).first()
    if held is not None:
        confirm_representation(representation=held, confirmed_by=by.id, by=by)


def _issue(case: Case, law: Law, *, on: date, by: Principal) -> Permit:
    item = item_of(law, case.item)
    application = case.application
    authority = _authority(case.office)
    answers = application.answers
    return issue_permit(
        person=case.person,
        kind=item.permit_kind,
        validity=law.value("validity"),
        case_id=case.pk,
        office_id=case.office_id,
        office_path=case.office_path,
        region=application.place,
        authority=authority,
        card=_card(case.person, answers["residence_address"], authority),
        photo_id=case.photo_id,
        delivery=answers["delivery"],
        delivery_address=answers.get("delivery_address", ""),
        on=on,
        by=by,
        ground=application.ground,
    )


def _card(person: Person, address: str, authority: str) -> dict[str, Any]:
    """国办发〔2018〕81号 art. 3: what a card shows; the number and the count of issues are added when it is issued."""
    document = current_travel_document(person)
    return {
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "residence_address": address,
        "authority": authority,
        "travel_document_number": document.number if document else "",
    }


def _authority(office: Office) -> str:
    """国办发〔2018〕81号 art. 6: the county-level organ signs; a service point is one of its stations."""
    return office.parent.name if office.parent else office.name


def _remedies(law: Law, on: date) -> list[dict[str, str]]:
    """行政复议法 art. 20, 行政诉讼法 art. 46, as the pack has them: what can be done against a refusal, until when."""
    remedies = []
    for key in ("remedy.reconsideration", "remedy.lawsuit"):
        parameter = law[key]
        until = law.calendar.deadline(on, parameter.value.duration).day
        remedies.append({"code": key, "until": until.isoformat(), "source": str(parameter.source)})
    return remedies
