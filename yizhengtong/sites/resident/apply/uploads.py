"""The papers of an application, to be opened again by whoever handed them in or acts for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.services import open_document
from yizhengtong.foundation.pages.serving import page
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.resident.apply.drafts import Draft, draft_of

_SHOWN: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png"}
"""What a browser shows by itself, and the ending of its file. All else is handed over to be kept."""
_KEPT: Mapping[str, str] = {"application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A paper that was handed in: for which document, which kind, its bytes, when. `address` empty: not open yet."""

    title: str
    kind: str
    size_bytes: int
    added_at: datetime
    address: str


def uploaded_in(draft: Draft) -> list[Uploaded]:
    """Return the papers of an application, the first one first."""
    titles = {document.code: draft.named(document.name) for document in draft.item.documents}
    return [
        Uploaded(
            titles.get(each.document_code, each.document_code),
            draft.named(draft.law.evidence[each.kind].name) if each.kind in draft.law.evidence else each.kind,
            each.document.size_bytes,
            each.added_at,
            draft.address("application-paper-file", each.document_code, public_id("evi", each.pk))
            if each.document.scan == Document.Scan.CLEAN
            else "",
        )
        for each in draft.evidence
    ]


@page("own person or ward", who=PrincipalKind.RESIDENT)
def open_paper(request: HttpRequest, application_id: str, code: str, evidence_id: str) -> HttpResponse:
    """Show a picture again, or hand a PDF over; the read is recorded."""
    draft = draft_of(request, application_id, also_submitted=True)
    key = parse_public_id("evi", evidence_id)
    found = next((each for each in draft.evidence if each.pk == key and each.document_code == code), None)
    if found is None:
        raise NotFound("not_found")
    document, content = open_document(document_id=found.document_id, by=draft.by, purpose="own data")
    return _handed_over(document.media_type, content, evidence_id)


def _handed_over(media_type: str, content: bytes, name: str) -> HttpResponse:
    """Return a file under a name without a word of whose it is, by a type that no browser runs."""
    ending = _SHOWN.get(media_type) or _KEPT.get(media_type)
    response = HttpResponse(content, content_type=media_type if ending else "application/octet-stream")
    how = "inline" if media_type in _SHOWN else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{name}.{ending or "bin"}"'
    response["Cache-Control"] = "no-store"
    return response
