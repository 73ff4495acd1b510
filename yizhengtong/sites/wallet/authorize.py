"""The page on which a resident says whether a wallet may collect a permit: who asks, for what, where one goes after it.

A wallet sends the browser here with the name of the request it pushed; whoever has not signed in does so first and
comes back. Yes and no both lead back to the wallet, to the address that the request holds and no other. For an app
that nobody vouches for a yes takes a second step of its own: whoever is talked into it reads once more what it means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from yizhengtong.credentials.catalogue.queries import CredentialType
from yizhengtong.credentials.issuance.copies import Readiness, permit_for, readiness
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.forms import PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import SeeOther, page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.kernel.ids import public_id
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import person_of, wards_of
from yizhengtong.verification.authorization.deciding import allow, open_request, refuse
from yizhengtong.verification.authorization.models import PushedRequest
from yizhengtong.verification.authorization.redirects import place_of, source_of

_NEEDED = ("client_id", "request_uri")


@dataclass(frozen=True, slots=True)
class Collectable:
    """Whose permits the wallet would get, and in which forms."""

    person: Person
    types: tuple[CredentialType, ...]

    @property
    def key(self) -> str:
        return public_id("per", self.person.pk)

    def titles(self, reader: Reader) -> list[str]:
        """Return the permits' names as printed on this person's cards, each once."""
        return list(dict.fromkeys(each.title(reader.language, self.person.region) for each in self.types))


class AnswerForm(PageForm):
    """For whom, where the resident acts for several who have such a permit; and that one knows what one does."""

    words = "wallet.allow."
    person = forms.ChoiceField(widget=Radios())
    knows_risk = forms.BooleanField()

    def __init__(self, data: object, *, reader: Reader, found: Sequence[Collectable], is_vouched_for: bool) -> None:
        super().__init__(data, reader=reader)
        if is_vouched_for:
            del self.fields["knows_risk"]
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 as it stands above
        field.choices = [(each.key, each.person.name) for each in found]
        if len(found) == 1:
            self.initial["person"], field.widget = found[0].key, forms.HiddenInput()


class _ToWallet(HttpResponseRedirect):
    """A redirect to an address that the pushed request holds; its scheme may be a wallet's own."""

    def __init__(self, address: str) -> None:
        self.allowed_schemes = [address.partition(":")[0]]
        super().__init__(address)
        self.status_code = HTTPStatus.SEE_OTHER


@page("own person or ward", who=PrincipalKind.RESIDENT)
def authorize(request: HttpRequest) -> HttpResponse:
    """Show what a wallet asks for, and take the answer (RFC 6749 4.1.1, RFC 9126 4)."""
    named, by = _named(request), signed_in(request)
    asked = open_request(**named, by=by)
    found = _collectable(request, asked.configuration_ids)
    if request.method == "POST" and request.POST.get("answer") == "no":
        return _ToWallet(refuse(**named, by=by))
    form = AnswerForm(
        request.POST or None, reader=reader_of(request), found=found, is_vouched_for=bool(asked.client_name)
    )  # fmt: skip
    if request.method == "POST" and found and form.is_valid():
        [chosen] = [each for each in found if each.key == form.cleaned_data["person"]]
        ids = [each.configuration_id for each in chosen.types]
        return _ToWallet(allow(**named, person=chosen.person, configuration_ids=ids, by=by))
    return _shown(request, asked, found, form)


def _named(request: HttpRequest) -> dict[str, str]:
    """Return which request is meant. Raises Invalid where it was not pushed, or could be read in two ways."""
    given = {name: request.GET.getlist(name) for name in _NEEDED}
    if any(len(values) != 1 for values in given.values()):
        raise Invalid("authorization.request_over")
    return {name: values[0] for name, values in given.items()}


def _collectable(request: HttpRequest, asked: Sequence[str]) -> list[Collectable]:
    """Return for whom the resident may say yes: oneself and wards who have what was asked for."""
    own, on = _own_person(request), legal_day(timezone.now())
    found = [Collectable(person, _types_of(person, asked)) for person in (own, *wards_of(own, on))]
    return [each for each in found if each.types]


def _types_of(person: Person, configuration_ids: Sequence[str]) -> tuple[CredentialType, ...]:
    on, held = legal_day(timezone.now()), [permit_for(person.pk, each) for each in configuration_ids]
    return tuple(each[1] for each in held if each is not None and readiness(each[0], on) is not Readiness.NEVER)


def _own_person(request: HttpRequest) -> Person:
    """Return the person behind the account. Raises SeeOther to the page that asks who one is, and back."""
    account_id = signed_in(request).id
    if account_id is None:  # only the system itself has none, and it reads no pages
        raise Forbidden("web.sign_in_first")
    person = person_of(account_id)
    if person is None:
        raise SeeOther(f"{reverse('resident-register')}?{urlencode({'next': request.get_full_path()})}")
    return person


def _shown(
    request: HttpRequest, asked: PushedRequest, found: Sequence[Collectable], form: AnswerForm
) -> HttpResponse:  # fmt: skip
    reader, by = reader_of(request), signed_in(request)
    for each in found:
        record_read(
            "authorization.read_request", by=by, on=("person", each.person.pk), person_id=each.person.pk,
            purpose="own data", fields=["name", "permit"],
        )  # fmt: skip
    response = render_page(
        request,
        "wallet/authorize.html",
        {
            "form": form,
            "wallet": asked.client_name,
            "place": place_of(asked.redirect_uri),
            "found": [(each.person.name, each.titles(reader)) for each in found],
        },
        title="wallet.allow.title",
        status=422 if request.method == "POST" else 200,
    )
    # A browser holds what a form leads to against this policy, redirects included.
    response._csp_update = {"form-action": [source_of(asked.redirect_uri)]}  # type: ignore[attr-defined]
    return response
