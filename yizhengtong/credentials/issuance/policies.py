"""Who may collect a permit into a wallet, and end what a wallet holds: the holder, and who acts for them."""

from datetime import date

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for, person_of


def ensure_may_offer(permit: Permit, by: Principal) -> None:
    """One's own permit, or that of whom one may act for today. Raises NotFound."""
    _ensure_acts_for(permit.person, by)


def ensure_may_end(person: Person, by: Principal) -> None:
    """What wallets of one's own hold, or of whom one may act for today. Raises NotFound."""
    _ensure_acts_for(person, by)


def may_collect(person: Person, by: Principal, on: date) -> bool:
    """Say whether a wallet collects a person's permits on a day by leave of somebody, given perhaps long ago."""
    is_own = by.kind == PrincipalKind.RESIDENT and by.id is not None and by.id == person.account_id
    return is_own or _acts_for(person, by, on)


def _ensure_acts_for(person: Person, by: Principal) -> None:
    if not _acts_for(person, by, legal_day(timezone.now())):
        raise NotFound("not_found")


def _acts_for(person: Person, by: Principal, on: date) -> bool:
    acting = person_of(by.id) if by.kind == PrincipalKind.RESIDENT and by.id is not None else None
    return acting is not None and may_act_for(acting, person, on)
