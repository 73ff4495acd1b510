"""One log line and one measure for every request: route template, method, status, duration, kind of actor.

Never the address, a query string or who it was: the trail knows that (foundation.audit).
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.observability.metrics import note_request
from yizhengtong.foundation.observability.statements import Tally, counted
from yizhengtong.foundation.observability.tracing import span

log = logging.getLogger(__name__)

UNMATCHED, STATIC = "unmatched", "static"
_ASKED_OFTEN = frozenset({"health", "ready", "metrics"})


class ObservationMiddleware:
    """Stands inside the request's identity and outside everything that answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        with counted(lambda: route_of(request)) as tally, span(request.method or "") as close:
            response = self.get_response(request)
            route = route_of(request)
            close(route, response.status_code)
        _note(request, route, response.status_code, time.perf_counter() - begun, tally)
        return response


def route_of(request: HttpRequest) -> str:
    """Return the template of the request's route as Django writes it, without what stood in its place."""
    match = request.resolver_match
    if match is not None:
        return match.route or "/"
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else UNMATCHED


def _note(request: HttpRequest, route: str, status: int, seconds: float, tally: Tally) -> None:
    method = request.method or ""
    note_request(
        route=route, method=method, status=status, seconds=seconds, statements=tally.statements,
        database_seconds=tally.seconds, slow=tally.slow,
    )  # fmt: skip
    told = {
        "route": route, "method": method, "status": status, "milliseconds": round(seconds * 1000, 1),
        "statements": tally.statements, "actor": _kind_of_actor(request),
    }  # fmt: skip
    log.log(logging.DEBUG if route in _ASKED_OFTEN else logging.INFO, "web.answered", extra=told)


def _kind_of_actor(request: HttpRequest) -> str:
    """Return the kind of who is signed in, by what the API found; empty where nobody is, or nobody asked."""
    found = getattr(request, "auth", None)
    if isinstance(found, Principal):
        return str(found.kind)
    return "partner" if found else ""
