"""At the counter: the visitor, the form, what is captured."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status, UploadedFile
from ninja.params.functions import File, Form
from pydantic import Field

from yizhengtong.foundation.web.versions import set_version
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services import reception
from yizhengtong.sites.api.framework import In, by, policy
from yizhengtong.sites.api.out import appointment_out, case_out
from yizhengtong.sites.api.schemas import AppointmentOut, CaseOut
from yizhengtong.sites.api.words import reader_language

router = Router()


class ReceiptIn(In):
    receipt: str = Field(min_length=1, max_length=64)


@router.post("/{case_id}/visitor", response=AppointmentOut, openapi_extra=policy("clerk of the area"))
def receive_visitor(request: HttpRequest, case_id: str) -> AppointmentOut:
    """The applicant is here: by appointment, or with a ticket drawn now."""
    appointment = reception.receive_visitor(case_id=parse_public_id("cas", case_id), by=by(request))
    return appointment_out(appointment, appointment.office.code)


@router.post("/{case_id}/form", response=CaseOut, openapi_extra=policy("clerk of the area"))
def print_form(request: HttpRequest, response: HttpResponse, case_id: str) -> CaseOut:
    """The form was printed for checking and signing."""
    case = reception.print_form(case_id=parse_public_id("cas", case_id), by=by(request))
    return _out(request, response, case)


@router.post("/{case_id}/captures", response={201: CaseOut}, openapi_extra=policy("clerk of the area"))
def capture(
    request: HttpRequest,
    response: HttpResponse,
    case_id: str,
    kind: Literal["photo", "fingerprints", "signed_form"] = Form(),
    file: UploadedFile = File(),
) -> Status[CaseOut]:
    """A photograph, fingerprints or the signed form, captured here."""
    case = reception.capture(
        case_id=parse_public_id("cas", case_id),
        kind=kind,
        content=file.read(),
        declared_type=file.content_type or "",
        by=by(request),
    )
    return Status(201, _out(request, response, case))


@router.post("/{case_id}/photo-receipt", response=CaseOut, openapi_extra=policy("clerk of the area"))
def use_photo_receipt(request: HttpRequest, response: HttpResponse, case_id: str, payload: ReceiptIn) -> CaseOut:
    """The applicant brought the receipt of the digital-photo test."""
    case = reception.use_photo_receipt(case_id=parse_public_id("cas", case_id), receipt=payload.receipt, by=by(request))
    return _out(request, response, case)


def _out(request: HttpRequest, response: HttpResponse, case: Case) -> CaseOut:
    set_version(response, case.version)
    return case_out(case, reader_language(request))
