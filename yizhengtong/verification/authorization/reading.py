"""For whom the connection reads while a client speaks: nobody, one grant, and then the person who gave it.

The second line behind the services, as everywhere (docs/adr/0026): a secret that was shown names one grant, and
PostgreSQL shows no other.
"""

from uuid import UUID

from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, is_local, naming, reader_connection
from yizhengtong.kernel.dates import legal_day
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for, person_of
from yizhengtong.verification.authorization.models import Grant, Token


def grant_shown(grant_id: UUID) -> Grant | None:
    """Return and lock the grant that a secret names, ended ones too.

    None where its account was closed, or acts for the person no more. From then on the connection reads as who gave it,
    whose rows the client collects. Codes and tokens of a grant change under this lock alone: whoever shows one reads it
    again after it.
    """
    reader_connection().read_as(Reader(ReaderKind.NOBODY, asked=str(grant_id)))
    grant = Grant.objects.select_for_update().filter(pk=grant_id).first()
    if grant is None:
        return None
    if not Account.objects.filter(pk=grant.account_id, is_active=True).exists():
        return None
    reader_connection().read_as(Reader(ReaderKind.RESIDENT, str(grant.account_id)))
    return grant if may_still_act(grant) else None


def may_still_act(grant: Grant) -> bool:
    """Whether who gave a grant is the person, or acts for them still."""
    acting, person = person_of(grant.account_id), Person.objects.filter(pk=grant.person_id).first()
    return acting is not None and person is not None and may_act_for(acting, person, legal_day(timezone.now()))


def grant_accessed(secret_hash: bytes) -> Grant | None:
    """Return the grant behind an access token, ended ones too, without a lock; None where the token is not good.

    It is not good when it is unknown or over, or when the account behind it was closed. Reads on as `grant_shown`.
    Every request of a wallet asks this, so both statements are written out and name who reads along the way.
    """
    reads = reader_connection()
    named = reads.row_naming_the_reader(_ACCESS, [*is_local(), secret_hash, Token.Kind.ACCESS.value, timezone.now()])
    row = reads.row_naming_the_reader(_GRANT, [*is_local(), named[0]]) if named is not None else None
    if row is None:
        return None
    return Grant.from_db(connection.alias, [field.attname for field in _FIELDS], row)


def principal_behind(grant: Grant) -> Principal:
    """Return who acts when a client uses a grant: the person who gave it."""
    return Principal(PrincipalKind.RESIDENT, grant.account_id)


_FIELDS = Grant._meta.concrete_fields
_ACCESS = f"""
    SELECT token.grant_id, {naming("'nobody'", asked="token.grant_id::text")}
    FROM authorization_token token WHERE token.secret_hash = %s AND token.kind = %s AND token.expires_at > %s
"""  # noqa: S608 words of ours
_GRANT = f"""
    SELECT {", ".join(f'given."{field.column}"' for field in _FIELDS)},
        {naming("'resident'", "account.id::text")}
    FROM authorization_grant given
    JOIN accounts_account account ON account.id = given.account_id AND account.is_active
    WHERE given.id = %s
"""  # noqa: S608 words of ours
