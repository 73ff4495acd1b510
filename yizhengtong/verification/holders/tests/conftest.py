"""A holder whose permit a bank checks, and the heads of the offices that answer."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.days import real_today
from tests.support.law import JINAN, LIXIA, SHIZHONG
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import register_relying_party

CheckIt = Callable[..., Check]


@dataclass(frozen=True, slots=True)
class Heads:
    """The head of the holder's own bureau, of another one, and of the city."""

    own: Principal
    other: Principal
    top: Principal


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def law(town: City) -> Law:
    return law_in_force(JINAN, "privacy", real_today())


@pytest.fixture
def heads(town: City) -> Heads:
    return Heads(
        *(town.officer(f"head-{office}", Role.SUPERVISOR, office=office) for office in (LIXIA, SHIZHONG, JINAN))
    )


@pytest.fixture
def bank(town: City) -> RelyingParty:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM)[0]


@pytest.fixture
def wang(town: City) -> Resident:
    """Somebody of Lixia who holds a permit."""
    case, wang = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    assert permit_of(case).person_id == wang.person.pk
    return wang


@pytest.fixture
def checked(bank: RelyingParty, wang: Resident) -> CheckIt:
    """Write a check of the holder's permit, or of somebody else's, as every way of checking does."""

    def check(*, of: Resident = wang, outcome: str = "match", party: RelyingParty | None = bank, way: str = "match",
              purpose: str = "bank") -> Check:  # fmt: skip
        return record_check(
            party=party, way=way, purpose=purpose, person_id=of.person.pk, outcome=outcome, claims=["number", "name"]
        )

    return check
