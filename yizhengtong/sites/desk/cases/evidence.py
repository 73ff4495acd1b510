"""The content of a paper, for who may open its case; the read is recorded."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.documents.services import open_document
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.permitting.casework.models import Case
from yizhengtong.sites.desk.cases.asking import case_asked
from yizhengtong.sites.desk.cases.papers import CAPTURED


@page("officer of the area", who=PrincipalKind.STAFF)
def content(request: HttpRequest, case_id: str, key: str) -> HttpResponse:
    """Show a picture, or hand a PDF over as a file: it opens outside the platform's pages."""
    case = case_asked(request, case_id)
    document, kept = open_document(document_id=_document(case, key), by=signed_in(request), purpose="casework")
    response = HttpResponse(kept, content_type=document.media_type)
    how = "inline" if document.media_type.startswith("image/") else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{key}.{document.media_type.rpartition("/")[2]}"'
    response["Cache-Control"] = "no-store"
    return response


def _document(case: Case, key: str) -> UUID:
    if key in CAPTURED:
        found = getattr(case, f"{key}_id")
    else:
        papers = Evidence.objects.filter(pk=parse_public_id("evi", key), application_id=case.application_id)
        found = papers.values_list("document_id", flat=True).first()
    if found is None:
        raise NotFound("not_found")
    document_id: UUID = found
    return document_id
