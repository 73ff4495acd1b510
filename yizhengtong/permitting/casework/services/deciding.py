"""Accept, review, approve or refuse, send back, withdraw."""

from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.examination import ensure_all_judged, examine
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import AppointmentState, Case, Notice
from yizhengtong.permitting.casework.rules import form_is_signed_at_counter
from yizhengtong.permitting.casework.services.automatic import decide_by_rules
from yizhengtong.permitting.casework.services.granting import freeze, grant
from yizhengtong.permitting.casework.services.judging import frozen
from yizhengtong.permitting.casework.services.receipts import start_clock
from yizhengtong.permitting.casework.services.steps import find_step, lock_case, take_step
from yizhengtong.permitting.casework.takingin import ensure_takes_in
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.registry.people.representations import confirm_representation


@use_case
def accept_case(*, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Case:
    """Accept on the spot, give a receipt number and start the clock (国办发〔2018〕81号 art. 10; S1-043; S3-31).

    Where the item's pack lets the system review and approve, it does so at once if it can (S4-13, D24). Raises Conflict
    `casework.form_not_signed` where the item's form is signed at the counter, or `casework.supplement_open`.
    """
    case = lock_case(case_id)
    step = find_step(case, "accept", by, version)
    if case.awaits_supplement:
        raise Conflict("casework.supplement_open")
    law = law_for(case.item, case.application.place, on)
    ensure_takes_in(case.office, law)
    if case.signed_form_id is None and form_is_signed_at_counter(item_of(law, case.item)):
        raise Conflict("casework.form_not_signed")
    start_clock(case, law, on)
    take_step(case, "accept", step, by=by, on=on, opinion={"words": words})
    return decide_by_rules(case, law, on=on)


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
    freeze(case, examination, on=on, by=by)
    _confirm_representation(case, by)
    return grant(case, step, examination, on=on, by=by, opinion={"words": words})


@use_case
def refuse_case(*, case_id: UUID, version: int, words: str, on: date, by: Principal) -> Notice:
    """Refuse with all unmet conditions and missing papers in one dated notice, and the remedies.

    Raises Conflict `casework.findings_met` when nothing stands against the application, `casework.line_doubtful` when a
    line is in doubt (the applicant is asked first),
    Invalid `casework.not_all_judged` naming every line still open.
    """
    case = lock_case(case_id)
    step = find_step(case, "refuse", by, version)
    examination = examine(case, on)
    ensure_all_judged(examination)
    if not examination.outcome.unmet:
        raise Conflict("casework.findings_met")
    if case.judgements.filter(is_doubtful=True).exists():
        raise Conflict("casework.line_doubtful")
    freeze(case, examination, on=on, by=by)
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


def _remedies(law: Law, on: date) -> list[dict[str, str]]:
    """行政复议法 art. 20, 行政诉讼法 art. 46, as the pack has them: what can be done against a refusal, until when."""
    remedies = []
    for key in ("remedy.reconsideration", "remedy.lawsuit"):
        parameter = law[key]
        until = law.calendar.deadline(on, parameter.value.duration).day
        remedies.append({"code": key, "until": until.isoformat(), "source": str(parameter.source)})
    return remedies
