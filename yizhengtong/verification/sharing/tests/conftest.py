"""A holder with an account and a permit, and a relying party that may check for two purposes."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_principal, a_resident
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.sharing.services import make_share_code

Make = Callable[..., str]


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


def with_account(who: Resident) -> Resident:
    """Return a resident whose account is in the table, as one who signs in has it."""
    account = Account.objects.create(username=f"resident-{uuid4().hex[:12]}")
    who.person.account = account
    who.person.save()
    return Resident(who.person, a_principal(account.pk), who.number)


@pytest.fixture
def wang(town: City) -> Resident:
    return with_account(a_resident(name="葉小明"))


@pytest.fixture
def permit(town: City, wang: Resident) -> Permit:
    return permit_of(case_at(town, CaseState.COMPLETED, resident=wang)[0])


@pytest.fixture
def make(permit: Permit, wang: Resident) -> Make:
    """Return what makes a code of the permit, for renting and one use in a week if nothing else is said."""

    def made(purpose: str = "rent", days: int = 7, uses: int = 1) -> str:
        return make_share_code(
            permit=permit, purpose=purpose, days=days, uses=uses, at=timezone.now(), by=wang.principal
        )[1]

    return made
