"""Who runs a command: an account named by its user name, believed because of who may run commands here."""

from django.core.management.base import CommandError

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, principal_for


def principal_named(username: str | None) -> Principal:
    """Return who an active account stands for. Raises CommandError."""
    account = Account.objects.filter(username=username or "", is_active=True).first()
    principal = principal_for(account) if account else None
    if principal is None:
        raise CommandError("Say who you are: --by USERNAME of an active account.")
    return principal
