"""From a proof to a session: who has shown one thing is asked for the second where the account has one, then let in."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, principal_for, set_principal
from yizhengtong.foundation.accounts.sessions import RECENT_SECONDS
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.keeping import forget_known, mark_known
from yizhengtong.foundation.pages.serving import SeeOther
from yizhengtong.foundation.postgresql.readers import Reader, reader_connection
from yizhengtong.kernel.errors import Forbidden

PENDING_SECONDS = 600
_PENDING = "entering_pending"
_SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who has proved to be this account by `method`, and must show more before anything opens."""

    account: Account
    method: str


def pass_on(request: HttpRequest, account: Account, method: str, door: Door, *, wanted: str = "") -> HttpResponse:
    """Let an account in that has proved `method`, or ask for its second factor or for a password of its own first.

    Raises Forbidden `entering.not_known` for an account that this door is not for, `entering.slip_over` for one whose
    slip from the window is too old. `wanted`: where to go on to, where the request itself does not say.
    """
    ensure_is_for(account, door)
    if account.one_time_until is not None and account.one_time_until <= timezone.now():
        raise Forbidden("entering.slip_over")
    if account.one_time_until is not None and method == "password":
        return _ask_more(request, account, method, door, "new-password", wanted)
    if Authenticator.objects.filter(user=account, type__in=_SECOND_FACTORS).exists():
        return _ask_more(request, account, method, door, "second-factor", wanted)
    return enter(request, account, door, method=method, wanted=wanted)


def ensure_is_for(account: Account, door: Door) -> None:
    """Raise Forbidden `entering.not_known` unless this door is for the account, and it may come in at all."""
    principal = principal_for(account) if account.is_active else None
    if principal is None or not door.is_for(principal.kind):
        raise Forbidden("entering.not_known")


def enter(
    request: HttpRequest,
    account: Account,
    door: Door,
    *,
    method: str = "",
    factor: Authenticator | None = None,
    is_passkey: bool = False,
    wanted: str = "",
) -> HttpResponse:
    """Begin the session: a new token, what was proved on record, and on to where the reader wanted to go."""
    request.session.pop(_PENDING, None)
    get_adapter().login(request, account)  # a token of its own; what another account left in the session is gone
    if method:
        record_authentication(request, account, method=method)
    if factor is not None:
        post_authentication(request, factor, passwordless=is_passkey)
    _act_as(request, account, bool(factor))
    response = HttpResponseRedirect(wanted or door.home(request))
    mark_known(request, response, account.pk)
    return response


def pending(request: HttpRequest, door: Door) -> Pending:
    """Return who has proved one thing and waits. Raises SeeOther to sign-in when nobody does, or for too long."""
    waiting: dict[str, Any] = request.session.get(_PENDING) or {}
    is_late = time.time() - waiting.get("at", 0) > PENDING_SECONDS
    if not waiting or is_late or waiting["site"] != door.site:
        request.session.pop(_PENDING, None)
        raise SeeOther(door.address("sign-in"))
    account = Account.objects.filter(pk=UUID(waiting["account"]), is_active=True).first()
    if account is None or waiting["hash"] != account.get_session_auth_hash():
        raise SeeOther(door.address("sign-in"))
    return Pending(account, waiting["method"])


def leave(request: HttpRequest, door: Door) -> HttpResponse:
    """End the session; only a sent form does it."""
    response = HttpResponseRedirect(door.address("sign-in") if door.site == "desk" else "/")
    if request.method == "POST":
        logout(request)
        forget_known(response)
    return response


def ensure_recent(request: HttpRequest, account: Account, door: Door) -> None:
    """Raise SeeOther to sign-in unless the account was proved within the last minutes: for what guards the account."""
    times = [record.get("at", 0) for record in get_authentication_records(request, account)]
    if time.time() - max(times, default=0) > RECENT_SECONDS:
        query = urlencode({"next": door.address("security"), "again": "1"})
        where = f"{door.address('sign-in')}?{query}"
        raise SeeOther(where)


def _ask_more(request: HttpRequest, account: Account, method: str, door: Door, name: str, wanted: str) -> HttpResponse:
    request.session[_PENDING] = {
        "account": str(account.pk),
        "method": method,
        "at": time.time(),
        "site": door.site,
        "hash": account.get_session_auth_hash(),
    }
    return door.onward(request, name, wanted)


def _act_as(request: HttpRequest, account: Account, has_second_factor: bool) -> None:
    """Let the rest of the request read and be recorded as who has just come in."""
    principal = principal_for(account, has_second_factor=has_second_factor)
    if principal is None:
        raise Forbidden("entering.not_known")
    set_principal(request, principal)
    reads_as(principal)
    record_act("accounts.sign_in", by=principal, on=("account", account.pk), person_id=None)


def reads_as(principal: Principal) -> None:
    """Name who the connection works for from now on."""
    reader_connection().read_as(Reader(str(principal.kind), str(principal.id), principal.office_path))
