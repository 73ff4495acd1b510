"""What residents of three regions asked of online checks: that a permit passes, for what it is shown, and no more."""

from typing import Any

import pytest
from django.core.management import call_command

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import a_resident
from tests.support.privacy import agreed
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.tests.asking import a_caller, ask, told
from yizhengtong.verification.relying_parties.queries import claims_of


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.mark.row("S1-006", "S1-010", "S1-014")
@pytest.mark.parametrize(("region", "begins"), [("HK", "81"), ("MO", "82"), ("TW", "83")])
def test_an_app_takes_a_permit_of_each_region_by_number_and_name(town: City, region: Any, begins: str) -> None:
    case, holder = case_at(town, CaseState.COMPLETED, resident=a_resident(region=region, name="葉小明"))
    agreed(holder, "check_platform")
    number, app = permit_of(case).number, a_caller("platform", name="演示应用")
    assert number.startswith(begins)
    for name in ("葉小明", "叶小明"):
        assert told(ask(app, number, purpose="platform", name=name, birth_date=None)) == (True, "valid")
    assert told(ask(app, number, purpose="platform", name="何小明", birth_date=None)) == (False, None)


@pytest.mark.row("S1-026")
def test_medical_insurance_is_told_by_consent_alone_within_its_purpose_and_the_holder_sees_it(town: City) -> None:
    case, holder = case_at(town, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    number, fund = permit_of(case).number, a_caller("medical_insurance", name="演示医保")
    assert told(ask(fund, number, purpose="medical_insurance")) == (False, None), "nobody agreed"
    agreed(holder, "check_medical_insurance")
    assert told(ask(fund, number, purpose="medical_insurance")) == (True, "valid")
    assert {"photo", "authority", "latin_name"}.isdisjoint(claims_of(fund.party, "medical_insurance"))
    with pytest.raises(Forbidden):
        ask(fund, number, purpose="bank")
    seen = Check.objects.filter(person_id=holder.person.pk).order_by("id").values_list("purpose", "outcome", "claims")
    fields = ["number", "name", "birth_date"]
    assert list(seen) == [("medical_insurance", end, fields) for end in ("refused", "match")]
