"""Sessions as sign-in leaves them, without signing in."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account


def session(account: Account, *, has_second_factor: bool = False) -> str:
    """Return the token of a new session."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(account.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = account.get_session_auth_hash()
    methods = ["password", *(["mfa"] if has_second_factor else [])]
    store["account_authentication_methods"] = [{"method": one, "at": timezone.now().timestamp()} for one in methods]
    store.create()
    return str(store.session_key)
