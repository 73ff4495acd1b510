"""Passkeys: signing in with one, and showing one as a second factor. WebAuthn by allauth and fido2 (docs/adr/0050).

The browser's part is static/pages/passkeys.js. A challenge lies in the session and is good for one answer; the address
it was made for is checked by fido2, so that a page elsewhere cannot pass one on.
"""

import json
from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.entering.passing import ensure_is_for, enter
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Forbidden

_MOST_LETTERS = 20_000


class Unreadable(Exception):
    """What the browser sent is no answer to the challenge of this session by a passkey of this account."""


class OptionsEncoder(json.JSONEncoder):
    """Writes what fido2 gives, which are mappings of its own."""

    def default(self, o: object) -> Any:
        return dict(o) if isinstance(o, Mapping) else super().default(o)


def sign_in_options(request: HttpRequest, door: Door) -> HttpResponse:  # noqa: ARG001 as the other views of a door
    """Give the browser a challenge for any passkey of this site."""
    charge([Charge("sign_in", f"address:{address_of(request)}")])
    return JsonResponse(webauthn.begin_authentication(), encoder=OptionsEncoder)


def passkey_sign_in(request: HttpRequest, door: Door) -> HttpResponse:
    """Let in who has shown a passkey. It is possession and a person in one: no further factor is asked."""
    charge([Charge("sign_in", f"address:{address_of(request)}")])
    try:
        credential = read_credential(request.POST.get("credential", ""))
        account = _account_of(credential)
        factor = factor_shown(account, request.POST["credential"])
    except Unreadable as unreadable:
        raise Forbidden("entering.passkey_unknown") from unreadable
    ensure_is_for(account, door)
    return enter(request, account, door, factor=factor, is_passkey=True)


def factor_shown(account: Account, shown: str) -> Authenticator:
    """Return the passkey of an account that answered this session's challenge. Raises Unreadable."""
    credential = read_credential(shown)
    try:
        return webauthn.complete_authentication(account, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        webauthn.clear_state()
        raise Unreadable from error


def read_credential(shown: str) -> dict[str, Any]:
    """Return what the browser sent. Raises Unreadable."""
    try:
        credential = json.loads(shown) if len(shown) <= _MOST_LETTERS else None
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
        raise Unreadable
    return credential


def _account_of(credential: dict[str, Any]) -> Account:
    try:
        account: Account = webauthn.extract_user_from_response(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable from error
    return account
