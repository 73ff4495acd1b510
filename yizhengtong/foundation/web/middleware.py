"""The request's identity: one id from the caller through log and audit trail back to the caller."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.audit.trail import request_id
from yizhengtong.foundation.scope import request_scope
from yizhengtong.kernel.ids import new_id

_GIVEN = re.compile(r"[A-Za-z0-9-]{8,36}")


class RequestIdentityMiddleware:
    """Takes a well-formed X-Request-Id or makes one, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identity = given if _GIVEN.fullmatch(given) else str(new_id())
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
