"""What surrounds every request: its identity, and the promise that the API answers every failure as a problem."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.audit.trail import request_id
from yizhengtong.foundation.observability.context import is_request_id
from yizhengtong.foundation.scope import request_scope
from yizhengtong.foundation.web.problems import problem_response
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.kernel.ids import new_id


class RequestIdentityMiddleware:
    """Takes a well-formed X-Request-Id or makes one, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identity = given if is_request_id(given) else str(new_id())
        token = request_id.set(identity)
        try:
            with request_scope():
                response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = identity
        if not response.streaming:
            response.setdefault("Content-Length", str(len(response.content)))
        return response


class ApiProblemMiddleware:
    """Turns what Django or the router itself refuses at an address of the API into a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_failure = response.status_code >= HTTPStatus.BAD_REQUEST
        if not is_failure or not request.path_info.startswith("/api/") or "problem+json" in response["Content-Type"]:
            return response
        status = HTTPStatus(response.status_code)
        problem = _PROBLEMS.get(status, Invalid("web.body_unreadable"))
        answer = problem_response(request, problem, status=status)
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer


_PROBLEMS = {
    HTTPStatus.NOT_FOUND: NotFound("not_found"),
    HTTPStatus.METHOD_NOT_ALLOWED: Invalid("web.method_not_allowed"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Invalid("web.body_too_large"),
    HTTPStatus.INTERNAL_SERVER_ERROR: Invalid("web.defect"),
}
