"""From what an identity service proves to an account and a person (S4-11, docs/adr/0051).

A number typed in before proves nothing, so a person with an account is never handed over to another one by a number:
its holder signs in as before and links the service there. A person without an account is taken over by who is proved.
"""

from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yizhengtong.foundation.accounts.identity.contract import Proven
from yizhengtong.foundation.accounts.models import Account, IdentityLink
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.queries import person_of
from yizhengtong.registry.people.services import birth_index, number_index

SUBJECT_INDEX = "accounts.identity"


@use_case
def enter_by_identity(*, proven: Proven, language: str) -> Account:
    """Return the account of somebody an identity service has just proved; made where there is none yet.

    Raises Conflict `identity.person_has_account`, Forbidden `identity.no_number` where nothing is told to know by.
    """
    known = _account_of(proven)
    if known is not None:
        return known
    if not proven.number:
        raise Forbidden("identity.no_number")
    if _claim(proven, None) == "taken":
        raise Conflict("identity.person_has_account")
    account = Account(username=f"rn-{new_id().hex}", language=language)
    account.set_unusable_password()
    account.save(force_insert=True)
    reader_connection().read_as(Reader(ReaderKind.RESIDENT, str(account.pk)))
    by = Principal(PrincipalKind.RESIDENT, account.pk, language=language)
    if _claim(proven, account.pk) == "taken":  # by another request meanwhile
        raise Conflict("identity.person_has_account")
    _link(proven, account, by)
    return account


@use_case
def link_identity(*, proven: Proven, by: Principal) -> None:
    """Let the account that is signed in be entered by this identity from now on.

    Raises Conflict `identity.linked_elsewhere`, `identity.other_person` unless the number proved is the person's own.
    """
    if by.id is None:
        raise Forbidden("web.sign_in_first")
    account = Account.objects.get(pk=by.id)
    known = _account_of(proven)
    if known is not None:
        if known.pk != account.pk:
            raise Conflict("identity.linked_elsewhere")
        return
    person = person_of(account.pk)
    if person is not None and not _is_of(person, proven):
        raise Conflict("identity.other_person")
    if person is None and _claim(proven, account.pk) == "taken":
        raise Conflict("identity.person_has_account")
    _link(proven, account, by)


def identities_of(account: Account) -> list[IdentityLink]:
    """Return what an account is linked to."""
    return list(IdentityLink.objects.filter(account=account).order_by("proved_at", "pk"))


def _link(proven: Proven, account: Account, by: Principal) -> None:
    link = IdentityLink(
        account=account,
        service=proven.service,
        subject=proven.subject,
        subject_index=_index(proven),
        level=proven.level,
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("identity.linked_elsewhere") from error
    record_act("accounts.link_identity", by=by, on=("account", account.pk), person_id=None, fields=[proven.service])


def _is_of(person: Person, proven: Proven) -> bool:
    index = _number(proven)
    numbers = PersonNumber.objects.filter(person=person, kind=proven.kind, number_index=index, is_current=True)
    return bool(index) and numbers.exists()


def _claim(proven: Proven, account_id: UUID | None) -> str:
    """Return nobody, free or taken; a person that was free is the account's from now on, where one is named."""
    birth = birth_index(proven.birth_date) if proven.birth_date else None
    with connection.cursor() as cursor:
        values = [proven.kind, _number(proven), birth, account_id]
        cursor.execute("SELECT people_claim(%s, %s, %s, %s)", values)
        return str(cursor.fetchone()[0])


def _account_of(proven: Proven) -> Account | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_of_identity(%s, %s)", [proven.service, _index(proven)])
        found: UUID | None = cursor.fetchone()[0]
    return Account.objects.filter(pk=found).first() if found else None


def _index(proven: Proven) -> bytes:
    return blind_index(SUBJECT_INDEX, f"{proven.service}:{proven.subject}")


def _number(proven: Proven) -> bytes:
    """Return the blind index of what was proved; a number of no known form is nobody's."""
    if not proven.kind:
        return b""
    try:
        return number_index(parse(DocumentKind(proven.kind), proven.number))
    except Invalid:
        return b""
