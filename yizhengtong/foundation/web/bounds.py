"""What is too large or wrapped is refused by its head, before anything of the body is read.

Django bounds what it keeps in memory and writes larger files to disk without an end; the bound here is on the whole.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.web.problems import problem_response
from yizhengtong.kernel.errors import Invalid


class BoundsMiddleware:
    """Refuses bodies over the bound, bodies without a length and compressed bodies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            problem, status = Invalid("web.encoded_body"), HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        elif not (length.isascii() and length.isdigit()):
            problem, status = Invalid("web.body_unreadable"), HTTPStatus.BAD_REQUEST
        elif "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            problem, status = Invalid("web.body_unreadable"), HTTPStatus.LENGTH_REQUIRED
        elif len(length) > len(str(_most(request))) or int(length) > _most(request):
            problem, status = Invalid("web.body_too_large"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        else:
            return self.get_response(request)
        return problem_response(request, problem, status=status)


def _most(request: HttpRequest) -> int:
    """Return the bound in bytes: files come in forms, to the API and to pages, never to the sign-in of others."""
    is_form = request.content_type == "multipart/form-data" and not request.path_info.startswith("/_allauth/")
    most: int = settings.FILE_UPLOAD_MAX_MEMORY_SIZE if is_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return most
