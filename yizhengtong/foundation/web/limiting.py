"""Charges what a route is limited by, before the request does or costs anything (docs/adr/0027).

Outside every transaction: an attempt that fails has counted all the same. Routes name their limits beside their policy
(`x-limits` in the OpenAPI document); sign-in is limited here, by address, because allauth has no such place.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from yizhengtong.foundation.web.callers import address_of, caller_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.foundation.web.problems import problem_response
from yizhengtong.foundation.web.routing import route_ahead
from yizhengtong.kernel.errors import TooMany

_SIGN_IN = "/_allauth/"
_WHEN_SEARCHED = "searches"
_FREE = {"GET", "HEAD", "OPTIONS", "DELETE"}  # DELETE ends a session: nobody is kept from that
LIMITED: Final[dict[tuple[str, str], tuple[str, ...]]] = {}
"""The names of limits by method and route, as Django writes the route. Filled when an API gives its addresses."""


class LimitMiddleware:
    """Answers 429 with Retry-After to who asks too often. Fails closed: without the database nothing is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            charge(list(charges_of(request)))
        except TooMany as problem:
            return problem_response(request, problem)
        return self.get_response(request)


def charges_of(request: HttpRequest) -> Iterable[Charge]:
    """Return what a request is charged; nothing for most."""
    path = request.path_info
    if path.startswith(_SIGN_IN) and request.method not in _FREE:
        name = "sign_up" if path.endswith("/auth/signup") else "sign_in"
        return [Charge(name, f"address:{address_of(request)}")]
    names = _limits_of(request) if path.startswith("/api/") else ()
    if not names:
        return []
    caller = caller_of(request) or f"address:{address_of(request)}"
    return [Charge(name, caller, _units(name, request)) for name in names]


def _limits_of(request: HttpRequest) -> tuple[str, ...]:
    """Return the limits of a request's route. Most requests are reads, and a read is resolved twice only if need be."""
    if request.method == "GET" and request.path_info.rpartition("/")[2] not in _ends_of_limited_reads():
        return ()
    names = LIMITED.get((request.method or "", route_ahead(request)), ())
    return names if request.GET.get("search") else tuple(name for name in names if name != _WHEN_SEARCHED)


@cache
def _ends_of_limited_reads() -> frozenset[str]:
    get_resolver().url_patterns  # noqa: B018 fills LIMITED
    ends = frozenset(route.rpartition("/")[2] for method, route in LIMITED if method == "GET")
    if any("<" in end for end in ends):
        raise ImproperlyConfigured("a read that is limited must not end in a parameter")
    return ends


def _units(name: str, request: HttpRequest) -> int:
    return int(request.META.get("CONTENT_LENGTH") or 0) if name.endswith("_bytes") else 1
