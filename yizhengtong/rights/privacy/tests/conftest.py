"""The small city, its law of personal data, and a resident whose case was decided."""

from dataclasses import dataclass

import pytest
from django.utils import timezone

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.law import library
from tests.support.people import Resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState


@dataclass(frozen=True, slots=True)
class Decided:
    """A completed case and its applicant."""

    case: Case
    wang: Resident


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def law() -> Law:
    return library().law("370100", "privacy", legal_day(timezone.now()))


@pytest.fixture
def decided(town: City) -> Decided:
    return Decided(*case_at(town, CaseState.COMPLETED))


@pytest.fixture
def auditor(town: City) -> Principal:
    return town.officer("auditor", Role.AUDITOR, office="370100")


@pytest.fixture
def registrar(town: City) -> Principal:
    return town.officer("registrar", Role.REGISTRAR, office="370102")
