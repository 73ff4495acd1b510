"""For what somebody shows a permit, what will be shown, the code that changes, and the code to print."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.codes import CHANGES_AFTER, LASTS
from yizhengtong.credentials.showing.models import Showing
from yizhengtong.credentials.showing.paper import PATH, code_for, own_content
from yizhengtong.credentials.showing.purposes import purpose_of, purposes
from yizhengtong.credentials.showing.queries import last_showing_of, showing_of
from yizhengtong.credentials.showing.services import begin_showing, draw_code, stop_showing, what_is_shown
from yizhengtong.credentials.showing.wording import labels, standing_words, worded
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.qr import qr_code
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.callers import caller_of
from yizhengtong.foundation.web.headers import allow_pictures_within
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.sites.resident.mine.asking import WHO, own_page, today
from yizhengtong.sites.resident.mine.permits import own_permit, permit_name

CODE_PATH = "/check/code/"
_NO_CONTENT = 204


@own_page
def choose(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Ask for what the permit is to be shown; each purpose says what it shows."""
    permit, reader = own_permit(request, permit_id), reader_of(request)
    now = standing(permit, today())
    rows = [
        (each.code, f"showing.purpose_{each.code}", f"showing.why_{each.code}", labels(each.on_phone, reader.say))
        for each in purposes().values()
    ]
    context = {
        "id": permit_id,
        "name": permit_name(permit.kind, permit.person.region, reader),
        "purposes": rows if now.is_valid else [],
        "standing": "" if now.is_valid else standing_words(now, reader.say),
    }
    return render_page(
        request, "resident/wallet/showing/choose.html", context, title="wallet_showing.choose",
        back=reverse("resident-permit", args=[permit_id]),
    )  # fmt: skip


@page("own person or ward", who=WHO, limits=("showings",))
def preview(request: HttpRequest, permit_id: str, purpose: str) -> HttpResponse:
    """Show exactly what whoever checks will see; then hold the permit out."""
    permit, asked, reader = own_permit(request, permit_id), purpose_of(purpose), reader_of(request)
    if request.method == "POST":
        begin_showing(permit=permit, purpose=purpose, at=timezone.now(), by=signed_in(request))
        return HttpResponseRedirect(reverse("permit-code", args=[permit_id]))
    now = standing(permit, today())
    values, photo = what_is_shown(permit, asked, today(), signed_in(request)) if now.is_valid else ({}, "")
    context = {
        "id": permit_id,
        "purpose": asked,
        "purpose_words": reader.say(f"showing.purpose_{purpose}"),
        "why": reader.say(f"showing.why_{purpose}"),
        "claims": worded(values, reader.say),
        "photo": photo,
        "standing": standing_words(now, reader.say),
        "is_valid": now.is_valid,
        "minutes": int(LASTS.total_seconds()) // 60,
    }
    response = render_page(
        request, "resident/wallet/showing/preview.html", context, title="wallet_showing.what",
        back=reverse("permit-show", args=[permit_id]),
    )  # fmt: skip
    return allow_pictures_within(response)


@own_page
def hold_out(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show the code that changes; without scripts the page asks for itself again."""
    permit = own_permit(request, permit_id)
    context = _held_out(request, permit, permit_id)
    return render_page(
        request, "resident/wallet/showing/code.html", context, title="wallet_showing.code",
        back=reverse("permit-show", args=[permit_id]),
    )  # fmt: skip


@own_page
def code_now(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Give the part of the page with the next code; nothing while `?reads=` says what is known already."""
    permit = own_permit(request, permit_id)
    showing = showing_of(permit, _account(request), timezone.now())
    if showing is not None and request.GET.get("reads") == str(showing.reads):
        return HttpResponse(status=_NO_CONTENT)
    return render(
        request, "resident/wallet/showing/code_now.html",
        {"reader": reader_of(request), **_held_out(request, permit, permit_id)},
    )  # fmt: skip


@own_page
def take_back(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Stop showing."""
    permit = own_permit(request, permit_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    showing = showing_of(permit, _account(request), timezone.now())
    if showing is not None:
        stop_showing(showing=showing, at=timezone.now(), by=signed_in(request))
    return HttpResponseRedirect(reverse("permit-code", args=[permit_id]))


@own_page
def print_code(request: HttpRequest, permit_id: str, purpose: str) -> HttpResponse:
    """Show a code to print, beside the words it holds."""
    permit, asked, reader = own_permit(request, permit_id), purpose_of(purpose), reader_of(request)
    charge([Charge("papers", caller_of(request))])
    record_read("showing.preview", by=signed_in(request), on=("permit", permit.pk), person_id=permit.person_id,
                purpose="own data", fields=list(asked.claims))  # fmt: skip
    code = code_for(permit, purpose, today())
    content = own_content(code)
    context = {
        "id": permit_id,
        "name": permit_name(permit.kind, permit.person.region, reader),
        "purpose_words": reader.say(f"showing.purpose_{purpose}"),
        "claims": worded(content.values, reader.say),
        "qr": qr_code(code, scale=4, error="m"),
        "issued_on": today(),
        "until": content.last_day,
        "address": f"{settings.YZT_ADDRESS}{PATH}",
    }
    return render_page(
        request, "resident/wallet/showing/print.html", context, title="wallet_showing.print_title",
        back=reverse("permit-show-what", args=[permit_id, purpose]),
    )  # fmt: skip


def _held_out(request: HttpRequest, permit: Permit, permit_id: str) -> dict[str, Any]:
    """Return what the page of the code shows, with a code that was drawn for it unless the showing is over."""
    at, account_id, reader = timezone.now(), _account(request), reader_of(request)
    showing = showing_of(permit, account_id, at)
    last = showing or last_showing_of(permit, account_id)
    return {
        "id": permit_id,
        "showing": showing,
        "purpose_words": reader.say(f"showing.purpose_{last.purpose}") if last else "",
        "labels": labels(_shown(last), reader.say) if last else [],
        "reads": last.reads if last else 0,
        "last_read_at": last.last_read_at if last else None,
        "seconds": int(CHANGES_AFTER.total_seconds()),
        **(_drawn(request, showing) if showing else {}),
    }


def _drawn(request: HttpRequest, showing: Showing) -> dict[str, Any]:
    charge([Charge("showing_codes", caller_of(request))])
    code = draw_code(showing=showing, at=timezone.now())
    return {"code": code, "qr": qr_code(f"{settings.YZT_ADDRESS}{CODE_PATH}{code}", scale=8, border=4)}


def _account(request: HttpRequest) -> UUID:
    account_id = signed_in(request).id
    if account_id is None:  # only the system itself has none, and it reads no pages
        raise Forbidden("web.sign_in_first")
    return account_id


def _shown(showing: Showing) -> tuple[str, ...]:
    return purpose_of(showing.purpose).on_phone
