"""Who may see the operators' pages: a bearer of the token, or an administrator who is signed in with a second factor.

Anybody else gets the answer of an address that does not exist. The reverse proxy closes these addresses to the outside
besides (docs/operations.md).
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.principals import principal_of
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.web.callers import address_of

View = Callable[[HttpRequest], HttpResponse]


def bears_token(request: HttpRequest) -> bool:
    """Whether the request bears the token, as Bearer or as the password of a browser, from an allowed network."""
    given = _given(request.headers.get("Authorization", ""))
    return secrets.compare_digest(given, settings.YZT_METRICS_TOKEN.encode()) and _is_near(request)


def is_administrator(request: HttpRequest) -> bool:
    """Whether the session is an administrator's, begun with a second factor."""
    by = principal_of(request) if "X-Session-Token" in request.headers else reader_of(request).principal
    return by is not None and Role.ADMINISTRATOR in by.roles and by.has_second_factor


def for_operators(view: View, *, by_browser: bool = False) -> View:
    """Show a view to operators only; `by_browser` lets a browser ask for the token."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if bears_token(request) or (by_browser and is_administrator(request)):
            return view(request)
        if by_browser and _is_near(request):
            asked = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
            asked["WWW-Authenticate"] = 'Basic realm="operations", charset="UTF-8"'
            return asked
        return HttpResponse(status=HTTPStatus.NOT_FOUND)

    return guarded


def _given(header: str) -> bytes:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _is_near(request: HttpRequest) -> bool:
    networks = settings.YZT_METRICS_ADDRESSES
    address = address_of(request)
    return not networks or (address != "unknown" and any(ip_address(address) in network for network in networks))
