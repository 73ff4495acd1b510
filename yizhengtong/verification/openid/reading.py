"""For whom the connection reads while a relying party speaks: the one sign-in that a secret names, then its person.

The second line behind the services (docs/adr/0026): a code or a token is one row's, and PostgreSQL shows no other.
"""

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection
from yizhengtong.registry.people.queries import person_of
from yizhengtong.verification.openid.models import SignIn


def sign_in_of_code(code_hash: bytes) -> SignIn | None:
    """Return and lock the sign-in that a code names, whatever became of it. Reads on as `_as_holder`."""
    _name(code_hash)
    return _as_holder(next(iter(SignIn.objects.raw(_BY_CODE, [code_hash])), None))


def sign_in_of_token(access_hash: bytes) -> SignIn | None:
    """Return the sign-in that an access token names, whatever became of it. Reads on as `_as_holder`."""
    _name(access_hash)
    found = SignIn.objects.select_related("relying_party")
    return _as_holder(found.filter(access_hash=access_hash).first())


def _name(secret_hash: bytes) -> None:
    reader_connection().read_as(Reader(ReaderKind.NOBODY, asked=secret_hash.hex()))


def _as_holder(sign_in: SignIn | None) -> SignIn | None:
    """Read as the resident from then on. None where the account was closed, or is another person's by now."""
    if sign_in is None or _OPEN_ACCOUNT.first(sign_in.account_id) is None:
        return None
    reader_connection().read_as(Reader(ReaderKind.RESIDENT, str(sign_in.account_id)))
    person = person_of(sign_in.account_id)
    return sign_in if person is not None and person.pk == sign_in.person_id else None


def principal_of(sign_in: SignIn) -> Principal:
    """Return who acts when a party uses what a resident gave it: the resident."""
    return Principal(PrincipalKind.RESIDENT, sign_in.account_id)


_BY_CODE = "SELECT * FROM openid_signin WHERE code_hash = %s FOR UPDATE"
"""Written out, as what else is asked is compiled once: Django's compiler took a third of a token request."""
_OPEN_ACCOUNT = Prepared(lambda key: Account.objects.filter(pk=key, is_active=True).only("pk"))
