"""Who stands behind a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.sessions import open_session, session_of_last_release, stored_key
from yizhengtong.foundation.postgresql.readers import NOBODY, SAYING, read_as_nobody, reader_connection, saying

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
    """Return who a session token stands for, or None. From then on the connection reads as that one, or as nobody.

    Two statements written out: every request asks this, and building models for it was a seventh of its time. They
    tell the database who reads along the way, so that its row policies cost no statement of their own.
    """
    principal = _principal_of_session(token)
    if principal is None:
        read_as_nobody()
    return principal


def _principal_of_session(token: str) -> Principal | None:
    session = _session(token)
    account_id = session.get(SESSION_KEY)
    row = _account(account_id) if account_id is not None else None
    if row is None:
        return None
    password, *columns = row
    # A changed password ends every session that was begun with the old one, as Django's own middleware has it.
    if session.get(HASH_SESSION_KEY) != Account(pk=account_id, password=password).get_session_auth_hash():
        return None
    methods = session.get(_METHODS_KEY, [])
    return _principal(columns, has_second_factor=any(method.get("method") == "mfa" for method in methods))


def _session(token: str) -> dict[str, Any]:
    """Return what a session that has not expired holds; nothing for an unknown one."""
    stored, connection = stored_key(token), reader_connection()
    nobody = saying(NOBODY, in_transaction=connection.is_transaction_open())
    row = connection.row_naming_the_reader(_SESSION, [stored, timezone.now(), *nobody])
    return open_session(stored, row[0]) if row and row[0] is not None else session_of_last_release(token)


def _account(account_id: str) -> Sequence[Any] | None:
    connection = reader_connection()
    local = connection.is_transaction_open()
    return connection.row_naming_the_reader(_ACCOUNT, [local, local, local, local, local, account_id])


_STORED = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
_SESSION = f"SELECT ({_STORED}), {SAYING}"
_ACCOUNT = """
    SELECT account.password, account.id, account.language, account.is_demonstration, member.is_serving, member.roles,
        office.id, office.path, office.region,
        set_config('yzt.reader', CASE member.is_serving WHEN true THEN 'staff' WHEN false THEN 'nobody'
            ELSE 'resident' END, %s),
        set_config('yzt.actor', account.id::text, %s), set_config('yzt.office', coalesce(office.path, ''), %s),
        set_config('yzt.asked', '', %s), set_config('yzt.known', '', %s)
    FROM accounts_account account
    LEFT JOIN accounts_staffmember member ON member.account_id = account.id
    LEFT JOIN accounts_office office ON office.id = member.office_id
    WHERE account.id = %s AND account.is_active
"""


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
    "staff_member__is_serving",
    "staff_member__roles",
    "staff_member__office_id",
    "staff_member__office__path",
    "staff_member__office__region",
)


def _principal(columns: Sequence[Any], *, has_second_factor: bool) -> Principal | None:
    key, language, is_demonstration, is_serving, roles, office_id, office_path, office_region = columns
    if is_serving is False or (is_demonstration and settings.YZT_PRODUCTION):
        return None
    if is_serving is None:
        return Principal(PrincipalKind.RESIDENT, key, language=language)
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
