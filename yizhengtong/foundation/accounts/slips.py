"""Accounts made at the window, for those with neither telephone nor mail: a slip with a user name and a password.

The password is good once: whoever signs in with it chooses one of their own before anything opens, and it ends by
itself (docs/adr/0050).
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.policies import ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Forbidden

SLIP_DAYS = 30
"""Days within which a slip must be used; a choice of ours, no law's."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for another: i, l, o, 0, 1


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed and handed over, and known to nobody afterwards."""

    account: Account
    password: str = field(repr=False)


@use_case
def make_account_at_window(*, language: str, by: Principal) -> Slip:
    """Make a resident's account with a password that must be changed at the first sign-in.

    Raises Forbidden `accounts.second_factor_needed`, `accounts.role_missing` unless `by` is a clerk.
    """
    ensure_second_factor(by)
    ensure_role(by, Role.CLERK)
    password = one_time_password()
    account = Account(username=a_username(), language=language)
    account.set_password(password)
    account.one_time_until = slip_ends()
    account.save(force_insert=True)
    record_act("accounts.make_at_window", by=by, on=("account", account.pk), person_id=None)
    return Slip(account, password)


def choose_own_password(*, account: Account, password: str) -> Account:
    """Put a password of one's own in place of the slip's. Raises Forbidden `entering.slip_over` when it is used up."""
    account.set_password(password)
    waiting = Account.objects.filter(pk=account.pk, one_time_until__gt=timezone.now())
    if not waiting.update(password=account.password, one_time_until=None):
        raise Forbidden("entering.slip_over")
    account.one_time_until = None
    return account


def one_time_password() -> str:
    """Return a password for a slip: sixteen letters and digits, in fours."""
    return "-".join(_letters(4) for _ in range(4))


def a_username() -> str:
    """Return a user name that says nothing of anybody."""
    return f"yzt-{_letters(8)}"


def slip_ends() -> datetime:
    """Return until when a slip of now is good."""
    return timezone.now() + timedelta(days=SLIP_DAYS)


def _letters(number: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(number))
