"""The addresses of a door: what a site adds to its own."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from yizhengtong.foundation.pages.entering import passkeys, password, phone_codes, second_factor, security
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.entering.passing import leave
from yizhengtong.foundation.pages.serving import page

View = Callable[..., HttpResponse]
_OPEN: tuple[tuple[str, str, View], ...] = (
    ("sign-in", "sign-in", password.sign_in),
    ("sign-in/new-password", "new-password", password.new_password),
    ("sign-in/second-factor", "second-factor", second_factor.second_factor),
    ("sign-out", "sign-out", leave),
)
_SENT_ONLY: tuple[tuple[str, str, View], ...] = (
    ("sign-in/second-factor/passkey-options", "second-factor-options", second_factor.second_factor_options),
    ("sign-in/passkey-options", "passkey-options", passkeys.sign_in_options),
    ("sign-in/passkey", "passkey-sign-in", passkeys.passkey_sign_in),
)
_BY_PHONE: tuple[tuple[str, str, View], ...] = (
    ("sign-in/phone", "phone", phone_codes.ask_phone),
    ("sign-in/phone/code", "phone-code", phone_codes.say_code),
)
_OWN: tuple[tuple[str, str, View], ...] = (
    ("security", "security", security.security),
    ("security/password", "password-change", security.change_password),
    ("security/passkeys/new", "passkey-add", security.add_passkey),
    ("security/app/new", "app-add", security.add_app),
    ("security/recovery-codes", "recovery-codes", security.recovery_codes),
    ("security/factors/<int:factor_id>/remove", "factor-remove", security.remove_factor),
)


def addresses_of(door: Door) -> list[URLPattern]:
    """Return the addresses of signing in and out and of what guards one's own account."""
    opened = [*_OPEN, *(_BY_PHONE if door.takes_codes else ())]
    return [
        *(_address(door, route, name, view, "public", is_known=False) for route, name, view in opened),
        *(_address(door, route, name, _sent(view), "public", is_known=False) for route, name, view in _SENT_ONLY),
        *(_address(door, route, name, view, "own account", is_known=True) for route, name, view in _OWN),
        _address(
            door,
            "security/passkeys/options",
            "passkey-creation",
            _sent(security.passkey_creation),
            "own account",
            is_known=True,
        ),
    ]


def _address(door: Door, route: str, name: str, view: View, policy: str, *, is_known: bool) -> URLPattern:
    """A failed try must count, so what asks for proofs is no transaction as a whole."""
    declared = page(policy, who=door.kind if is_known else None, is_one=False)(_through(door, view))
    return path(route, never_cache(declared), name=f"{door.site}-{name}")


def _through(door: Door, view: View) -> View:
    def served(request: HttpRequest, **named: Any) -> HttpResponse:
        return view(request, door, **named)

    served.__name__, served.__doc__, served.__module__ = view.__name__, view.__doc__, view.__module__
    return served


def _sent(view: View) -> View:
    def only_sent(request: HttpRequest, door: Door, **named: Any) -> HttpResponse:
        if request.method != "POST":
            return door.onward(request, "sign-in")
        return view(request, door, **named)

    only_sent.__name__, only_sent.__doc__ = view.__name__, view.__doc__
    return only_sent
