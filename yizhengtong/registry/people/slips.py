"""Accounts at the window: made for a person on file or for somebody who registers later, and given back when lost."""

from uuid import UUID

from yizhengtong.foundation.accounts.models import AccountRecovery
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.recovering import ask_recovery, recover
from yizhengtong.foundation.accounts.slips import Slip, make_account_at_window
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.registry.people.models import Person


@use_case
def make_account_for(*, person: Person | None, language: str, by: Principal) -> Slip:
    """Make an account by a slip, for a person on file where one is given.

    Raises Conflict `people.account_is_there` when the person has one, and what `make_account_at_window` raises.
    """
    slip = make_account_at_window(language=language, by=by)
    if person is not None:
        locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if locked.account_id is not None:
            raise Conflict("people.account_is_there")
        locked.account = slip.account
        locked.version += 1
        locked.save(update_fields=["account", "version"])
        record_act("people.link_account", by=by, on=("person", locked.pk), person_id=locked.pk)
    return slip


@use_case
def ask_recovery_for(*, person: Person, by: Principal) -> AccountRecovery:
    """Ask for the account of a person whose document an officer has seen. Raises Conflict `people.no_account`."""
    if person.account is None:
        raise Conflict("people.no_account")
    asked = ask_recovery(account=person.account, by=by)
    record_act("people.ask_recovery", by=by, on=("person", person.pk), person_id=person.pk)
    return asked


@use_case
def recover_for(*, recovery_id: UUID, person: Person, by: Principal) -> Slip:
    """Give the account back, as the second officer who has seen the person's document; the holder is told.

    Raises Conflict `people.no_account`, and what `recover` raises.
    """
    if person.account_id is None:
        raise Conflict("people.no_account")
    slip = recover(recovery_id=recovery_id, account_id=person.account_id, by=by)
    record_act("people.recover_account", by=by, on=("person", person.pk), person_id=person.pk)
    publish("accounts.recovered", on=("account", slip.account.pk), person_id=person.pk)
    return slip
