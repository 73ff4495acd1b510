"""One's papers as PDF."""

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query

from yizhengtong.credentials.papers.queries import papers_of_case
from yizhengtong.credentials.papers.services import print_case_paper, print_residence_certificate
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.files import file_response
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident
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
    printed = print_case_paper(
        case=_case(request, case_id), kind=paper_kind, language=reader_language(request),
        origin=request.build_absolute_uri("/"), by=by(request),
    )  # fmt: skip
    return file_response(printed.content, "application/pdf", printed.filename)


@router.get("/residence/certificate", openapi_extra=policy("own person or ward", limits=["papers"]))
def read_certificate(
    request: HttpRequest, place: str = Query("", pattern=r"^(\d{6})?$"), person_id: str | None = Query(None)
) -> HttpResponse:
    """Where one is registered as living, period by period with its source, as PDF; `place`: where days are counted."""
    printed = print_residence_certificate(
        person=person_acted_for(request, person_id), place=place, language=reader_language(request),
        origin=request.build_absolute_uri("/"), on=today(), by=by(request),
    )  # fmt: skip
    return file_response(printed.content, "application/pdf", printed.filename)


def _case(request: HttpRequest, case_id: str) -> Case:
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    record_read("casework.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    return case
