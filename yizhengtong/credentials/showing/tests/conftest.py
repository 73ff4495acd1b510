"""Somebody who holds a permit, in the small city."""

from datetime import datetime

import pytest
from django.core.management import call_command

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from yizhengtong.kernel.dates import CHINA
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=CHINA)


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def permit(town: City) -> Permit:
    """A permit that is held, of somebody with a Latin name."""
    case, _ = case_at(town, CaseState.COMPLETED)
    return permit_of(case)
