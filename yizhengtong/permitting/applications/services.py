"""Start, fill in, attach, submit, discard."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.transactions import together, use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound, Stale
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.applications.confirming import confirm_at_submission, confirm_from_registers
from yizhengtong.permitting.applications.models import Application, ApplicationState, Confirmation, Evidence
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import relation_to

WINDOW = "window"
"""The answer `channel` of who comes to a window; else it is filled in online."""
_ASKED = ("residence_address", "phone", "delivery", "service_point")


def _nothing_else(_application: Application, _law: Law, _on: date) -> list[FieldError]:
    return []


def is_handed_over(item: ServiceItem) -> bool:
    """Whether something is made that is handed over or posted; an endorsement or an electronic permit is not."""
    return any(step.step == "hand_over" for step in item.steps)


def item_of(law: Law, code: str) -> ServiceItem:
    """Return a service item of the place's law. Raises Invalid `applications.item_unknown`."""
    item = law.items.get(code)
    if item is None:
        raise Invalid("web.fields_wrong", errors=[FieldError("item", "applications.item_unknown")])
    return item


@use_case
def start_application(
    *, person: Person, acting: Person, item: str, place: str, ground: str = "", law: Law, on: date, by: Principal
) -> Application:
    """Open a draft. Raises Conflict `applications.draft_exists`; NotFound when `acting` may not act for the person."""
    service_item = item_of(law, item)
    if ground not in (service_item.grounds or ("",)):
        raise Invalid("web.fields_wrong", errors=[FieldError("ground", "applications.ground_unknown")])
    application = Application(
        person=person, filled_by=acting, relation=relation_to(acting, person, on), item=item, place=place, ground=ground
    )
    ensure_may_touch(application, acting, on)
    try:
        with together():
            application.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("applications.draft_exists") from error
    record_act("applications.start", by=by, on=("application", application.pk), person_id=person.pk)
    return application


@use_case
def save_answers(
    *,
    application_id: UUID,
    answers: Mapping[str, Any],
    claims: Sequence[str] | None,
    acting: Person,
    version: int,
    on: date,
    by: Principal,
) -> Application:
    """Add answers to a draft; what is not named stays. Raises Stale, Conflict `applications.submitted_already`."""
    application = _draft(application_id, acting, on)
    if application.version != version:
        raise Stale("web.stale_version")
    application.answers = {**application.answers, **answers}
    if claims is not None:
        application.claims = sorted(set(claims))
    application.version += 1
    application.save()
    record_act(
        "applications.save",
        by=by,
        on=("application", application.pk),
        person_id=application.person_id,
        fields=sorted(answers),
    )
    return application


@use_case
def attach_evidence(
    *,
    application_id: UUID,
    document_code: str,
    kind: str,
    document: Document,
    law: Law,
    acting: Person,
    on: date,
    by: Principal,
) -> Evidence:
    """Hand in a paper for one document of the item of a draft. Raises Invalid, NotFound, Conflict."""
    return _attach(_draft(application_id, acting, on), document_code, kind, document, law, by)


@use_case
def attach_later(
    *,
    application_id: UUID,
    document_code: str,
    kind: str,
    document: Document,
    law: Law,
    acting: Person,
    on: date,
    by: Principal,
) -> Evidence:
    """Hand in a paper after submission. Whether the case still takes papers is casework's question, asked before."""
    return _attach(_open(application_id, acting, on), document_code, kind, document, law, by)


def _attach(
    application: Application, document_code: str, kind: str, document: Document, law: Law, by: Principal
) -> Evidence:
    wanted = {document.code: document for document in item_of(law, application.item).documents}.get(document_code)
    errors = []
    if wanted is None:
        errors.append(FieldError("document_code", "applications.document_unknown"))
    elif kind not in wanted.any_of:
        errors.append(FieldError("kind", "applications.evidence_kind_wrong"))
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    evidence = Evidence.objects.create(
        application=application, document_code=document_code, kind=kind, document=document
    )
    record_act("applications.attach_evidence", by=by, on=("evidence", evidence.pk), person_id=application.person_id)
    return evidence


@use_case
def withdraw_evidence(*, application_id: UUID, evidence_id: UUID, acting: Person, on: date, by: Principal) -> None:
    """Take a paper back out of a draft; it stays on file as withdrawn."""
    application = _draft(application_id, acting, on)
    found = Evidence.objects.filter(pk=evidence_id, application=application, is_withdrawn=False).update(
        is_withdrawn=True
    )
    if not found:
        raise NotFound("not_found")
    record_act("applications.withdraw_evidence", by=by, on=("evidence", evidence_id), person_id=application.person_id)


