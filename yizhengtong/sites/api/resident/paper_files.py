"""One's papers as PDF and OFD."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query

from yizhengtong.credentials.papers.queries import papers_of_case, papers_of_permit
from yizhengtong.credentials.papers.services import (
    Printed,
    print_case_paper,
    print_permit_paper,
    print_residence_certificate,
)
from yizhengtong.credentials.papers.sheet import PaperFormat
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.files import file_response
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.sites.api.framework import by, own_person, policy, today
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.words import reader_language

router = Router()


@router.get("/cases/{case_id}/papers", response=list[str], openapi_extra=policy("own person or ward"))
def list_papers(request: HttpRequest, case_id: str) -> list[str]:
    """The kinds of papers that a case has now."""
    return papers_of_case(_case(request, case_id))


@router.get("/cases/{case_id}/papers/{paper_kind}/pdf", openapi_extra=policy("own person or ward", limits=["papers"]))
def read_paper(request: HttpRequest, case_id: str, paper_kind: str) -> HttpResponse:
    """A paper of a case as PDF, with a reference by which anybody can check it."""
    return _file(print_case_paper(case=_case(request, case_id), kind=paper_kind, **_asked(request)))


@router.get("/cases/{case_id}/papers/{paper_kind}/ofd", openapi_extra=policy("own person or ward", limits=["papers"]))
def read_paper_as_ofd(request: HttpRequest, case_id: str, paper_kind: str) -> HttpResponse:
    """The same paper as OFD (GB/T 33190), of the same content and reference."""
    case = _case(request, case_id)
    return _file(print_case_paper(case=case, kind=paper_kind, form=PaperFormat.OFD, **_asked(request)))


@router.get("/permits/{permit_id}/papers", response=list[str], openapi_extra=policy("own person or ward"))
def list_papers_of_permit(request: HttpRequest, permit_id: str) -> list[str]:
    """The kinds of papers that a permit has now: the electronic permit, or a copy that is no statutory document."""
    return papers_of_permit(_permit(request, permit_id), today())


@router.get(
    "/permits/{permit_id}/papers/{paper_kind}/pdf", openapi_extra=policy("own person or ward", limits=["papers"])
)
def read_paper_of_permit(request: HttpRequest, permit_id: str, paper_kind: str) -> HttpResponse:
    """A paper of a permit as PDF, signed."""
    permit = _permit(request, permit_id)
    return _file(print_permit_paper(permit=permit, kind=paper_kind, on=today(), **_asked(request)))


@router.get(
    "/permits/{permit_id}/papers/{paper_kind}/ofd", openapi_extra=policy("own person or ward", limits=["papers"])
)
def read_paper_of_permit_as_ofd(request: HttpRequest, permit_id: str, paper_kind: str) -> HttpResponse:
    """The same paper as OFD (GB/T 33190), of the same content and reference."""
    permit = _permit(request, permit_id)
    return _file(
        print_permit_paper(permit=permit, kind=paper_kind, on=today(), form=PaperFormat.OFD, **_asked(request))
    )


@router.get("/residence/certificate", openapi_extra=policy("own person or ward", limits=["papers"]))
def read_certificate(
    request: HttpRequest, place: str = Query("", pattern=r"^(\d{6})?$"), person_id: str | None = Query(None)
) -> HttpResponse:
    """Where one is registered as living, period by period with its source, as PDF; `place`: where days are counted."""
    person = person_acted_for(request, person_id)
    return _file(print_residence_certificate(person=person, place=place, on=today(), **_asked(request)))


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {
        "language": reader_language(request), "origin": request.build_absolute_uri("/"), "by": by(request),
    }  # fmt: skip


def _file(printed: Printed) -> HttpResponse:
    return file_response(printed.content, printed.media_type, printed.filename)


def _permit(request: HttpRequest, permit_id: str) -> Permit:
    found = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", permit_id)).first()
    if found is None or not may_act_for(own_person(request), found.person, today()):
        raise NotFound("not_found")
    record_read("permits.read", by=by(request), on=("permit", found.pk), person_id=found.person_id, purpose="own data")
    return found


def _case(request: HttpRequest, case_id: str) -> Case:
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    record_read("casework.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    return case
