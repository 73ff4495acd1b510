"""A slip of the window: kept sealed in the officer's session until it is printed, once, and nowhere afterwards."""

import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from yizhengtong.credentials.papers.services import print_account_slip
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.accounts.slips import Slip
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.foundation.web.files import file_response
from yizhengtong.kernel.dates import legal_day

SLIP_SECONDS = 600
"""How long a slip waits to be printed; a choice of ours. Afterwards the account is recovered at the window."""
_WAITING = "desk_slip"


def hand_to_printer(request: HttpRequest, slip: Slip, *, region: str, is_on_file: bool) -> HttpResponse:
    """Keep a slip for the next page, which prints it once. `region`: whose words for 内地 or 大陆."""
    request.session[_WAITING] = {
        "account": str(slip.account.pk),
        "password": slip.password,
        "at": time.time(),
        "region": region,
        "is_on_file": is_on_file,
    }
    return HttpResponseRedirect(reverse("desk-account-slip"))


@never_cache
@page("officer who made it", who=PrincipalKind.STAFF)
def show(request: HttpRequest) -> HttpResponse:
    """Show that a slip waits for the printer; its password stands on the paper alone."""
    kept = _kept(request)
    account = Account.objects.get(pk=UUID(kept["account"]))
    shown = {"username": account.username, "until": account.one_time_until, "is_on_file": kept["is_on_file"]}
    return render_page(request, "desk/accounts/slip.html", shown, title="desk_accounts.slip_title")


@never_cache
@page("officer who made it", who=PrincipalKind.STAFF)
def print_slip(request: HttpRequest) -> HttpResponse:
    """Give the slip as PDF and forget it. Asked again there is none."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk-account-slip"))
    kept = _kept(request)
    account = Account.objects.get(pk=UUID(kept["account"]))
    until = legal_day(account.one_time_until) if account.one_time_until else None
    printed = print_account_slip(
        account=account, password=kept["password"], language=account.language, region=kept["region"], until=until,
        address=request.build_absolute_uri(reverse("resident-sign-in")), on=legal_day(timezone.now()),
        by=signed_in(request),
    )  # fmt: skip
    del request.session[_WAITING]
    return file_response(printed.content, "application/pdf", printed.filename)


def _kept(request: HttpRequest) -> dict[str, Any]:
    kept: dict[str, Any] = request.session.get(_WAITING) or {}
    if not kept or time.time() - kept["at"] > SLIP_SECONDS:
        request.session.pop(_WAITING, None)
        raise SeeOther(f"{reverse('desk-account-new')}?slip=gone")
    return kept
