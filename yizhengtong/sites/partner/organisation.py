"""One's organisation: how it stands, its purposes with what was answered, who else may act for it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.credentials.showing.wording import labels
from yizhengtong.foundation.pages.forms import Checks, PageForm
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.sites.partner.own import MEMBER, adding_page, choose_from, done_by, own_page, party_of, render
from yizhengtong.verification.relying_parties.applying import ask_purpose, take_back
from yizhengtong.verification.relying_parties.bounds import INVITATION_LASTS, LONGEST_BASIS
from yizhengtong.verification.relying_parties.models import Invitation, RelyingParty
from yizhengtong.verification.relying_parties.purposes import Purpose, purpose_of, purposes
from yizhengtong.verification.relying_parties.queries import grants_of
from yizhengtong.verification.relying_parties.services import invite_member
from yizhengtong.verification.relying_parties.shapes import GRANT, told_of_grant, told_of_party


class AskForm(PageForm):
    """On which legal basis, and which claims are needed."""

    words = "partner.ask_form."
    legal_basis = forms.CharField(max_length=LONGEST_BASIS, widget=forms.Textarea({"rows": 3}))
    claims = forms.MultipleChoiceField(required=False, widget=Checks())

    def __init__(self, data: Any = None, *, reader: Reader, purpose: Purpose) -> None:
        super().__init__(data, reader=reader)
        choose_from(self.fields["claims"], list(zip(purpose.claims, labels(purpose.claims, reader.say), strict=True)))


@own_page
def show(request: HttpRequest) -> HttpResponse:
    """Show how the organisation stands and what was answered."""
    party, reader = party_of(request), reader_of(request)
    context = {
        "party": told_of_party(party, reader.language),
        "basis_wanted": party.state == RelyingParty.State.TEST,
        "grants": [
            {**told_of_grant(each, reader.language), "labels": labels(each.claims, reader.say)}
            for each in grants_of(party)
        ],
        "invitations": Invitation.objects.filter(
            relying_party=party, expires_at__gt=timezone.now()
        ).order_by("id"),
    }  # fmt: skip
    return render(request, "organisation", context, title="partner.organisation", back=reverse("partner-home"))


@page("member of the organisation", who=MEMBER, limits=("linking",))
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation and show its code, this once."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now: datetime = timezone.now()
    context = {"code": invite_member(by=signed_in(request), at=now), "until": now + INVITATION_LASTS}
    return render(request, "invited", context, title="partner.invited", back=reverse("partner-organisation"))


@own_page
def choose(request: HttpRequest) -> HttpResponse:
    """Show every purpose with what it tells at most and what it compares."""
    party, reader = party_of(request), reader_of(request)
    asked = {each.purpose: each.state for each in reversed(grants_of(party))}
    rows = [
        {
            "code": each.code,
            "words": f"relying_parties.purpose_{each.code}", "why": f"relying_parties.why_{each.code}",
            "tells": labels(each.claims, reader.say), "compares": labels(each.match, reader.say),
            "state": f"relying_parties.grant_{asked[each.code]}" if each.code in asked else "",
            "can_ask": asked.get(each.code) not in {"applied", "granted"},
        }
        for each in purposes().values()
    ]  # fmt: skip
    return render(request, "purposes", {"rows": rows}, title="partner.purposes", back=reverse("partner-organisation"))


@adding_page
def ask(request: HttpRequest, purpose: str) -> HttpResponse:
    """Ask for one purpose on a legal basis."""
    party_of(request)
    wanted, reader = purpose_of(purpose), reader_of(request)
    form = AskForm(request.POST or None, reader=reader, purpose=wanted)
    if done_by(
        form, lambda: ask_purpose(purpose=purpose, **form.cleaned_data, by=signed_in(request), at=timezone.now())
    ):
        return HttpResponseRedirect(reverse("partner-organisation"))
    context = {
        "words": f"relying_parties.purpose_{purpose}",
        "why": f"relying_parties.why_{purpose}",
        "compares": labels(wanted.match, reader.say),
    }
    return render(request, "ask", context, title="partner.ask", back=reverse("partner-purposes"), form=form)


@own_page
def withdraw(request: HttpRequest, grant_id: str) -> HttpResponse:
    """Take back what nobody has answered yet."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    take_back(grant_id=parse_public_id(GRANT, grant_id), by=signed_in(request))
    return HttpResponseRedirect(reverse("partner-organisation"))
