"""“This is not right”: asking for a correction, and a registrar's decision with reasons (个人信息保护法 art. 46)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person, Region, Sex
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.registry.people.services import Correction, correct_person
from yizhengtong.rights.privacy.deadlines import answer_due
from yizhengtong.rights.privacy.models import CorrectionRequest
from yizhengtong.rights.privacy.policies import ensure_may_decide, ensure_registrar

State = CorrectionRequest.State
_CHOICES: Mapping[str, list[str]] = {"sex": Sex.values, "region": Region.values}


@use_case
def ask_correction(
    *,
    person: Person,
    acting: Person,
    field: str,
    value: str,
    words: str,
    evidence: Document | None,
    law: Law,
    on: date,
    by: Principal,
) -> CorrectionRequest:
    """Ask that a field of people.services.Correction becomes `value` (days as ISO text).

    It goes to the office of the person's newest case or permit, else to the top one. Raises NotFound for a stranger,
    Invalid with the field, Conflict `privacy.correction_open`.
    """
    if by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    typed(field, value)
    request = CorrectionRequest(
        person=person, field=field, value=value, words=words, evidence=evidence, office_path=_office_path(person),
        filed_by=by.id, due_on=answer_due(law, on),
    )  # fmt: skip
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "privacy_one_correction_a_field":
            raise
        raise Conflict("privacy.correction_open") from error
    record_act("privacy.ask_correction", by=by, on=("correction", request.pk), person_id=person.pk, fields=[field])
    return request


@use_case
def decide_correction(*, request_id: UUID, applied: bool, reasons: str, by: Principal) -> CorrectionRequest:
    """Apply a correction to the person, what stood before staying in the history, or refuse it with reasons (art. 50).

    Raises NotFound outside the area, Forbidden, Conflict `privacy.correction_decided`, Invalid `privacy.say_why` and
    what `correct_person` raises.
    """
    request = _locked(request_id, by)
    if request.state != State.OPEN:
        raise Conflict("privacy.correction_decided")
    if not applied and not reasons:
        raise Invalid("web.fields_wrong", errors=[FieldError("reasons", "privacy.say_why")])
    if applied:
        person = request.person
        change: dict[str, Any] = {request.field: typed(request.field, request.value)}
        correction = Correction(**change)
        correct_person(person=person, version=person.version, correction=correction, by=by)
    request.state = State.APPLIED if applied else State.REFUSED
    request.reasons, request.decided_by, request.decided_at = reasons, by.id, timezone.now()
    request.save()
    action = "privacy.apply_correction" if applied else "privacy.refuse_correction"
    record_act(action, by=by, on=("correction", request.pk), person_id=request.person_id, fields=[request.field])
    return request


def corrections_waiting(by: Principal) -> QuerySet[CorrectionRequest]:
    """Return what waits for a registrar in the area, without opening what it says."""
    ensure_registrar(by)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    return CorrectionRequest.objects.filter(area, state=State.OPEN).defer("value", "words", "reasons").order_by("id")


def correction_for(request_id: UUID, by: Principal) -> CorrectionRequest:
    """Return a request of the registrar's area with what it says; the read is recorded."""
    request = _found(request_id, by, CorrectionRequest.objects.select_related("person", "evidence"))
    record_read("privacy.read_correction", by=by, on=("correction", request.pk), person_id=request.person_id,
                purpose="correction", fields=[request.field])  # fmt: skip
    return request


def corrections_of(person: Person) -> QuerySet[CorrectionRequest]:
    """Return a person's requests, the newest first."""
    return CorrectionRequest.objects.filter(person=person).order_by("-id")


def typed(field: str, value: str) -> str | date:
    """Return what a field would hold. Raises Invalid `privacy.correction_unreadable` on the field `value`."""
    try:
        read: str | date = date.fromisoformat(value) if field == "birth_date" else value
        is_good = field not in _CHOICES or value in _CHOICES[field]
    except ValueError:
        is_good = False
    if not is_good or not value:
        raise Invalid("web.fields_wrong", errors=[FieldError("value", "privacy.correction_unreadable")])
    return read


def _locked(request_id: UUID, by: Principal) -> CorrectionRequest:
    locked = CorrectionRequest.objects.select_for_update(of=("self",)).select_related("person")
    return _found(request_id, by, locked)


def _found(request_id: UUID, by: Principal, among: QuerySet[CorrectionRequest]) -> CorrectionRequest:
    request = among.filter(pk=request_id).first()
    if request is None:
        raise NotFound("not_found")
    ensure_may_decide(request, by)
    ensure_may_open(request.person, by)
    return request


def _office_path(person: Person) -> str:
    newest = Case.objects.filter(person=person).order_by("-id").values_list("office_path", flat=True).first()
    held = Permit.objects.filter(person=person).order_by("-id").values_list("office_path", flat=True).first()
    return newest or held or Office.objects.filter(parent=None).values_list("path", flat=True)[0]
