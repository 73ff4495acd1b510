"""What the addresses for clients share: no cookie counts, any origin may ask, nothing is kept, errors are JSON.

Wallets and relying parties ask there (sites/wallet, sites/openid); a wallet can be a page in a browser. What they are
answered rests on what they bring in headers and body, never on a cookie, so that pages of every origin may be told
(CORS, without credentials).
"""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Conflict, Problem, Stale, TooMany
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_request
from yizhengtong.verification.authorization.sent import Sent

log = logging.getLogger(__name__)
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 64 * 1024
_HEADERS = "Authorization, Content-Type, DPoP, OAuth-Client-Attestation, OAuth-Client-Attestation-PoP"
_SHOWN = "DPoP-Nonce, Retry-After, WWW-Authenticate"


def for_clients(*methods: str, limit: str = "") -> Callable[[View[P]], View[P]]:
    """Declare a view for clients. `limit`: what an address is charged for each request (docs/adr/0027).

    An OAuthProblem that the view lets through is answered by its RFC; so is every other Problem, without its words.
    """

    def declared(view: View[P]) -> View[P]:
        @wraps(view)
        def served(request: HttpRequest, *args: P.args, **named: P.kwargs) -> HttpResponse:
            response = _answer(request, methods, limit, lambda: view(request, *args, **named))
            return _open_to_all(response, methods)

        return cast(View[P], csrf_exempt(served))

    return declared


def own_address(path: str) -> str:
    """Return the address of a path as everybody outside knows it."""
    return f"{settings.YZT_ADDRESS}{path}"


def sent_form(request: HttpRequest, *, most_bytes: int = _MOST_BYTES) -> Sent:
    """Return a form that a client sent (RFC 6749 3.2). Raises invalid_request for what could be read in two ways.

    An empty parameter counts as left out (RFC 6749 3.1).
    """
    if request.content_type != FORM:
        raise invalid_request(f"The body must be {FORM}")
    if request.META.get("QUERY_STRING"):
        raise invalid_request("Parameters belong into the body")
    try:
        is_large, form = len(request.body) > most_bytes, request.POST
    except (BadRequest, SuspiciousOperation, UnreadablePostError) as error:
        raise invalid_request("The body cannot be read") from error
    if is_large:
        raise invalid_request("The request is too large")
    if any(len(values) > 1 for _name, values in form.lists()):
        raise invalid_request("A parameter stands there twice")
    if any("\0" in text for pair in form.items() for text in pair):
        raise invalid_request("The request holds what no text holds")
    parameters = {str(name): str(value) for name, value in form.items() if value}
    return Sent(request.method or "", own_address(request.path), request.headers, parameters)


def told(document: Mapping[str, Any], status: int = HTTPStatus.OK) -> JsonResponse:
    """Return a JSON answer."""
    return JsonResponse(document, status=status, json_dumps_params={"ensure_ascii": False})


def _answer(
    request: HttpRequest, methods: tuple[str, ...], limit: str, view: Callable[[], HttpResponse]
) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.method not in methods:
        return _refused(OAuthProblem("invalid_request", "This method is not for here", HTTPStatus.METHOD_NOT_ALLOWED))
    try:
        if limit:
            charge([Charge(limit, f"address:{address_of(request)}")])
        return view()
    except OAuthProblem as problem:
        return _refused(problem)
    except TooMany as problem:
        refused = _refused(OAuthProblem("slow_down", "Asked too often", HTTPStatus.TOO_MANY_REQUESTS))
        refused["Retry-After"] = str(problem.facts["retry_after_seconds"])
        return refused
    except Problem as problem:
        log.warning("authorization.refused code=%s", problem.code)
        return _refused(_as_standard(problem))


def _as_standard(problem: Problem) -> OAuthProblem:
    """Return what a client is told of a problem of ours: later again, or that it may not. Never which key, or whose."""
    if isinstance(problem, Conflict | Stale):
        description = "This cannot be done at the moment"
        return OAuthProblem("temporarily_unavailable", description, HTTPStatus.SERVICE_UNAVAILABLE)
    return invalid_request("This cannot be done")


def _refused(problem: OAuthProblem) -> HttpResponse:
    response = told(problem.as_document(), problem.status)
    for name, value in problem.headers().items():
        response[name] = value
    return response


def _open_to_all(response: HttpResponse, methods: tuple[str, ...]) -> HttpResponse:
    allowed = ", ".join((*methods, "OPTIONS"))
    if response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.METHOD_NOT_ALLOWED}:
        response["Allow"] = allowed
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = allowed
    response["Access-Control-Allow-Headers"] = _HEADERS
    response["Access-Control-Expose-Headers"] = _SHOWN
    response["Access-Control-Max-Age"] = "600"
    response.setdefault("Cache-Control", "no-store")
    response.setdefault("Pragma", "no-cache")
    return response
