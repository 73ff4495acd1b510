"""What the tests of files stand on."""

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident
from tests.support.privacy import agreed
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.bulk import running
from yizhengtong.verification.bulk.tests.files import a_school
from yizhengtong.verification.relying_parties.callers import Caller


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> City:
    """The law in force, offices and officers, on the tests' day."""
    monkeypatch.setattr(running, "legal_day", lambda _now: TODAY)
    return a_city()


@pytest.fixture
def school(town: City) -> Caller:
    """A school that may check for its purpose."""
    return a_school()


@pytest.fixture
def held(town: City) -> tuple[Permit, Resident]:
    """葉小明's permit, whose holder agreed that schools check it."""
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    agreed(wang, "check_school")
    return permit_of(case), wang
