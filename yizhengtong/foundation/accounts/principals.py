"""Who stands behind a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from yizhengtong.foundation.accounts.bearers import borne_by
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.postgresql.readers import read_as_nobody

_CACHED = "_yzt_principal"


class PrincipalKind(StrEnum):
    RESIDENT = "resident"
    REPORTER = "reporter"
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
    """Return who the session token of a request stands for, or None. Asked once a request."""
    if not hasattr(request, _CACHED):
        token = request.headers.get("X-Session-Token", "")
        setattr(request, _CACHED, principal_of_session(token) if token else None)
    principal: Principal | None = getattr(request, _CACHED)
    return principal


def set_principal(request: HttpRequest, principal: Principal | None) -> None:
    """Say who a request stands for, where a page has found it out by the session's cookie.

    The APIs take no cookie: a form of another site could send one along.
    """
    setattr(request, _CACHED, principal)


def principal_of_session(token: str) -> Principal | None:
    """Return who a session token stands for, or None. From then on the connection reads as that one, or as nobody."""
    principal = _principal_of_session(token)
    if principal is None:
        read_as_nobody()
    return principal


def _principal_of_session(token: str) -> Principal | None:
    borne = borne_by(token)
    if borne is None:
        return None
    bearer = borne.bearer
    # A changed password ends every session that was begun with the old one, as Django's own middleware has it.
    now = Account(pk=bearer.account_id, password=borne.password, sessions_ended=borne.sessions_ended)
    if bearer.password_hash != now.get_session_auth_hash():
        return None
    return _principal(borne.columns, has_second_factor=bearer.has_second_factor)


def principal_for(account: Account, *, has_second_factor: bool = False) -> Principal | None:
    """Return the principal of an account: staff if it serves in an office, a resident if it never did.

    None for an officer who no longer serves, and for a demonstration account in production.
    """
    columns = Account.objects.values_list(*_COLUMNS).get(pk=account.pk)
    return _principal(columns, has_second_factor=has_second_factor)


_COLUMNS = (
    "pk",
    "language",
    "is_demonstration",
    "is_reporter",
    "staff_member__is_serving",
    "staff_member__roles",
    "staff_member__office_id",
    "staff_member__office__path",
    "staff_member__office__region",
)


def _principal(columns: Sequence[Any], *, has_second_factor: bool) -> Principal | None:
    key, language, is_demonstration, is_reporter, is_serving, roles, office_id, office_path, office_region = columns
    if is_serving is False or (is_demonstration and settings.YZT_PRODUCTION):
        return None
    if is_serving is None:
        kind = PrincipalKind.REPORTER if is_reporter else PrincipalKind.RESIDENT
        return Principal(kind, key, language=language)
    return Principal(
        PrincipalKind.STAFF,
        key,
        office_id=office_id,
        office_path=office_path,
        office_region=office_region,
        roles=frozenset(Role(role) for role in roles),
        has_second_factor=has_second_factor,
        language=language,
    )
