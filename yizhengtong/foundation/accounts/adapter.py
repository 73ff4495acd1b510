"""Where allauth asks us."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest, JsonResponse

from yizhengtong.foundation.texts import say

_REFUSED = "accounts.demonstration_refused"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Refuses demonstration accounts in production: their passwords are public."""

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
        return super().pre_login(request, user, **rest)


def _is_refused(account: Any) -> bool:
    return bool(account.is_demonstration and settings.YZT_PRODUCTION)
