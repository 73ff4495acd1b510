"""What the browser's session says of who sits there: when, and how strongly, they proved who they are."""

from datetime import UTC, datetime

from django.http import HttpRequest

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.sessions import METHODS_KEY, stored_key
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.verification.openid.deciding import BASIC, STRONG, Session

_STRONG = {"mfa", "identity"}


def resident_of(request: HttpRequest) -> Principal | None:
    """Return the resident who is signed in; None for nobody and for officers."""
    principal = reader_of(request).principal
    return principal if principal is not None and principal.kind == PrincipalKind.RESIDENT else None


def session_of(request: HttpRequest) -> Session | None:
    """Return the session; None where nobody signed in by it."""
    token = request.session.session_key
    if not token:
        return None
    methods = request.session.get(METHODS_KEY, [])
    proved = max((float(each.get("at", 0)) for each in methods), default=0.0)
    is_strong = any(each.get("method") in _STRONG for each in methods)
    return Session(stored_key(token), datetime.fromtimestamp(proved, UTC), STRONG if is_strong else BASIC)
