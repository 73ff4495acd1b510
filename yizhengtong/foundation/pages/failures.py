"""What went wrong, told as a page: nothing here, not allowed, out of date, too much, or broken on our side.

Django calls these as handlers (`handler404` … of the addresses). An answer that the API's guards give before any page
is asked becomes a page too. None of them asks the database: it may be what is broken.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.audit.trail import request_id
from yizhengtong.foundation.pages.reader import as_stranger
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.web.problems import ProblemResponse

_NO_PAGES = ("/api/", "/_allauth/", "/static/")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 Django's own name
    """Answer 400: what came cannot be read."""
    return failure_page(request, "bad", HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 Django's own name
    """Answer 403."""
    return failure_page(request, "forbidden", HTTPStatus.FORBIDDEN)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 Django's own name
    """Answer 403 to a form that did not come from a page of ours, or from one that was left open too long."""
    return failure_page(request, "out_of_date", HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 Django's own name
    """Answer 404 at an address where nothing is."""
    return failure_page(request, "not_found", HTTPStatus.NOT_FOUND)


def defect(request: HttpRequest) -> HttpResponse:
    """Answer 500: it is our fault, nothing was changed, and the number by which we find it."""
    return failure_page(request, "defect", HTTPStatus.INTERNAL_SERVER_ERROR)


def failure_page(request: HttpRequest, kind: str, status: HTTPStatus) -> HttpResponse:
    """Return the page of a kind of failure, in the words of `pages.failed_<kind>`; a bare answer to machines."""
    if request.path_info.startswith(_NO_PAGES):
        return HttpResponse(status=status)
    reader = as_stranger(request)
    shown = {"problem": {"detail": reader.say(f"pages.failed_{kind}_next")}}
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        shown["problem"]["number"] = request_id.get()
    return render_page(request, "pages/problem.html", shown, title=f"pages.failed_{kind}", status=status)


class ProblemPages:
    """Stands outside the guards of requests: what they refuse at a page's address is told in a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, ProblemResponse) or request.path_info.startswith(_NO_PAGES):
            return response
        problem, status = response.problem, response.status_code
        told = as_stranger(request).say(problem.code, **problem.facts)
        shown = {"problem": {"detail": told, "code": problem.code}}
        title = f"web.kind.{problem.kind}"
        answer = render_page(request, "pages/problem.html", shown, title=title, status=status)
        if "Retry-After" in response:
            answer["Retry-After"] = response["Retry-After"]
        return answer
