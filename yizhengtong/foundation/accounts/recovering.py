"""A resident's lost account: one officer asks, another gives it back; whatever opened it before ends (docs/adr/0050).

Whose account it is, the callers find out by the document on the counter (registry.people.slips).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account, AccountPhone, AccountRecovery, IdentityLink
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind, principal_for
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.slips import Slip, a_username, one_time_password, slip_ends
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound

RECOVERY_HOURS = 24
"""How long a second officer may take; a choice of ours, no law's."""
CONFIRMERS = (Role.CLERK, Role.SUPERVISOR)
_MADE_UP = ("tel-", "rn-")
"""Beginnings of user names that nobody was told: such an account gets one that can be typed."""
State = AccountRecovery.State


@use_case
def ask_recovery(*, account: Account, by: Principal) -> AccountRecovery:
    """Ask for an account to be given back to who stands at the window.

    Raises Forbidden, Conflict `accounts.not_a_residents`, `.recovery_open`.
    """
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.CLERK)
    if by.id is None or by.office_id is None:
        raise NotFound("not_found")
    principal = principal_for(account) if account.is_active else None
    if principal is None or principal.kind != PrincipalKind.RESIDENT or account.pk == by.id:
        raise Conflict("accounts.not_a_residents")
    _let_lapse(account, by)
    asked = AccountRecovery(account=account, office_id=by.office_id, office_path=by.office_path, asked_by=by.id)
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("accounts.recovery_open") from error
    record_act("accounts.ask_recovery", by=by, on=("account", account.pk), person_id=None)
    return asked


def recoveries_waiting(by: Principal) -> list[AccountRecovery]:
    """Return what waits for a second officer in the area, the oldest first; nobody is named."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, *CONFIRMERS)
    found = AccountRecovery.objects.filter(state=State.OPEN, asked_at__gt=_since()).order_by("asked_at")
    return [each for each in found if by.covers(each.office_path)]


def recovery_for(recovery_id: UUID, by: Principal, *, lock: bool = False) -> AccountRecovery:
    """Return an open recovery of the officer's area. Raises NotFound, Forbidden."""
    rows = AccountRecovery.objects.select_for_update(of=("self",)) if lock else AccountRecovery.objects.all()
    found = rows.filter(pk=recovery_id, state=State.OPEN, asked_at__gt=_since()).first()
    if found is None:
        raise NotFound("not_found")
    ensure_officer_of(found.office_path, by)
    ensure_role(by, *CONFIRMERS)
    return found


@use_case
def recover(*, recovery_id: UUID, account_id: UUID, by: Principal) -> Slip:
    """End every way in and every session of a lost account, and open it by a slip.

    `account_id`: of the person whose document the second officer has seen. Raises NotFound, Forbidden
    `accounts.second_officer_needed`, Conflict `accounts.recovery_of_another`.
    """
    asked = recovery_for(recovery_id, by, lock=True)
    if asked.asked_by == by.id:
        raise Forbidden("accounts.second_officer_needed")
    if asked.account_id != account_id:
        raise Conflict("accounts.recovery_of_another")
    account = Account.objects.select_for_update().get(pk=account_id)
    for ways in (Authenticator.objects.filter(user=account), *_found_by(account)):
        ways.delete()
    password = one_time_password()
    account.set_password(password)  # ends every session too: they carry a hash of it
    account.one_time_until = slip_ends()
    if account.username.startswith(_MADE_UP):
        account.username = a_username()
    account.save(update_fields=["password", "one_time_until", "username"])
    _decide(asked, State.DONE, by)
    record_act("accounts.recover", by=by, on=("account", account.pk), person_id=None)
    return Slip(account, password)


@use_case
def decline_recovery(*, recovery_id: UUID, by: Principal) -> AccountRecovery:
    """Let it come to nothing: as the second officer, or as the one who asked."""
    asked = recovery_for(recovery_id, by, lock=True)
    record_act("accounts.decline_recovery", by=by, on=("account", asked.account_id), person_id=None)
    return _decide(asked, State.DECLINED, by)


def let_lapse() -> int:
    """Decline what no second officer confirmed in time. Returns how many there were."""
    lapsed = AccountRecovery.objects.filter(state=State.OPEN, asked_at__lte=_since())
    return lapsed.update(state=State.DECLINED, decided_at=timezone.now())


def _found_by(account: Account) -> tuple[Any, ...]:
    return AccountPhone.objects.filter(account=account), IdentityLink.objects.filter(account=account)


def _let_lapse(account: Account, by: Principal) -> None:
    """Decline in this officer's name what nobody confirmed in time, as far as it lies in the area."""
    for asked in AccountRecovery.objects.filter(account=account, state=State.OPEN, asked_at__lte=_since()):
        _decide(asked, State.DECLINED, by)


def _decide(asked: AccountRecovery, state: str, by: Principal) -> AccountRecovery:
    asked.state, asked.decided_by, asked.decided_at = state, by.id, timezone.now()
    asked.save(update_fields=["state", "decided_by", "decided_at"])
    return asked


def _since() -> datetime:
    return timezone.now() - timedelta(hours=RECOVERY_HOURS)
