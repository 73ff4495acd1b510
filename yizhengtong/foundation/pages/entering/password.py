"""Signing in by user name and password, and a password of one's own after the slip of the window."""

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.identity.choosing import offered
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.phones import is_personal
from yizhengtong.foundation.accounts.slips import choose_own_password
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.entering.passing import pass_on, pending
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.texts import base_of, say
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Forbidden

LONGEST_PASSWORD = 256


class SignInForm(PageForm):
    """A user name and a password."""

    words = "entering."
    username = forms.CharField(
        max_length=64, widget=forms.TextInput({"autocomplete": "username webauthn", "autocapitalize": "none"})
    )
    password = forms.CharField(
        max_length=LONGEST_PASSWORD, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class NewPasswordForm(PageForm):
    """A new password, twice."""

    words = "entering."
    new_password = forms.CharField(
        max_length=LONGEST_PASSWORD, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    new_password_again = forms.CharField(
        max_length=LONGEST_PASSWORD, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: object, account: Account, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]
        self.account = account

    def clean(self) -> None:
        first, second = self.cleaned_data.get("new_password"), self.cleaned_data.get("new_password_again")
        if first and second and first != second:
            self.add_error("new_password_again", self.reader.say("entering.passwords_differ"))
        elif first:
            self._weigh(first)

    def _weigh(self, password: str) -> None:
        try:
            get_adapter().clean_password(password, self.account)
        except ValidationError as weak:
            for code in dict.fromkeys(error.code for error in weak.error_list):
                self.add_error("new_password", self.reader.say(f"entering.{code}"))


def sign_in(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for what one signs in with, or take it."""
    form = SignInForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST":
        charge([Charge("sign_in", f"address:{address_of(request)}")])
        response = _entered(request, form, door) if form.is_valid() else None
        if response is not None:
            return response
    return door.show(
        request, "sign_in", "entering.title", form=form, takes_codes=door.takes_codes,
        ways=_ways(door, reader_of(request).language),
        has_ended="ended" in request.GET, is_again="again" in request.GET,
    )  # fmt: skip


def new_password(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for a password of one's own, in place of the one on the slip."""
    waiting = pending(request, door)
    form = NewPasswordForm(request.POST or None, reader=reader_of(request), account=waiting.account)
    if request.method == "POST" and form.is_valid():
        account = choose_own_password(account=waiting.account, password=form.cleaned_data["new_password"])
        return pass_on(request, account, waiting.method, door)
    return door.show(request, "new_password", "entering.new_password_title", form=form, back=door.address("sign-in"))


def _entered(request: HttpRequest, form: SignInForm, door: Door) -> HttpResponse | None:
    name = form.cleaned_data["username"]
    try:
        account = get_adapter().authenticate(request, username=name, password=form.cleaned_data["password"])
        if account is not None:
            return pass_on(request, account, "password", door)
    except ValidationError as refused:
        form.add_error(None, form.reader.say("entering.too_often") if _is_too_often(refused) else refused)
        return None
    except Forbidden as refused_here:
        form.add_error(None, form.reader.say(refused_here.code))
        return None
    by_code = door.takes_codes and is_personal(name)
    form.add_error(None, form.reader.say("entering.not_known_by_number" if by_code else "entering.not_known"))
    return None


def _is_too_often(refused: ValidationError) -> bool:
    return getattr(refused, "code", "") == "too_many_login_attempts"


def _ways(door: Door, language: str) -> list[tuple[str, str]]:
    """Return address and name of each other way in: real-name services that are configured, then a code."""
    if not door.takes_codes:
        return []
    services = offered(base_of(language)) if door.takes_services else []
    named = [
        (door.address("real-name", code), say("entering.by_identity", language, {"name": name}))
        for code, name in services
    ]
    return [*named, (door.address("phone"), say("entering.by_phone", language))]
