"""Where the organisation is told of changed permits: its addresses, how each fares, the last notices."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.postgresql.readers import reading_as_partner
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.partner.own import MEMBER, choose_from, done_by, environments, own_page, party_of, render
from yizhengtong.verification.relying_parties.callers import caller_of_member
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyAddress
from yizhengtong.verification.relying_parties.queries import addresses_of
from yizhengtong.verification.webhooks.models import Endpoint
from yizhengtong.verification.webhooks.queries import deliveries_of, endpoints_of
from yizhengtong.verification.webhooks.services import register_endpoint

ENDPOINT = "whk"
_LISTED = 50


class EndpointForm(PageForm):
    """Which of the registered addresses, and whether for trials alone."""

    words = "partner.endpoint_form."
    url = forms.ChoiceField(widget=Radios())
    environment = forms.ChoiceField(widget=Radios(), initial="test")

    def __init__(self, data: Any = None, *, reader: Reader, party: RelyingParty) -> None:
        super().__init__(data, reader=reader)
        choose_from(self.fields["url"], [(each, each) for each in _registered(party)])
        choose_from(self.fields["environment"], environments(reader))


@page("member of the organisation", who=MEMBER, limits=("webhook_changes",))
def show(request: HttpRequest) -> HttpResponse:
    """List where one is told; sent, begin at one more address and show its secret, this once."""
    party = party_of(request)
    form = EndpointForm(request.POST or None, reader=reader_of(request), party=party)
    for endpoint, secret in done_by(form, lambda: _registered_at(request, form)):
        context = {"row": _row(endpoint), "secret": secret}
        return render(request, "webhook_made", context, title="partner.webhook_made", back=reverse("partner-webhooks"))
    callers = [caller_of_member(signed_in(request), is_test=is_test) for is_test in (False, True)]
    with reading_as_partner(party.pk):
        found = [each for caller in callers for each in endpoints_of(caller)]
    context = {"rows": [_row(each) for each in found], "can_add": bool(_registered(party))}
    return render(
        request, "webhooks", context, title="partner.webhooks", back=reverse("partner-organisation"), form=form
    )  # fmt: skip


@own_page
def deliveries(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """Show the last notices to an address."""
    party, key = party_of(request), parse_public_id(ENDPOINT, endpoint_id)
    is_test = request.GET.get("environment") == "test"
    caller = caller_of_member(signed_in(request), is_test=is_test)
    with reading_as_partner(party.pk):
        found = deliveries_of(caller, key)[:_LISTED]
    rows = [
        {"delivery": each, "kind": f"partner.notice_{each.kind}", "state": f"partner.delivery_{each.state}",
         "failure": each.failure}
        for each in found
    ]  # fmt: skip
    return render(request, "webhook", {"rows": rows}, title="partner.webhook", back=reverse("partner-webhooks"))


def _registered_at(request: HttpRequest, form: EndpointForm) -> tuple[Endpoint, str]:
    caller = caller_of_member(signed_in(request), is_test=form.cleaned_data["environment"] == "test")
    with reading_as_partner(caller.pk):
        return register_endpoint(caller=caller, url=form.cleaned_data["url"])


def _registered(party: RelyingParty) -> list[str]:
    return list(addresses_of(party, RelyingPartyAddress.Kind.WEBHOOK))


def _row(endpoint: Endpoint) -> dict[str, Any]:
    environment = "test" if endpoint.is_test else "production"
    return {
        "id": public_id(ENDPOINT, endpoint.pk), "url": endpoint.url, "state": f"partner.endpoint_{endpoint.state}",
        "is_on": endpoint.state == "on", "failures": endpoint.failures, "rests_until": endpoint.rests_until,
        "environment": environment, "environment_words": f"partner.environment_{environment}",
    }  # fmt: skip
