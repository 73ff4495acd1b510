"""Somebody who holds a permit in the small city, and the wallet they collect it with."""

import pytest
from django.core.management import call_command

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_principal, a_resident
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.credentials.keys.ring import forget
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.permitting.casework.states import CaseState


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def wang(town: City) -> Holder:
    """王小明, whose card is handed over."""
    return a_holder(town, "wang")


def a_holder(town: City, username: str, state: CaseState = CaseState.COMPLETED) -> Holder:
    account = Account.objects.create(username=username)
    made = a_resident(account=account)
    resident = Resident(made.person, a_principal(account.pk), made.number)
    case, _ = case_at(town, state, resident=resident)
    return Holder(permit_of(case), resident.principal)


@pytest.fixture(autouse=True)
def _keys_of_this_test() -> None:
    """No key that another test made, and its end took back, is remembered."""
    forget()
