"""The papers of a case as PDF and OFD."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from yizhengtong.credentials.papers.queries import papers_of_case
from yizhengtong.credentials.papers.services import print_case_paper
from yizhengtong.credentials.papers.sheet import PaperFormat
from yizhengtong.foundation.web.files import file_response
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.sites.api.framework import by, policy
from yizhengtong.sites.api.words import reader_language

router = Router()


@router.get("/{case_id}/papers", response=list[str], openapi_extra=policy("officer of the area"))
def list_papers(request: HttpRequest, case_id: str) -> list[str]:
    """The kinds of papers that a case has now."""
    return papers_of_case(_case(request, case_id))


@router.get("/{case_id}/papers/{paper_kind}/pdf", openapi_extra=policy("officer of the area", limits=["papers"]))
def read_paper(request: HttpRequest, case_id: str, paper_kind: str) -> HttpResponse:
    """A paper of a case as PDF. That the form was printed for signing is noted apart, by POST …/form."""
    printed = print_case_paper(
        case=_case(request, case_id), kind=paper_kind, language=reader_language(request),
        origin=request.build_absolute_uri("/"), by=by(request),
    )  # fmt: skip
    return file_response(printed.content, printed.media_type, printed.filename)


@router.get("/{case_id}/papers/{paper_kind}/ofd", openapi_extra=policy("officer of the area", limits=["papers"]))
def read_paper_as_ofd(request: HttpRequest, case_id: str, paper_kind: str) -> HttpResponse:
    """The same paper as OFD (GB/T 33190), of the same content and reference."""
    printed = print_case_paper(
        case=_case(request, case_id), kind=paper_kind, language=reader_language(request),
        origin=request.build_absolute_uri("/"), by=by(request), form=PaperFormat.OFD,
    )  # fmt: skip
    return file_response(printed.content, printed.media_type, printed.filename)


def _case(request: HttpRequest, case_id: str) -> Case:
    return case_for_officer(case_id=parse_public_id("cas", case_id), by=by(request), purpose="casework")
