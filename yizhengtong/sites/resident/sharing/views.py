"""One's share codes: which there are and who used them, a new one, its end."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.claims import PHOTO
from yizhengtong.credentials.showing.wording import labels, standing_words, worded
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.qr import qr_code
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.web.headers import allow_pictures_within
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.sites.resident.acting import own_person
from yizhengtong.sites.resident.mine.asking import WHO, own_page, today
from yizhengtong.sites.resident.mine.permits import own_permit, permit_name
from yizhengtong.verification.relying_parties.purposes import Purpose, purpose_of, purposes
from yizhengtong.verification.sharing.bounds import MOST_USES
from yizhengtong.verification.sharing.models import ShareCode
from yizhengtong.verification.sharing.queries import Shared, share_codes_of
from yizhengtong.verification.sharing.services import end_share_code, make_share_code, what_is_told

CODE = "shc"
CHECK_PATH = "/check/share"
_DAYS, _USES = 7, 1
"""What the form begins with: a week, one look."""


class TermsForm(PageForm):
    """For how many days, and how often."""

    words = "resident_sharing.terms."
    days = forms.IntegerField(min_value=1, widget=forms.NumberInput({"inputmode": "numeric"}))
    uses = forms.IntegerField(min_value=1, widget=forms.NumberInput({"inputmode": "numeric"}))

    def __init__(self, data: object = None, *, reader: Reader, purpose: Purpose) -> None:
        super().__init__(data, reader=reader)
        for name, first, most in (("days", _DAYS, purpose.days), ("uses", _USES, MOST_USES)):
            field = self.fields[name]
            field.initial = min(first, most)
            field.widget.attrs["max"] = str(most)
            field.error_messages["min_value"] = reader.say(f"sharing.{name}_out_of_bounds", most=most)
            field.help_text = reader.say(f"resident_sharing.terms.{name}_most", most=most)


@dataclass(frozen=True, slots=True)
class Row:
    """A code as the list shows it."""

    id: str
    shared: Shared
    purpose: str
    state: str
    labels: list[str]

    @property
    def left(self) -> int:
        return self.shared.code.most_uses - self.shared.code.uses


@own_page
def list_codes(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Show a permit's codes, the newest first, with every use of each."""
    permit, reader = own_permit(request, permit_id), reader_of(request)
    record_read("sharing.read", by=signed_in(request), on=("permit", permit.pk), person_id=permit.person_id,
                purpose="own data")  # fmt: skip
    context = {
        "id": permit_id,
        "name": permit_name(permit.kind, permit.person.region, reader),
        "rows": [_row(each, reader) for each in share_codes_of(permit.person, timezone.now(), permit)],
        "can_make": standing(permit, today()).is_valid,
    }
    return render_page(
        request, "resident/sharing/list.html", context, title="resident_sharing.title",
        back=reverse("resident-permit", args=[permit_id]),
    )  # fmt: skip


@own_page
def choose(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Ask for what the code is to be; each purpose says what it tells."""
    permit, reader = own_permit(request, permit_id), reader_of(request)
    now = standing(permit, today())
    rows = [
        (each.code, f"relying_parties.purpose_{each.code}", f"relying_parties.why_{each.code}",
         labels(each.claims, reader.say))
        for each in purposes().values()
    ]  # fmt: skip
    context = {
        "id": permit_id,
        "name": permit_name(permit.kind, permit.person.region, reader),
        "purposes": rows if now.is_valid else [],
        "standing": "" if now.is_valid else standing_words(now, reader.say),
    }
    return render_page(
        request, "resident/sharing/choose.html", context, title="resident_sharing.choose",
        back=reverse("permit-share", args=[permit_id]),
    )  # fmt: skip


@page("own person or ward", who=WHO, limits=("share_codes",))
def make(request: HttpRequest, permit_id: str, purpose: str) -> HttpResponse:
    """Show exactly what the code will tell, ask for days and uses; sent, show the code, this once."""
    permit, asked, reader = own_permit(request, permit_id), purpose_of(purpose), reader_of(request)
    form = TermsForm(request.POST or None, reader=reader, purpose=asked)
    if request.method == "POST" and form.is_valid():
        made: list[tuple[ShareCode, str]] = []
        if form.does(lambda: made.append(_made(request, permit, purpose, form))):
            return _shown_once(request, permit_id, *made[0])
    return _preview(request, permit, permit_id, asked, form)


@own_page
def end(request: HttpRequest, permit_id: str, share_code_id: str) -> HttpResponse:
    """Ask once, say what it does, then end a code."""
    permit, here, reader = own_permit(request, permit_id), reverse("permit-share", args=[permit_id]), reader_of(request)
    key = parse_public_id(CODE, share_code_id)
    found = [each for each in share_codes_of(permit.person, timezone.now(), permit) if each.code.pk == key]
    if not found:
        raise NotFound("not_found")
    if request.method == "POST":
        end_share_code(share_code_id=key, acting=own_person(request), at=timezone.now(), by=signed_in(request))
        return HttpResponseRedirect(here)
    context = {"row": _row(found[0], reader), "here": here}
    return render_page(request, "resident/sharing/end.html", context, title="resident_sharing.end_title", back=here)


def _made(request: HttpRequest, permit: Permit, purpose: str, form: TermsForm) -> tuple[ShareCode, str]:
    days, uses = form.cleaned_data["days"], form.cleaned_data["uses"]
    return make_share_code(
        permit=permit, purpose=purpose, days=days, uses=uses, at=timezone.now(), by=signed_in(request)
    )


def _preview(request: HttpRequest, permit: Permit, permit_id: str, purpose: Purpose, form: TermsForm) -> HttpResponse:
    reader, now = reader_of(request), standing(permit, today())
    values, photo = what_is_told(permit, purpose, timezone.now(), signed_in(request)) if now.is_valid else ({}, "")
    context = {
        "id": permit_id,
        "form": form,
        "purpose_words": reader.say(f"relying_parties.purpose_{purpose.code}"),
        "why": reader.say(f"relying_parties.why_{purpose.code}"),
        "claims": worded(values, reader.say),
        "wants_photo": PHOTO in purpose.claims,
        "photo": photo,
        "standing": standing_words(now, reader.say),
        "is_valid": now.is_valid,
    }
    response = render_page(
        request, "resident/sharing/new.html", context, title="resident_sharing.what",
        back=reverse("permit-share-new", args=[permit_id]), status=422 if form.errors else 200,
    )  # fmt: skip
    return allow_pictures_within(response)


def _shown_once(request: HttpRequest, permit_id: str, share: ShareCode, code: str) -> HttpResponse:
    reader, address = reader_of(request), f"{settings.YZT_ADDRESS}{CHECK_PATH}"
    context = {
        "id": permit_id,
        "row": _row(Shared(share, "good", ()), reader),
        "code": code,
        "address": address,
        "qr": qr_code(address, scale=5, error="m"),
    }
    return render_page(
        request, "resident/sharing/made.html", context, title="resident_sharing.made",
        back=reverse("permit-share", args=[permit_id]),
    )  # fmt: skip


def _row(shared: Shared, reader: Reader) -> Row:
    return Row(
        id=public_id(CODE, shared.code.pk),
        shared=shared,
        purpose=reader.say(f"relying_parties.purpose_{shared.code.purpose}"),
        state=reader.say(f"sharing.state_{shared.state}"),
        labels=labels(shared.code.claims, reader.say),
    )
