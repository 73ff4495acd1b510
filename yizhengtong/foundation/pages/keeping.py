"""What was typed into a form that was sent after the session had ended: kept, and shown again after signing in.

It lies in the session, which is sealed (foundation.accounts.sessions), for whoever was signed in here before and for
nobody else. Files, passwords and codes are not kept.
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import TooMany

KNOWN_COOKIE = "yzt_known"
KEPT_COOKIE = "yzt_kept"
KEPT_SECONDS = 3600
MOST_LETTERS = 100_000
_KNOWN_SECONDS = 30 * 24 * 3600
_KEPT = "kept_form"
_NEVER = ("csrfmiddlewaretoken", "password", "code", "credential")


def mark_known(request: HttpRequest, response: HttpResponse, account_id: UUID) -> None:
    """Leave a keyed mark of who signs in here, by which the end of the session can be told and forms be kept."""
    _set(request, response, KNOWN_COOKIE, _mark(account_id), _KNOWN_SECONDS)


def forget_known(response: HttpResponse) -> None:
    """Take the mark away: whoever signs out wants to leave nothing."""
    response.delete_cookie(KNOWN_COOKIE)
    response.delete_cookie(KEPT_COOKIE)


def was_signed_in(request: HttpRequest) -> bool:
    """Whether somebody was signed in here and did not sign out."""
    return bool(_known(request))


def page_of_form(request: HttpRequest) -> str:
    """Return the address of the page on which a sent form stands: where it was sent from, else where to."""
    sent_from = urlsplit(request.headers.get("Referer", ""))
    host = {request.get_host()}
    address = f"{sent_from.path}?{sent_from.query}" if sent_from.query else sent_from.path
    is_ours = sent_from.netloc in host and url_has_allowed_host_and_scheme(address, None)
    return address if is_ours and address.startswith("/") else request.path


def keep_form(request: HttpRequest, response: HttpResponse) -> bool:
    """Keep what was sent, for who was signed in here before. Says whether there was anything to keep."""
    known = _known(request)
    fields = {name: request.POST.getlist(name) for name in request.POST if not _is_secret(name)}
    letters = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    if not known or not fields or letters > MOST_LETTERS or not _has_room(request, letters):
        return False
    request.session[_KEPT] = {
        "page": page_of_form(request),
        "fields": fields,
        "had_files": bool(request.FILES),
        "known": known,
        "at": time.time(),
    }
    _set(request, response, KEPT_COOKIE, "1", KEPT_SECONDS)
    return True


def kept_form(request: HttpRequest, principal: Principal) -> Mapping[str, Any] | None:
    """Return what is kept for this page and reader: `fields` name → texts, `had_files`; None mostly, without asking."""
    if KEPT_COOKIE not in request.COOKIES:
        return None
    kept: dict[str, Any] | None = request.session.get(_KEPT)
    if kept is None or principal.id is None:
        return None
    if kept["known"] != _mark(principal.id) or time.time() - kept["at"] > KEPT_SECONDS:
        del request.session[_KEPT]
        return None
    return kept if kept["page"] == request.get_full_path() else None


def forget_form(request: HttpRequest, response: HttpResponse) -> None:
    """Forget what was kept, once the form of that page was sent again."""
    kept = request.session.get(_KEPT) if KEPT_COOKIE in request.COOKIES else None
    if kept is not None and kept["page"] in (page_of_form(request), request.path):
        request.session.pop(_KEPT, None)
        response.delete_cookie(KEPT_COOKIE)


def _has_room(request: HttpRequest, letters: int) -> bool:
    """Charge what is kept to the address as an upload: each time it could be a session of its own."""
    caller = f"address:{address_of(request)}"
    try:
        charge([Charge("uploads", caller), Charge("upload_bytes", caller, letters)])
    except TooMany:
        return False
    return True


def _is_secret(name: str) -> bool:
    return any(word in name for word in _NEVER)


def _known(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(KNOWN_COOKIE, default="", max_age=_KNOWN_SECONDS) or "")


def _mark(account_id: UUID) -> str:
    return blind_index("pages.known", str(account_id)).hex()


def _set(request: HttpRequest, response: HttpResponse, name: str, value: str, seconds: int) -> None:
    is_secure = settings.SESSION_COOKIE_SECURE or request.is_secure()
    response.set_signed_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=is_secure)
