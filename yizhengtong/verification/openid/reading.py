"""For whom the connection reads while a relying party speaks: the one sign-in that a secret names, then its person.

The second line behind the services (docs/adr/0026): a code or a token is one row's, and PostgreSQL shows no other
(`openid_sign_in`).
"""

from django.db import connection

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.postgresql.readers import is_local, naming, reader_connection
from yizhengtong.verification.openid.models import SignIn


def sign_in_of_code(code_hash: bytes) -> SignIn | None:
    """Return and lock the sign-in that a code names, whatever became of it. The connection then reads as its resident.

    None where the account was closed, or is another person's by now.
    """
    return _found(code_hash, None)


def sign_in_of_token(access_hash: bytes) -> SignIn | None:
    """Return the sign-in that an access token names as `sign_in_of_code` does, without locking it."""
    return _found(None, access_hash)


def _found(code_hash: bytes | None, access_hash: bytes | None) -> SignIn | None:
    row = reader_connection().row_naming_the_reader(_SIGN_IN, [*is_local(), code_hash, access_hash])
    return None if row is None else SignIn.from_db(connection.alias, _FIELDS, row)


def principal_of(sign_in: SignIn) -> Principal:
    """Return who acts when a party uses what a resident gave it: the resident."""
    return Principal(PrincipalKind.RESIDENT, sign_in.account_id)


_FIELDS = [field.attname for field in SignIn._meta.concrete_fields]
_SIGN_IN = f"""SELECT {", ".join(f'"{each}"' for each in _FIELDS)},
        {naming("'resident'", "account_id::text")}
    FROM openid_sign_in(%s, %s)
"""  # noqa: S608 our own columns
"""One statement finds the sign-in, looks at its account and person, and names the reader: six were half of a token."""