@use_case
def ask_registers(
    *, application_id: UUID, law: Law, kinds: Collection[str] | None, acting: Person, on: date, by: Principal
) -> list[Confirmation]:
    """Have registers asked about a draft, so that fewer papers are needed; `kinds`: of these proofs only.

    Raises Invalid `applications.evidence_kind_wrong` for a kind that no document of the item takes, NotFound, Conflict.
    """
    application = _draft(application_id, acting, on)
    known = {kind for document in item_of(law, application.item).documents for kind in document.any_of}
    if set(kinds or ()) - known:
        raise Invalid("web.fields_wrong", errors=[FieldError("kinds", "applications.evidence_kind_wrong")])
    return confirm_from_registers(application=application, law=law, on=on, by=by, kinds=kinds)


@use_case
def discard_application(*, application_id: UUID, acting: Person, on: date, by: Principal) -> None:
    """Give a draft up."""
    application = _draft(application_id, acting, on)
    application.state = ApplicationState.DISCARDED
    application.version += 1
    application.save()
    record_act("applications.discard", by=by, on=("application", application.pk), person_id=application.person_id)


@use_case
def submit_application(
    *,
    application_id: UUID,
    law: Law,
    acting: Person,
    version: int,
    on: date,
    by: Principal,
    confirms: Mapping[str, Any] | None = None,
    also: Callable[[Application, Law, date], list[FieldError]] = _nothing_else,
) -> Application:
    """Submit a draft. Raises Invalid with every field that is missing or wrong, those that `also` names too, Stale,
    Conflict."""
    application = _draft(application_id, acting, on)
    if application.version != version:
        raise Stale("web.stale_version")
    if confirms:
        application.answers = {**application.answers, **confirms}
    confirm_at_submission(application=application, law=law, on=on, by=by)  # first: what is confirmed is not missing
    errors = incomplete_answers(application, law) + also(application, law, on)
    if errors:
        raise Invalid("applications.incomplete", errors=errors)
    application.state = ApplicationState.SUBMITTED
    application.submitted_at = timezone.now()
    application.version += 1
    application.save()
    record_act("applications.submit", by=by, on=("application", application.pk), person_id=application.person_id)
    return application


def incomplete_answers(application: Application, law: Law) -> list[FieldError]:
    """Return what still has to be filled in, all at once. What the conditions ask is not a matter of fields."""
    answers = application.answers
    item = item_of(law, application.item)
    asked = [name for name in _ASKED if name != "delivery" or is_handed_over(item)]
    errors = [FieldError(f"answers.{name}", "web.field_missing") for name in asked if not answers.get(name)]
    if answers.get("delivery") == "post" and not answers.get("delivery_address"):
        errors.append(FieldError("answers.delivery_address", "applications.delivery_address_needed"))
    if answers.get("delivery") and answers["delivery"] not in law.value("delivery.modes"):
        errors.append(FieldError("answers.delivery", "applications.delivery_unknown"))
    knows_points = bool(law.service_points)  # where no pack lists them, any office of the county takes it in
    if knows_points and answers.get("service_point") and answers["service_point"] not in _points_for(application, law):
        errors.append(FieldError("answers.service_point", "applications.service_point_unknown"))
    if not answers.get("declares_true"):
        errors.append(FieldError("answers.declares_true", "applications.declaration_needed"))
    asks_for_claim = any(document.when.startswith("claim:") for document in item.documents)
    if asks_for_claim and not application.claims:
        errors.append(FieldError("claims", "applications.claim_needed"))
    return errors


def _points_for(application: Application, law: Law) -> set[str]:
    """S1-036: the points of the county applied in; those of the functional zones, which have no county, serve all."""
    return {point.code for point in law.service_points if point.zone or point.region == application.place}


def _draft(application_id: UUID, acting: Person, on: date) -> Application:
    application = _open(application_id, acting, on)
    if application.state != ApplicationState.DRAFT:
        raise Conflict("applications.submitted_already")
    return application


_LOCKED = Prepared(
    lambda application_id: (
        Application.objects.select_for_update(of=("self",)).select_related("person").filter(pk=application_id)
    )
)


def _open(application_id: UUID, acting: Person, on: date) -> Application:
    application = _LOCKED.first(application_id)
    if application is None or application.state == ApplicationState.DISCARDED:
        raise NotFound("not_found")
    ensure_may_touch(application, acting, on)
    return application
