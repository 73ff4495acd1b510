"""What surrounds every page: who may see it, one transaction a sent form, problems told in a page of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_refusal
from yizhengtong.foundation.pages.keeping import forget_form, keep_form, kept_form, page_of_form, was_signed_in
from yizhengtong.foundation.pages.languages import COOKIE as LANGUAGE_COOKIE
from yizhengtong.foundation.pages.reader import LARGE, SIZE_COOKIE, reader_of, show_kept
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.texts import PAGE_LANGUAGES
from yizhengtong.foundation.transactions import whole_request
from yizhengtong.foundation.web.callers import address_of, caller_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.foundation.web.problems import STATUSES
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound, Problem

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
_YEAR_SECONDS = 365 * 24 * 3600
_REFUSALS = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
SIGN_IN = {
    PrincipalKind.RESIDENT: "resident-sign-in",
    PrincipalKind.REPORTER: "partner-sign-in",
    PrincipalKind.STAFF: "desk-sign-in",
}
"""Where each kind of reader signs in: names of addresses."""


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """Who may see a page: `who` must be signed in (none: anybody); `name` is the rule that the view itself keeps.

    `limits`: names of rate limits that a sent form is charged (docs/adr/0027). `is_one`: a sent form is one
    transaction. `sign_in`: name of the address where to sign in, if it is not that of `who`.
    """

    name: str
    who: PrincipalKind | None
    limits: tuple[str, ...] = ()
    is_one: bool = True
    sign_in: str = ""


class SeeOther(Exception):
    """Raised by a view to send the reader to another page of ours; what a sent form began is undone."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


def page(
    name: str,
    *,
    who: PrincipalKind | None = None,
    limits: Sequence[str] = (),
    is_one: bool = True,
    sign_in: str = "",
) -> Callable[[View[P]], View[P]]:
    """Declare a view to be a page under a policy, which stands on it as `policy`.

    Whoever is not signed in is sent to sign in and comes back. A POST is one transaction: an answer of 400 and above,
    or a Problem that the view lets through, undoes it whole; not where a try must count even when it fails (`is_one`).
    What is refused is on record. What is sent after the session's end is kept for after signing in.
    """
    policy = PagePolicy(name, who, tuple(limits), is_one, sign_in)

    def declared(view: View[P]) -> View[P]:
        @wraps(view)
        def served(request: HttpRequest, *args: P.args, **named: P.kwargs) -> HttpResponse:
            response = _answer(policy, request, lambda: view(request, *args, **named))
            _note_refusal(request, response)
            _keep_choices(request, response)
            return response

        served.policy = policy  # type: ignore[attr-defined]
        return cast(View[P], served)  # a view is called with its request first, never by that name

    return declared


def signed_in(request: HttpRequest) -> Principal:
    """Return who is signed in; such pages are only reached signed in."""
    principal = reader_of(request).principal
    if principal is None:
        raise Forbidden("web.sign_in_first")
    return principal


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Tell in a page what cannot be done, and what to do next."""
    words = {"detail": reader_of(request).say(problem.code, **problem.facts), "code": problem.code}
    response = render_page(request, "pages/problem.html", {"problem": words}, title=f"web.kind.{problem.kind}")
    response.status_code = STATUSES[problem.kind]
    if "retry_after_seconds" in problem.facts:
        response["Retry-After"] = str(problem.facts["retry_after_seconds"])
    return response


def _answer(policy: PagePolicy, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    principal = reader_of(request).principal
    try:
        _ensure_readable(request)
        if policy.who is not None and principal is None:
            return _to_sign_in(request, policy.sign_in or SIGN_IN.get(policy.who, "resident-sign-in"))
        if principal is not None and policy.who is not None and principal.kind != policy.who:
            raise Forbidden("pages.of_others")
        if request.method == "POST":
            _charge(policy, request)
            response = _as_one(view) if policy.is_one else view()
            if policy.who is not None and response.status_code < HTTPStatus.BAD_REQUEST:
                forget_form(request, response)
            return response
        if principal is not None:
            show_kept(request, kept_form(request, principal))
        return view()
    except SeeOther as elsewhere:
        return HttpResponseRedirect(elsewhere.address)
    except Http404:
        return problem_page(request, NotFound("not_found"))
    except PermissionDenied:
        return problem_page(request, Forbidden("pages.of_others"))
    except Problem as problem:
        return problem_page(request, problem)


def _ensure_readable(request: HttpRequest) -> None:
    """Raise for the one letter that no keyboard writes and no text of the database holds: nothing has it as address."""
    if "\x00" in request.path:
        raise Http404
    sent = (values for data in (request.GET, request.POST) for values in data.lists())
    if any("\x00" in text for name, texts in sent for text in (name, *texts)):
        raise Invalid("web.body_unreadable")


def _as_one(view: Callable[[], HttpResponse]) -> HttpResponse:
    with whole_request():
        response = view()
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            transaction.set_rollback(True)
    return response


def _charge(policy: PagePolicy, request: HttpRequest) -> None:
    caller = caller_of(request) or f"address:{address_of(request)}"
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    charge([Charge(name, caller, size if name.endswith("_bytes") else 1) for name in policy.limits])


def _to_sign_in(request: HttpRequest, sign_in: str) -> HttpResponse:
    """Send to sign-in and back. What was typed is kept for who was signed in before, and the session's end is said."""
    response = HttpResponseRedirect("")
    is_kept = request.method == "POST" and keep_form(request, response)
    back = page_of_form(request) if request.method == "POST" else request.get_full_path()
    query = {"next": back, **({"ended": "kept" if is_kept else "yes"} if was_signed_in(request) else {})}
    response["Location"] = f"{reverse(sign_in)}?{urlencode(query)}"
    return response


def _note_refusal(request: HttpRequest, response: HttpResponse) -> None:
    principal = reader_of(request).principal
    if response.status_code in _REFUSALS and principal is not None:
        route = request.resolver_match.route if request.resolver_match else ""
        record_refusal(f"{request.method} {route}", by=principal, status=response.status_code)


def _keep_choices(request: HttpRequest, response: HttpResponse) -> None:
    """Keep the language and the size that were chosen in the address, for the pages that follow."""
    settings: dict[str, Any] = {
        "max_age": _YEAR_SECONDS,
        "samesite": "Lax",
        "httponly": True,
        "secure": request.is_secure(),
    }
    if request.GET.get("lang") in PAGE_LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, request.GET["lang"], **settings)
    if request.GET.get("size") in {LARGE, "normal"}:
        response.set_cookie(SIZE_COOKIE, request.GET["size"], **settings)
