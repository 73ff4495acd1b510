"""What was refused is on record too: who asked for which operation in vain, after the request's own work is undone."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import principal_of
from yizhengtong.foundation.audit.trail import record_refusal

_REFUSALS = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


class RefusalMiddleware:
    """Stands outside the request's transaction. Notes the route, never the address: that may name somebody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in _REFUSALS and request.path_info.startswith("/api/"):
            principal = principal_of(request)
            if principal is not None:
                route = request.resolver_match.route if request.resolver_match else ""
                record_refusal(f"{request.method} {route}", by=principal, status=response.status_code)
        return response
