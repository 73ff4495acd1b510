"""An account that becomes an organisation's: it registers one, or joins one by invitation."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.sites.partner.own import done_by, render
from yizhengtong.verification.relying_parties.bounds import LONGEST_CONTACT, LONGEST_NAME
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import join_organisation, register_organisation

_LONGEST_CODE = 24
_LONGEST_INVITATION = 64
new_page = page(
    "own account without a person", who=PrincipalKind.RESIDENT, limits=("linking",), sign_in="partner-sign-in"
)


class OrganisationForm(PageForm):
    """The organisation, and how whoever registers it is reached."""

    words = "partner.register_form."
    name = forms.CharField(max_length=LONGEST_NAME)
    code = forms.CharField(max_length=_LONGEST_CODE, widget=forms.TextInput({"autocapitalize": "characters"}))
    contact = forms.CharField(max_length=LONGEST_CONTACT)


class JoiningForm(PageForm):
    """The code of an invitation, and how one is reached."""

    words = "partner.join_form."
    code = forms.CharField(
        max_length=_LONGEST_INVITATION,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    contact = forms.CharField(max_length=LONGEST_CONTACT)


@new_page
def register(request: HttpRequest) -> HttpResponse:
    """Register an organisation: the sandbox opens at once."""
    form = OrganisationForm(request.POST or None, reader=reader_of(request))
    if done_by(form, lambda: register_organisation(**form.cleaned_data, by=signed_in(request))):
        return HttpResponseRedirect(reverse("partner-organisation"))
    return render(
        request, "register", {}, title="partner.register", back=reverse("partner-home"), form=form
    )  # fmt: skip


@new_page
def join(request: HttpRequest) -> HttpResponse:
    """Join an organisation that made an invitation."""
    form = JoiningForm(request.POST or None, reader=reader_of(request))
    if done_by(form, lambda: _joined(request, form)):
        return HttpResponseRedirect(reverse("partner-organisation"))
    return render(request, "join", {}, title="partner.join", back=reverse("partner-home"), form=form)


def _joined(request: HttpRequest, form: JoiningForm) -> RelyingParty:
    try:
        return join_organisation(**form.cleaned_data, by=signed_in(request), at=timezone.now())
    except NotFound:
        wrong = [FieldError("code", "partner.join_form.code_wrong")]
        raise Invalid("relying_parties.organisation_invalid", errors=wrong) from None
