"""One's cases: appointment, clock, notices, supplement, withdrawal."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.appointments import free_times
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident, cases_of
from yizhengtong.permitting.casework.services import checking, deciding, judging, reception
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.out import appointment_out, case_out
from yizhengtong.sites.api.papers import FormFieldOut, OpinionOut, form_out, opinions_out
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import AppointmentOut, CaseOut, NoticeOut
from yizhengtong.sites.api.words import notice_out, reader_language

router = Router()


class AppointmentIn(In):
    starts_at: datetime


class CasesOut(BaseModel):
    """A page of cases; `next` reads on."""

    items: list[CaseOut]
    next: str | None


@router.get("", response=CasesOut, openapi_extra=policy("own person or ward"))
def list_own(
    request: HttpRequest,
    person_id: str | None = Query(None),
    cursor: str | None = Query(None),
    limit: int = Query(20, ge=1, le=PAGE_LIMIT),
) -> CasesOut:
    """Cases, the newest first."""
    before = parse_public_id("cas", cursor) if cursor else None
    person = person_acted_for(request, person_id)
    record_read("casework.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
    found = cases_of(person, before=before, limit=limit + 1)
    language = reader_language(request)
    items = [case_out(case, language) for case in found[:limit]]
    return CasesOut(items=items, next=items[-1].id if len(found) > limit else None)


@router.get("/{case_id}", response=CaseOut, openapi_extra=policy("own person or ward"))
def read(request: HttpRequest, response: HttpResponse, case_id: str) -> CaseOut:
    """Where a case stands, and by when it will be decided."""
    case = _own(request, case_id)
    record_read("casework.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    set_version(response, case.version)
    return case_out(case, reader_language(request))


@router.get("/{case_id}/times", response=list[datetime], openapi_extra=policy("own person or ward"))
def list_times(request: HttpRequest, case_id: str, day: date) -> list[datetime]:
    """The times still free at the case's service point on a day."""
    case = _own(request, case_id)
    return free_times(case.office_id, day, law_for(case.item, case.application.place, today()).calendar)


@router.post("/{case_id}/appointment", response={201: AppointmentOut}, openapi_extra=policy("own person or ward"))
def book(request: HttpRequest, case_id: str, payload: AppointmentIn) -> Status[AppointmentOut]:
    """Book a time. It is free, and one a person."""
    appointment = reception.book_appointment(
        case_id=parse_public_id("cas", case_id),
        starts_at=payload.starts_at,
        acting=own_person(request),
        on=today(),
        by=by(request),
    )
    return Status(201, appointment_out(appointment, appointment.office.code))


@router.delete("/appointments/{appointment_id}", response={204: None}, openapi_extra=policy("own person or ward"))
def cancel(request: HttpRequest, appointment_id: str) -> Status[None]:
    """Give a booked time back."""
    reception.cancel_appointment(
        appointment_id=parse_public_id("apt", appointment_id), acting=own_person(request), on=today(), by=by(request)
    )
    return Status(204, None)


@router.get("/{case_id}/notices", response=list[NoticeOut], openapi_extra=policy("own person or ward"))
def list_notices(request: HttpRequest, case_id: str) -> list[NoticeOut]:
    """What was asked for, or why it was refused: everything at once, with the article and how to mend it."""
    case = _own(request, case_id)
    record_read(
        "casework.read_notices", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data"
    )
    language = reader_language(request)
    return [notice_out(notice, language, case.person.region) for notice in case.notices.order_by("id")]


@router.get("/{case_id}/opinions", response=list[OpinionOut], openapi_extra=policy("own person or ward"))
def list_opinions(request: HttpRequest, case_id: str) -> list[OpinionOut]:
    """Who accepted, reviewed and decided: officers, or named rules of the system with the office that answers."""
    case = _own(request, case_id)
    record_read("casework.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    return opinions_out(case, reader_language(request))


@router.get("/{case_id}/filled-form", response=list[FormFieldOut], openapi_extra=policy("own person or ward"))
def read_form(request: HttpRequest, case_id: str) -> list[FormFieldOut]:
    """The form of the place as it is filled in; empty where the item's form is not kept as fields."""
    case = _own(request, case_id)
    record_read("casework.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    return form_out(case, reader_language(request))


@router.post("/{case_id}/officer-request", response=CaseOut, openapi_extra=policy("own person or ward"))
def ask_for_officer(request: HttpRequest, case_id: str) -> CaseOut:
    """Ask that an officer decides, or looks again at what the system's rules approved (个人信息保护法 art. 24)."""
    case = checking.ask_for_officer(
        case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today(), by=by(request)
    )
    return case_out(case, reader_language(request))


@router.post("/{case_id}/supplement", response=CaseOut, openapi_extra=policy("own person or ward"))
def answer(request: HttpRequest, case_id: str) -> CaseOut:
    """Say that what was asked for has been handed in."""
    case = judging.answer_supplement(
        case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today(), by=by(request)
    )
    return case_out(case, reader_language(request))


@router.post("/{case_id}/withdrawal", response=CaseOut, openapi_extra=policy("own person or ward"))
def withdraw(request: HttpRequest, case_id: str) -> CaseOut:
    """Take the application back before it is decided."""
    case = deciding.withdraw_case(
        case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today(), by=by(request)
    )
    return case_out(case, reader_language(request))


def _own(request: HttpRequest, case_id: str) -> Case:
    return case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
