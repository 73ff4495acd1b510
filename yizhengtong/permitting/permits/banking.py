"""The bank's part of a card: an account, recorded only with a consent of its own and deleted when it is withdrawn.

The bank opens its function itself, at its own counter (S3-18). 个人信息保护法 arts. 15, 23, 29.
"""

from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yizhengtong.permitting.permits.models import BankAccount, Permit
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.permitting.permits.steps import locked
from yizhengtong.registry.consents.queries import has_consent
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for

CONSENT = "bank_card"
"""The use of the pack's consent.uses that this rests on."""
_LEAST_DIGITS, _MOST_DIGITS = 8, 32


@use_case
def record_bank_account(
    *, permit_id: UUID, bank: str, number: str, acting: Person, on: date, by: Principal
) -> BankAccount:
    """Record the account for the chip, in place of one recorded before. `number`: digits.

    Raises NotFound for a stranger, Forbidden `permits.bank_card_needs_consent`, Conflict `permits.not_now`, Invalid
    `permits.bank_account_wrong`.
    """
    permit = locked(permit_id)
    if not may_act_for(acting, permit.person, on):
        raise NotFound("not_found")
    if permit.state not in LIVING:
        raise Conflict("permits.not_now", state=f"permits.state_{permit.state}")
    if not has_consent(permit.person_id, CONSENT):
        raise Forbidden("permits.bank_card_needs_consent")
    digits = number.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS):
        raise Invalid("permits.bank_account_wrong", errors=[FieldError("number", "permits.bank_account_wrong")])
    BankAccount.objects.filter(permit=permit).delete()
    account = BankAccount(permit=permit, person_id=permit.person_id, bank=bank, number=digits)
    account.save(force_insert=True)
    _note("permits.record_bank_account", permit, by)
    return account


@use_case
def forget_bank_accounts(*, person_id: UUID, by: Principal) -> int:
    """Delete a person's accounts, unless the consent is there (again). Returns how many went."""
    if has_consent(person_id, CONSENT):
        return 0
    accounts = list(BankAccount.objects.filter(person_id=person_id).select_related("permit"))
    for account in accounts:
        _note("permits.forget_bank_account", account.permit, by)
        account.delete()
    return len(accounts)


def _note(action: str, permit: Permit, by: Principal) -> None:
    record_act(action, by=by, on=("permit", permit.pk), person_id=permit.person_id, fields=["bank_account"])
