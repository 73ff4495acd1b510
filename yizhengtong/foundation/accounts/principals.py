"""Who stands behind a request."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.roles import Role

_METHODS_KEY = "account_authentication_methods"  # allauth notes in the session how the account signed in
_CACHED = "_yzt_principal"


class PrincipalKind(StrEnum):
    RESIDENT = "resident"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Principal:
    """An actor: `id` is an account's, or a partner's, or None for the system itself."""

    kind: PrincipalKind
    id: UUID | None
    office_id: UUID | None = None
    office_path: str = ""
    office_region: str = ""
    roles: frozenset[Role] = frozenset()
    has_second_factor: bool = False
    language: str = "zh-Hans"

    def covers(self, office_path: str) -> bool:
        """Whether `office_path` lies within the area of this officer's office."""
        return bool(self.office_path) and f"{office_path}.".startswith(f"{self.office_path}.")


SYSTEM = Principal(kind=PrincipalKind.SYSTEM, id=None)


def principal_of(request: HttpRequest) -> Principal | None:
    """Return who the session token of a request stands for, or None. Two queries, once a request."""
    if not hasattr(request, _CACHED):
        token = request.headers.get("X-Session-Token", "")
        setattr(request, _CACHED, principal_of_session(token) if token else None)
    principal: Principal | None = getattr(request, _CACHED)
    return principal


def principal_of_session(token: str) -> Principal | None:
    """Return who a session token stands for, or None."""
    session = SessionStore(session_key=token)
    account_id = session.get(SESSION_KEY)
    if account_id is None:
        return None
    account = Account.objects.select_related("staff_member__office").filter(pk=account_id, is_active=True).first()
    if account is None or session.get("_auth_user_hash") != account.get_session_auth_hash():
        return None
    methods = session.get(_METHODS_KEY, [])
    return principal_for(account, has_second_factor=any(method.get("method") == "mfa" for method in methods))


def principal_for(account: Account, *, has_second_factor: bool = False) -> Principal:
    """Return the principal of an account: staff if it serves in an office, else a resident."""
    member = getattr(account, "staff_member", None)
    if member is None or not member.is_serving:
        return Principal(PrincipalKind.RESIDENT, account.pk, language=account.language)
    return Principal(
        PrincipalKind.STAFF,
        account.pk,
        office_id=member.office_id,
        office_path=member.office.path,
        office_region=member.office.region,
        roles=frozenset(Role(role) for role in member.roles),
        has_second_factor=has_second_factor,
        language=account.language,
    )
