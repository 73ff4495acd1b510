"""Counts requests of relying parties: each POST before it against the quota, all after it in the party's own figures.

Stands outside limits and transactions: what was refused there is in the figures, too.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.web.callers import partner_of
from yizhengtong.foundation.web.problems import ProblemResponse, problem_response
from yizhengtong.foundation.web.routing import route_ahead
from yizhengtong.kernel.errors import TooMany
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.counts import note, spend

_THEIRS = "/api/partner/"
_OWN = "own"


class CountingMiddleware:
    """Answers 429 to a relying party whose quota of the day is used. Who is nobody is in no figures."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        way = _way_of(request) if request.path_info.startswith(_THEIRS) else ""
        begun = time.perf_counter()
        caller: Caller | None = partner_of(request) if way else None
        if caller is None:
            return self.get_response(request)
        response = self._answer(request, caller)
        code = response.problem.code if isinstance(response, ProblemResponse) else ""
        note(caller, way=way, status=response.status_code, code=code, seconds=time.perf_counter() - begun)
        return response

    def _answer(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        if request.method == "POST":
            try:
                spend(caller)
            except TooMany as problem:
                return problem_response(request, problem)
        return self.get_response(request)


def _way_of(request: HttpRequest) -> str:
    """Return the first part of a route of this API; empty for no route, and for a party's look at its own."""
    way = route_ahead(request).removeprefix(_THEIRS.removeprefix("/")).partition("/")[0]
    return "" if way == _OWN else way
