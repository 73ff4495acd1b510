"""What credential types are (SD-JWT VC, Type Metadata): public data, for any origin.

Who may ask: anybody. Of whom: of nobody, a type holds no person. How often: as they like, it is made from a file. What
if they lie: there is nothing to say but the name of a type.
"""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from yizhengtong.credentials.catalogue.metadata import Document, document_of
from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.verification.authorization.answering import for_clients

_KEPT = "public, max-age=3600"


@for_clients("GET", "HEAD")
def type_metadata(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """Serve the document of a type at the address that is its `vct`; its hash is the entity tag."""
    found = _document(f"{settings.YZT_ADDRESS}/credentials/types/{name}/{version}")
    if found is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND, content_type="text/plain")
    tag = f'"{found.integrity}"'
    answer = HttpResponse(found.content, content_type="application/json")
    answer["ETag"] = tag
    answer["Cache-Control"] = _KEPT
    return get_conditional_response(request, etag=tag, response=answer) or answer


def _document(vct: str) -> Document | None:
    return next((document_of(kind) for kind in credential_types().values() if kind.vct == vct), None)
