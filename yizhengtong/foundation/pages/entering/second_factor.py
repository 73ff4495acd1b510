"""The second factor of an account that has one: a code of the authenticator app, a recovery code, or a passkey."""

from typing import Any

from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.entering.passing import enter, pending
from yizhengtong.foundation.pages.entering.passkeys import OptionsEncoder, Unreadable, factor_shown
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge

_SAID = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


class CodeForm(PageForm):
    """A code that is said back: six digits, or a recovery code."""

    words = "entering."
    code = forms.CharField(
        max_length=16, widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"})
    )


def second_factor(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for the second factor, or take it. Tries are counted for the account, wherever they come from."""
    waiting = pending(request, door)
    has_passkey = bool(webauthn.get_credentials(waiting.account))
    has_app = Authenticator.objects.filter(user=waiting.account, type=Authenticator.Type.TOTP).exists()
    form = CodeForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST":
        charge([Charge("sign_in", f"address:{address_of(request)}")])
        factor = _factor(request, form, waiting.account)
        if factor is not None:
            return enter(request, waiting.account, door, method=waiting.method, factor=factor)
    return door.show(
        request, "second_factor", "entering.second_factor_title",
        form=form, has_passkey=has_passkey, has_app=has_app, back=door.address("sign-in"),
        options=door.address("second-factor-options"),
    )  # fmt: skip


def second_factor_options(request: HttpRequest, door: Door) -> HttpResponse:
    """Give the browser what a passkey of the waiting account is asked with."""
    charge([Charge("sign_in", f"address:{address_of(request)}")])
    return JsonResponse(webauthn.begin_authentication(pending(request, door).account), encoder=OptionsEncoder)


def _factor(request: HttpRequest, form: CodeForm, account: Account) -> Authenticator | None:
    try:
        counted = check_rate_limit(account)
    except ValidationError:
        form.add_error(None, form.reader.say("entering.too_often"))
        return None
    shown = request.POST.get("credential", "")
    factor = _passkey(account, shown) if shown else _said(form, account)
    if factor is None:
        form.add_error(None if shown else "code", form.reader.say("entering.code_wrong"))
    else:
        counted()
    return factor


def _passkey(account: Account, shown: str) -> Authenticator | None:
    try:
        return factor_shown(account, shown)
    except Unreadable:
        return None


def _said(form: CodeForm, account: Account) -> Authenticator | None:
    if not form.is_valid():
        return None
    code = form.cleaned_data["code"].replace(" ", "")
    for factor in Authenticator.objects.filter(user=account, type__in=_SAID):
        wrapped: Any = factor.wrap()
        if wrapped.validate_code(code):
            return factor
    return None
