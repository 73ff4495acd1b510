"""Addresses that are the organisation's own: where sign-ins come back to, sign-outs and notices go to."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.sites.partner.own import adding_page, choose_from, done_by, own_page, party_of, render
from yizhengtong.verification.relying_parties.applying import add_address, remove_address
from yizhengtong.verification.relying_parties.bounds import LONGEST_URI
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.relying_parties.shapes import ADDRESS, told_of_address


class AddressForm(PageForm):
    """An address and what it is for."""

    words = "partner.address_form."
    kind = forms.ChoiceField(widget=Radios())
    uri = forms.CharField(
        max_length=LONGEST_URI,
        widget=forms.TextInput(
            {"type": "url", "autocapitalize": "none", "spellcheck": "false", "placeholder": "https://"}
        ),
    )

    def __init__(self, data: Any = None, *, reader: Reader) -> None:
        super().__init__(data, reader=reader)
        kinds = RelyingPartyAddress.Kind.values
        choose_from(self.fields["kind"], [(each, reader.say(f"partner.address_{each}")) for each in kinds])


@adding_page
def show(request: HttpRequest) -> HttpResponse:
    """List the addresses; sent, add one."""
    party = party_of(request)
    form = AddressForm(request.POST or None, reader=reader_of(request))
    if done_by(form, lambda: add_address(**form.cleaned_data, by=signed_in(request))):
        return HttpResponseRedirect(reverse("partner-addresses"))
    found = RelyingPartyAddress.objects.filter(relying_party=party).order_by("id")
    rows = [{**told_of_address(each), "words": f"partner.address_{each.kind}"} for each in found]
    return render(
        request, "addresses", {"rows": rows}, title="partner.addresses", back=reverse("partner-organisation"), form=form
    )


@own_page
def remove(request: HttpRequest, address_id: str) -> HttpResponse:
    """Take an address away; only a sent form does it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    remove_address(address_id=parse_public_id(ADDRESS, address_id), by=signed_in(request))
    return HttpResponseRedirect(reverse("partner-addresses"))
