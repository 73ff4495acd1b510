"""Whose account a session token stands for. Every request asks this first.

The statements are written out: building models for them was a seventh of a request's time. They tell the database who
reads along the way, so that its row policies cost no statement of their own, and bring what nearly every request looks
up (`ask_along`).
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from yizhengtong.foundation.accounts.sessions import open_session, session_of_last_release, stored_key
from yizhengtong.foundation.postgresql.readers import NOBODY, SAYING, is_local, naming, reader_connection, saying
from yizhengtong.foundation.scope import asked_along, keep_for_request

_METHODS_KEY = "account_authentication_methods"  # allauth notes in the session how the account signed in
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a session says of who signed in: `password_hash` is Django's session hash of the password of then."""

    account_id: str
    password_hash: str
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class Borne:
    """A live session's account: its password now, how often its sessions were ended, what makes a principal."""

    bearer: Bearer
    password: str
    sessions_ended: int
    columns: Sequence[Any]


def borne_by(token: str) -> Borne | None:
    """Return whose live session a token opens, or None. The connection then reads as that account, else as nobody.

    One statement where this process saw the session before and it has not changed, else two.
    """
    stored = stored_key(token)
    seen = _remembered.get(stored)
    if seen is not None:
        sealed, bearer = seen
        row = ask(_BOTH, [*is_local(), bearer.account_id, sealed, stored, timezone.now()])
        if row is not None and row[2] is not None:
            return Borne(bearer, row[0], row[1], row[2:])
    return _borne_anew(token, stored)


def _borne_anew(token: str, stored: str) -> Borne | None:
    nobody = saying(NOBODY, in_transaction=reader_connection().is_transaction_open())
    row = ask(_SESSION, [stored, timezone.now(), *nobody])
    sealed = row[0] if row else None
    bearer = _bearer(open_session(stored, sealed) if sealed is not None else session_of_last_release(token))
    if bearer is None:
        return None
    if sealed is not None:
        _remember(stored, sealed, bearer)
    found = ask(_ACCOUNT, [*is_local(), bearer.account_id])
    return Borne(bearer, found[0], found[1], found[2:]) if found else None


def _bearer(session: dict[str, Any]) -> Bearer | None:
    if session.get(SESSION_KEY) is None:
        return None
    methods = session.get(_METHODS_KEY, [])
    has_second_factor = any(method.get("method") == "mfa" for method in methods)
    return Bearer(session[SESSION_KEY], session.get(HASH_SESSION_KEY) or "", has_second_factor)


def ask(statement: str, values: Sequence[Any]) -> Sequence[Any] | None:
    """Run a statement that finds out who asks: it begins by `ALONG` and ends by columns of `SAYING`'s kind.

    What it asked along is kept for the request, the rest returned; None without a row.
    """
    along = asked_along() if ALONG in statement else {}
    asked = "".join(f"({query}), " for query in along.values())
    row = reader_connection().row_naming_the_reader(statement.replace(ALONG, asked), values)
    if row is None:
        return None
    for key, value in zip(along, row, strict=False):
        keep_for_request(key, value)
    return row[len(along) :]


_remembered: OrderedDict[str, tuple[str, Bearer]] = OrderedDict()
"""Sessions this process saw last: what their rows held, sealed, and whom they stood for. A changed row is read anew."""


def _remember(stored: str, sealed: str, bearer: Bearer) -> None:
    _remembered[stored] = (sealed, bearer)
    if len(_remembered) > _REMEMBERED:
        _remembered.popitem(last=False)


ALONG = "%(along)"
"""Where in a statement that finds out who asks stands what it asks along."""
_STORED = "FROM django_session WHERE session_key = %s AND expire_date > %s"
_KIND = """CASE WHEN account.id IS NULL OR NOT member.is_serving THEN 'nobody'
    WHEN member.is_serving THEN 'staff' WHEN account.is_reporter THEN 'reporter' ELSE 'resident' END"""
_COLUMNS = f"""
    account.password, account.sessions_ended,
        account.id, account.language, account.is_demonstration, account.is_reporter,
        member.is_serving, member.roles, office.id, office.path, office.region,
        {naming(_KIND, "coalesce(account.id::text, '')", office="coalesce(office.path, '')")}
"""
_OF_STAFF = """
    LEFT JOIN accounts_staffmember member ON member.account_id = account.id
    LEFT JOIN accounts_office office ON office.id = member.office_id
"""
_SESSION = f"SELECT {ALONG}(SELECT session_data {_STORED}), {SAYING}"
_ACCOUNT = f"""SELECT {_COLUMNS}
    FROM accounts_account account {_OF_STAFF} WHERE account.id = %s AND account.is_active
"""  # noqa: S608 words of ours
_BOTH = f"""SELECT {ALONG}{_COLUMNS}
    FROM django_session
    LEFT JOIN accounts_account account ON account.id = %s AND account.is_active AND session_data = %s {_OF_STAFF}
    WHERE session_key = %s AND expire_date > %s
"""  # noqa: S608 words of ours
