"""One consent to sign in with one's real name: what the party is told, until when, and its end."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.credentials.showing.wording import labels
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.sites.resident.acting import acting_for
from yizhengtong.sites.resident.mine.asking import note, own_page
from yizhengtong.verification.openid.queries import CONSENT, consent_of
from yizhengtong.verification.openid.services import end_consent


@own_page
def show(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Show what was agreed to; sent, take it back."""
    person, reader, key = acting_for(request), reader_of(request), parse_public_id(CONSENT, consent_id)
    if request.method == "POST":
        end_consent(consent_id=key, person=person, by=signed_in(request))
        return HttpResponseRedirect(reverse("resident-consents"))
    found = consent_of(person, key)
    note(request, "privacy.read_consents", person)
    return render_page(
        request,
        "resident/checks/sign_in.html",
        {"consent": found, "purpose": f"relying_parties.purpose_{found.purpose}",
         "claims": labels(found.claims, reader.say)},
        title="resident_checks.sign_in.title",
        back=reverse("resident-consents"),
    )  # fmt: skip
