"""What the tests of notices stand on."""

from collections.abc import Iterator

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_resident
from tests.support.privacy import agreed
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.webhooks.tests.parties import a_bank
from yizhengtong.verification.webhooks.tests.receivers import Receiver, receiving


@pytest.fixture
def town(db: None) -> City:
    """The law in force, offices and officers."""
    return a_city()


@pytest.fixture
def bank(town: City) -> Caller:
    """A bank that may check."""
    return a_bank()


@pytest.fixture
def held(town: City) -> tuple[Permit, Resident]:
    """葉小明's permit, whose holder agreed that banks check it."""
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_bank")
    return permit_of(case), wang


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The bank's own server."""
    with receiving() as served:
        yield served
