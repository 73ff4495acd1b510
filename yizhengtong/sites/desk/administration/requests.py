"""What one administrator proposed and another confirms."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from yizhengtong.foundation.accounts.administration import (
    confirm_request,
    decline_request,
    ensure_may_administer,
)
from yizhengtong.foundation.accounts.models import StaffRequest
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.sites.desk.administration.words import request_rows

_WHO = "administrator of the area"


@page(_WHO, who=PrincipalKind.STAFF)
def show(request: HttpRequest, request_id: str) -> HttpResponse:
    """Show a request; whoever did not propose it, and whom it does not concern, can confirm it."""
    by = signed_in(request)
    ensure_may_administer(by.office_path, by)
    asked = (
        StaffRequest.objects.select_related("office", "target")
        .filter(pk=parse_public_id("sfr", request_id), state=StaffRequest.State.OPEN)
        .first()
    )
    if asked is None:
        raise NotFound("not_found")
    ensure_may_administer(asked.office_path, by)
    row = request_rows([asked], by, reader_of(request))[0]
    return render_page(
        request,
        "desk/administration/request.html",
        {"row": row, "may_confirm": not (row.is_own or row.is_about_reader), "may_decline": not row.is_about_reader},
        title=f"desk.administration.request_{asked.kind}",
        back=reverse("desk-administration"),
    )


@require_POST
@page("administrator of the area, not who proposed", who=PrincipalKind.STAFF)
def confirm(request: HttpRequest, request_id: str) -> HttpResponse:
    """Bring it about. The start password of a new account is shown here, once, and kept nowhere."""
    confirmed = confirm_request(request_id=parse_public_id("sfr", request_id), by=signed_in(request))
    response = render_page(
        request,
        "desk/administration/confirmed.html",
        {"username": confirmed.request.username, "start_password": confirmed.start_password},
        title="desk.administration.confirmed",
        back=reverse("desk-administration"),
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(_WHO, who=PrincipalKind.STAFF)
def decline(request: HttpRequest, request_id: str) -> HttpResponse:
    """Let it come to nothing."""
    decline_request(request_id=parse_public_id("sfr", request_id), by=signed_in(request))
    return HttpResponseRedirect(reverse("desk-administration"))
