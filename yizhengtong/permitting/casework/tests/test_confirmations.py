"""What registers confirmed decides as a paper would: for the applicant, for officers, for the rules of the system."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cases import add_paper
from tests.support.law import TODAY, library
from tests.support.people import Resident
from tests.support.registers import ALIVE, INSURED, answering_source, put, registers_in
from yizhengtong.foundation.exchange.registers.contract import HouseholdRegister, Kind
from yizhengtong.kernel.errors import Invalid
from yizhengtong.permitting.applications.facts import ProofDetails
from yizhengtong.permitting.applications.models import Confirmation
from yizhengtong.permitting.applications.rules import is_shown
from yizhengtong.permitting.applications.services import ask_registers
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.queries import look_ahead
from yizhengtong.permitting.casework.tests.qingyuan import (
    BY_PERMIT,
    QINGYUAN,
    RUIAN,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    half_a_year,
    submitted,
    the_law,
)

pytestmark = pytest.mark.django_db
AS_OF = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _registers(settings: Any, tmp_path: Path) -> Iterator[None]:
    the_law()
    registers_in(settings, tmp_path / "registers")
    with answering_source():
        yield


def confirm_all(settings: Any, who: Resident) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, who.number, ALIVE, as_of=AS_OF)
    put(settings, Kind.SOCIAL_INSURANCE, who.number, INSURED, as_of=AS_OF)


@pytest.fixture
def holder() -> Resident:
    """姚小明, a year in Rui'an with its card, now in Qingyuan."""
    county = a_county(RUIAN, "瑞安市", answering=False)
    a_county()
    who = a_mainlander(half_a_year())
    a_card(who, county, on=date(2026, 8, 1))
    return who


@pytest.mark.row("S4-12", "S4-13", "S4-21")
def test_a_conversion_whose_facts_are_all_confirmed_is_approved_without_a_paper(
    holder: Resident, settings: Any
) -> None:
    confirm_all(settings, holder)
    case = submitted(holder, a_draft(holder))
    facts = examine(case, TODAY).facts
    assert set(facts.confirmed) == {"identity_card", "social_insurance"}
    assert facts.evidence == {}
    case.refresh_from_db()
    assert (case.state, case.automatic_declined_because) == ("completed", None)


@pytest.mark.row("D24")
@pytest.mark.parametrize(
    "household", [HouseholdRegister("330381", None, False), HouseholdRegister("511302", None, True), None]
)
def test_what_a_register_does_not_confirm_goes_to_officers_and_is_not_refused(
    holder: Resident, settings: Any, household: HouseholdRegister | None
) -> None:
    confirm_all(settings, holder)
    number = holder.number if household else a_mainlander().number
    put(settings, Kind.HOUSEHOLD_REGISTER, number, household or ALIVE, as_of=AS_OF)
    draft = a_draft(holder)
    with pytest.raises(Invalid, match=r"applications\.incomplete"):  # the paper, as before
        submitted(holder, draft)
    add_paper(draft, holder, "identity", "identity_card")
    case = submitted(holder, draft)
    case.refresh_from_db()
    assert (case.state, case.automatic_declined_because) == ("accepted", ["casework.declined_not_confirmed"])


def test_the_applicant_sees_before_submission_that_no_paper_is_missing(holder: Resident, settings: Any) -> None:
    draft = a_draft(holder)
    before = {finding.code for finding in look_ahead(application=draft, on=TODAY).unmet}
    confirm_all(settings, holder)
    law = law_for(BY_PERMIT, QINGYUAN, TODAY)
    ask_registers(application_id=draft.pk, law=law, kinds=None, acting=holder.person, on=TODAY, by=holder.principal)
    after = {finding.code for finding in look_ahead(application=draft, on=TODAY).unmet}
    assert before - after
    facts = gather_facts(draft, law)
    documents = {document.code: document for document in law.items[BY_PERMIT].documents}
    assert is_shown(documents["identity"], facts)
    assert is_shown(documents["employment_proof"], facts)
    assert not is_shown(documents["dwelling_proof"], facts)


def test_what_an_officer_established_of_a_paper_goes_before_the_register(holder: Resident, settings: Any) -> None:
    confirm_all(settings, holder)
    case = submitted(holder, a_draft(holder))
    law = law_for(BY_PERMIT, QINGYUAN, TODAY)
    seen = {"social_insurance": ProofDetails(months=1)}
    facts = gather_facts(case.application, law, case, proof_details=seen)
    assert set(facts.confirmed) == {"identity_card"}
    assert set(gather_facts(case.application, law, case).confirmed) == {"identity_card", "social_insurance"}


def test_an_item_whose_law_knows_no_registers_costs_no_statement_more(holder: Resident) -> None:
    draft = a_draft(holder)
    with_registers, without = library().law(QINGYUAN, "floating", TODAY), library().law("330106", "hmt", TODAY)
    assert "confirm.registers" not in without
    counts = []
    for law in (with_registers, without):
        draft.item = BY_PERMIT if law is with_registers else "hmt.first_issue"
        with CaptureQueriesContext(connection) as statements:
            gather_facts(draft, law)
        counts.append(len(statements))
    assert counts == [2, 1]
    assert not Confirmation.objects.exists()
