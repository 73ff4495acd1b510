"""Telephone numbers by which accounts may be reached and found; allauth asks through the adapter.

A number lies sealed, and is found by a blind index of its digits. Nothing sends messages yet, so no flow of allauth
takes a number in; what is kept by a service can be found and shown.
"""

import re

from yizhengtong.foundation.accounts.models import Account, AccountPhone
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import identify

PHONE_INDEX = "accounts.phone"
_LIKE_A_PHONE = re.compile(r"\+?[\d\s.()-]{7,}")


def keep_phone(account: Account, phone: str, *, is_verified: bool) -> None:
    """Keep the number of an account in place of the one before. Raises IntegrityError when verified by another."""
    kept = AccountPhone.objects.filter(account=account).first() or AccountPhone(account=account)
    kept.phone, kept.phone_index, kept.is_verified = phone, phone_index(phone), is_verified
    kept.save()


def phone_of(account: Account) -> tuple[str, bool] | None:
    """Return an account's number and whether it is verified."""
    kept = AccountPhone.objects.filter(account=account).first()
    return None if kept is None else (kept.phone, kept.is_verified)


def account_by_phone(phone: str) -> Account | None:
    """Return the account that has verified a number."""
    kept = AccountPhone.objects.filter(phone_index=phone_index(phone), is_verified=True).select_related("account")
    found = kept.first()
    return None if found is None else found.account


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
