"""Telephone numbers by which accounts may be reached and found; allauth asks through the adapter.

A number lies sealed, and is found by a blind index of its digits. No flow of allauth takes a number in: pages do, once
a code that was sent there has been said back (foundation.pages.entering.phone_codes).
"""

import re
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yizhengtong.foundation.accounts.models import Account, AccountPhone
from yizhengtong.foundation.accounts.principals import PrincipalKind, principal_for
from yizhengtong.foundation.accounts.sessions import was_proved_lately
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import identify

PHONE_INDEX = "accounts.phone"
_LIKE_A_PHONE = re.compile(r"\+?[\d\s.()-]{7,}")


def keep_phone(account: Account, phone: str, *, is_verified: bool) -> None:
    """Keep the number of an account in place of the one before. Raises IntegrityError when verified by another."""
    kept = AccountPhone.objects.filter(account=account).first() or AccountPhone(account=account)
    kept.phone, kept.phone_index, kept.is_verified = phone, phone_index(phone), is_verified
    kept.save()


def keep_proved_phone(account_id: UUID, phone: str, token: str) -> None:
    """Keep a number of messages as the account's own too. Where another account has it, nobody is told of that.

    Codes sent there open the account: from a session that was left open it becomes an address for messages and no more.
    """
    if not was_proved_lately(token):
        return
    try:
        with transaction.atomic():
            keep_phone(Account.objects.get(pk=account_id), phone, is_verified=True)
    except IntegrityError:
        pass


def phone_of(account: Account) -> tuple[str, bool] | None:
    """Return an account's number and whether it is verified."""
    kept = AccountPhone.objects.filter(account=account).first()
    return None if kept is None else (kept.phone, kept.is_verified)


def forget_unverified(account_id: UUID) -> int:
    """Delete the number of an account that nobody proved to hold; a verified one stays. Returns how many."""
    return AccountPhone.objects.filter(account_id=account_id, is_verified=False).delete()[0]


def account_by_phone(phone: str) -> Account | None:
    """Return the account that has verified a number; asked with the rights of the owner, before anybody is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_of_phone(%s)", [phone_index(phone)])
        found: UUID | None = cursor.fetchone()[0]
    return Account.objects.filter(pk=found).first() if found else None


def enter_by_phone(phone: str, *, language: str) -> Account:
    """Return the account of a number whose holder has just said a code back; made where there is none.

    Raises Forbidden `entering.phone_not_here` for an officer's: officers have a password and a second factor.
    """
    account = account_by_phone(phone)
    if account is None:
        try:
            account = _made_for(phone, language)
        except IntegrityError:  # made meanwhile by another request with the same code
            account = account_by_phone(phone)
    principal = principal_for(account) if account is not None else None
    if account is None or principal is None or principal.kind != PrincipalKind.RESIDENT:
        raise Forbidden("entering.phone_not_here")
    return account


def _made_for(phone: str, language: str) -> Account:
    with transaction.atomic():
        account = Account(username=f"tel-{new_id().hex}", language=language)
        account.set_unusable_password()
        account.save(force_insert=True)
        reader_connection().read_as(Reader(ReaderKind.RESIDENT, str(account.pk)))
        keep_phone(account, phone, is_verified=True)
        principal = principal_for(account)
        if principal is not None:
            record_act("accounts.sign_up_by_phone", by=principal, on=("account", account.pk), person_id=None)
        return account


def phone_index(phone: str) -> bytes:
    """Return the blind index of a number's digits, however it is written; the country's code belongs to it."""
    return blind_index(PHONE_INDEX, "".join(re.findall(r"\d", phone)))


def is_personal(username: str) -> bool:
    """Whether a user name is a telephone or document number: user names lie open, so these are refused."""
    if _LIKE_A_PHONE.fullmatch(username):
        return True
    try:
        identify(username)
    except Invalid as unknown:
        return unknown.code == "numbers.kind_must_be_declared"
    return True
