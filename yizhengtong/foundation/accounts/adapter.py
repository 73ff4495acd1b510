"""Where allauth asks us."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest

from yizhengtong.foundation.texts import say


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Refuses demonstration accounts in production: their passwords are public."""

    def pre_login(self, request: HttpRequest, user: Any, **rest: Any) -> Any:
        if user.is_demonstration and settings.YZT_PRODUCTION:
            raise ValidationError(say("accounts.demonstration_refused", user.language), code="demonstration_refused")
        return super().pre_login(request, user, **rest)
