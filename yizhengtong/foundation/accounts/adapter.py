"""Where allauth asks us."""

import json
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest, JsonResponse

from yizhengtong.foundation.accounts import phones
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.texts import language_of, say

_REFUSED = "accounts.demonstration_refused"
_SLIP = "accounts.password_of_slip"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Refuses demonstration accounts in production, and keeps personal data out of what allauth leaves open."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Sign in by password; what is refused here is told in the form."""
        account = super().authenticate(request, **credentials)
        if account is not None and _is_refused(account):
            raise ValidationError(say(_REFUSED, account.language), code="demonstration_refused")
        return account

    def pre_login(self, request: HttpRequest, user: Any, **rest: Any) -> Any:
        """Stand in every other way in, such as a passkey."""
        if _is_refused(user):
            raise ImmediateHttpResponse(JsonResponse({"status": 403, "code": _REFUSED}, status=403))
        if user.one_time_until is not None:  # a slip's password is changed on the page first
            raise ImmediateHttpResponse(JsonResponse({"status": 403, "code": _SLIP}, status=403))
        return super().pre_login(request, user, **rest)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Refuse a telephone or document number: user names are not sealed."""
        if phones.is_personal(username):
            raise ValidationError(say("accounts.username_is_personal", _language()), code="username_is_personal")
        return str(super().clean_username(username, shallow))

    def clean_password(self, password: str, user: Any = None) -> str:
        """Check it against the user name too: at sign-up allauth leaves that out."""
        return str(super().clean_password(password, user or Account(username=_username_asked_for())))

    def clean_email(self, email: str) -> str:  # noqa: ARG002 allauth's signature
        """Refuse every address: allauth would keep it open, and nothing is ever sent to one."""
        raise ValidationError(say("accounts.email_not_kept", _language()), code="email_not_kept")

    def clean_phone(self, phone: str) -> str:  # noqa: ARG002 allauth's signature
        """Refuse a number here: it is verified on the page that sends a code there."""
        raise ValidationError(say("accounts.phone_cannot_be_verified", _language()), code="phone_cannot_be_verified")

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        phones.keep_phone(user, phone, is_verified=verified)

    def set_phone_verified(self, user: Any, phone: str) -> None:
        phones.keep_phone(user, phone, is_verified=True)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return phones.phone_of(user)

    def get_user_by_phone(self, phone: str) -> Any:
        return phones.account_by_phone(phone)


def _language() -> str:
    request = context.request
    return language_of(request.headers.get("Accept-Language", "") if request else "")


def _is_refused(account: Any) -> bool:
    return bool(account.is_demonstration and settings.YZT_PRODUCTION)


def _username_asked_for() -> str:
    """Return the user name in the body of a sign-up, which allauth has read and found to be JSON."""
    request = context.request
    try:
        asked = json.loads(request.body) if request is not None else {}
    except (ValueError, RecursionError):
        return ""
    return str(asked.get("username", "")) if isinstance(asked, dict) else ""
