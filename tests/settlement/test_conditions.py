"""The conditions and papers of settling, looked at directly: each place, each ground, each boundary day."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.law import LIXIA, library
from yizhengtong.kernel.findings import Finding
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.facts import Facts, Judged, ProofDetails, TravelDocument
from yizhengtong.permitting.applications.rules import is_asked_for
from yizhengtong.permitting.casework.rules import Outcome, decide

ITEM = "settlement.approval"
ON = date(2026, 9, 18)
DONGGUAN, SHENZHEN, NANNING, FUZHOU, XIAMEN = "441900", "440304", "450103", "350102", "350203"
PAPERS = {
    "application_form": ("settlement_form",),
    "photos": ("identity_photo",),
    "taiwan_identity_card": ("taiwan_identity_card",),
    "travel_document": ("mtp_five_year",),
}
KIN = {code: (code,) for code in ("kinship_proof", "relative_household", "support_undertaking")}
SEEN = {"no_refusal_ground_is_known": Judged(True)}
CHEN = Facts(
    region="TW",
    birth_date=date(1980, 5, 6),
    place=LIXIA,
    travel_document=TravelDocument("mtp_five_year", date(2031, 1, 1)),
    ground="lineal_kin",
    applies_of_own_will=True,
    evidence={**PAPERS, **KIN},
    judged_conditions=SEEN,
)
"""陈台生 of Taiwan joins lineal kin, with everything there and looked at."""


def law_at(place: str, on: date = ON) -> Law:
    return library().law(place, "settlement", on)


def decided(facts: Facts, on: date = ON) -> Outcome:
    return decide(facts, law_at(facts.place, on), ITEM, on)


def of(facts: Facts, code: str, on: date = ON) -> Finding:
    (found,) = [finding for finding in decided(facts, on).findings if finding.code == code]
    return found


def ground_of(facts: Facts, on: date = ON) -> Finding:
    return decided(facts, on).findings[2]


def asked(facts: Facts, on: date = ON) -> set[str]:
    law = law_at(facts.place, on)
    return {each.code for each in law.items[ITEM].documents if is_asked_for(each, facts, law, on)}


def married(since: date, **changes: Any) -> Facts:
    details = {"marriage_proof": ProofDetails(since=since)}
    return replace(CHEN, ground="spouse", proof_details=details, **changes)


@pytest.mark.row("S0-T15", "S0-T17", "S0-T22")
def test_who_meets_everything_is_approved() -> None:
    outcome = decided(CHEN)
    assert outcome.granted, outcome.unmet + outcome.open


@pytest.mark.row("S0-T16")
@pytest.mark.parametrize("region", ["HK", "MO", "CN"])
def test_only_taiwan_residents_settle_by_these_rules(region: str) -> None:
    assert not of(replace(CHEN, region=region), "settlement.is_taiwan_resident").met


@pytest.mark.row("S0-T22")
@pytest.mark.parametrize(
    ("document", "met"),
    [
        (TravelDocument("mtp_five_year", ON), True),
        (TravelDocument("mtp_one_time", ON), True),
        (TravelDocument("mtp_five_year", date(2026, 9, 17)), False),
        (TravelDocument("mtp_five_year", None), None),
        (TravelDocument("hrp", date(2031, 1, 1)), False),
        (None, False),
    ],
)
def test_the_travel_document_is_good_through_its_last_day(document: TravelDocument | None, met: bool | None) -> None:
    assert of(replace(CHEN, travel_document=document), "settlement.holds_valid_entry_document").met is met


@pytest.mark.row("S0-T27", "S0-T28", "D18")
@pytest.mark.parametrize("place", [FUZHOU, XIAMEN])
def test_in_fujian_every_wish_is_a_ground_from_2024_on_and_not_a_day_before(place: str) -> None:
    wish = replace(CHEN, place=place, ground="any_wish", evidence=PAPERS)
    assert ground_of(wish, date(2023, 12, 31)).code == "settlement.ground_is_named"
    assert ground_of(wish, date(2023, 12, 31)).met is False
    found = ground_of(wish, date(2024, 1, 1))
    assert (found.code, found.met) == ("settlement.any_wish", True)
    assert decided(wish, date(2024, 1, 1)).granted


@pytest.mark.row("S0-T28", "D18", "D19")
def test_in_fujian_no_ground_is_tested_even_where_one_is_named() -> None:
    spouse = replace(CHEN, place=FUZHOU, ground="spouse", evidence=PAPERS)
    assert ground_of(spouse).met
    assert not asked(spouse) & {"marriage_proof", "spouse_household", "health_certificate"}
    assert decided(spouse).granted


@pytest.mark.row("S0-T28", "D18")
def test_elsewhere_the_wish_alone_is_no_ground() -> None:
    for place in (LIXIA, NANNING, SHENZHEN, DONGGUAN):
        found = ground_of(replace(CHEN, place=place, ground="any_wish"))
        assert (found.code, found.met) == ("settlement.ground_is_named", False)
        assert "settlement.ground_spouse" in str(found.facts["grounds"])


@pytest.mark.row("S0-T28", "D18")
def test_fujians_ground_is_marked_as_inferred_and_xiamens_is_read() -> None:
    assert law_at(FUZHOU)["settle.grounds"].certainty == "I"
    assert law_at(XIAMEN)["settle.grounds"].certainty == "C"


@pytest.mark.row("S0-T17", "D18")
@pytest.mark.parametrize(
    ("since", "met"), [(date(2023, 9, 18), True), (date(2023, 9, 19), False), (date(2023, 9, 17), True)]
)
@pytest.mark.parametrize("place", [LIXIA, DONGGUAN, NANNING])
def test_a_spouse_is_married_for_three_years(place: str, since: date, met: bool) -> None:
    found = ground_of(married(since, place=place))
    assert (found.code, found.met) == ("settlement.married_long_enough", met)
    assert found.met_on == (None if met else date(2026, 9, 19))


@pytest.mark.row("S0-T17", "D18")
def test_a_marriage_whose_day_nobody_established_is_an_officers_and_one_that_ended_is_none() -> None:
    assert ground_of(replace(CHEN, ground="spouse")).met is None
    ended = {"marriage_proof": ProofDetails(since=date(2010, 1, 1), until=ON)}
    assert ground_of(replace(CHEN, ground="spouse", proof_details=ended)).met is False


@pytest.mark.row("S0-T17", "D18")
@pytest.mark.parametrize(
    ("place", "amount"), [(SHENZHEN, "5,000,000"), (DONGGUAN, "5,000,000"), (NANNING, "10,000,000")]
)
def test_an_investment_reaches_the_places_amount(place: str, amount: str) -> None:
    investor = replace(CHEN, place=place, ground="investment")
    found = ground_of(investor)
    assert (found.code, found.met, found.facts) == ("settlement.invested_enough", None, {"amount": amount})
    enough, little = ProofDetails(shows=("reaches_least",)), ProofDetails(lacks=("reaches_least",))
    for met, details in ((True, enough), (False, little)):
        seen = replace(investor, proof_details={"investment_proof": details})
        assert ground_of(seen).met is met


@pytest.mark.row("D18")
def test_where_no_amount_is_named_an_officer_says_whether_it_is_fitting() -> None:
    investor = replace(CHEN, ground="investment")
    assert (ground_of(investor).code, ground_of(investor).met) == ("settlement.ground_is_fitting", None)
    fitting = {"investment_proof": ProofDetails(shows=("found_fitting",))}
    assert ground_of(replace(investor, proof_details=fitting)).met


@pytest.mark.row("D18")
def test_in_old_xiamen_tax_was_enough_instead_of_the_investment() -> None:
    old, investor = date(2023, 12, 31), replace(CHEN, place=XIAMEN, ground="investment")
    little = ProofDetails(lacks=("reaches_least",))
    paid = {"investment_proof": little, "tax_proof": ProofDetails(shows=("reaches_least",))}
    assert ground_of(replace(investor, proof_details=paid), old).met
    neither = {"investment_proof": little, "tax_proof": little}
    assert ground_of(replace(investor, proof_details=neither), old).met is False


@pytest.mark.row("S0-T17", "D18")
@pytest.mark.parametrize("ground", ["talent", "other"])
def test_expertise_and_other_cases_are_an_officers(ground: str) -> None:
    assert ground_of(replace(CHEN, ground=ground)).met is None


@pytest.mark.row("S0-T17", "D18")
def test_nobody_is_asked_to_be_alone_since_the_statement_but_before_it() -> None:
    before = date(2025, 12, 2)
    found = ground_of(CHEN, before)
    assert (found.code, found.met) == ("settlement.is_alone", None)
    assert "no_carer_statement" in asked(CHEN, before)
    assert ground_of(CHEN, date(2025, 12, 3)).met
    assert "no_carer_statement" not in asked(CHEN, date(2025, 12, 3))
    assert ground_of(replace(CHEN, ground="other"), before).met is False


@pytest.mark.row("S0-T19", "S0-T20", "S0-T21", "S0-T22", "S0-T23", "D19")
def test_the_papers_are_those_of_the_statement_and_of_the_ground() -> None:
    always = {"application_form", "photos", "taiwan_identity_card", "travel_document"}
    assert asked(CHEN) == always | set(KIN)
    assert asked(married(date(2020, 1, 1))) == always | {"marriage_proof", "spouse_household"}
    for ground in ("investment", "talent"):
        assert asked(replace(CHEN, ground=ground)) == always | {f"{ground}_proof"}
    assert asked(replace(CHEN, ground="other")) == always | {"other_ground_proof"}


@pytest.mark.row("S0-T19", "S0-T20", "S0-T21", "S0-T22", "S0-T23")
@pytest.mark.parametrize("paper", [*PAPERS, *KIN])
def test_each_paper_that_is_missing_stands_in_the_way(paper: str) -> None:
    rest = {code: kinds for code, kinds in CHEN.evidence.items() if code != paper}
    (unmet,) = decided(replace(CHEN, evidence=rest)).unmet
    assert (unmet.code, unmet.facts["document_code"]) == ("applications.document_missing", paper)


@pytest.mark.row("D19")
@pytest.mark.parametrize(
    ("place", "on", "is_asked"),
    [
        (LIXIA, date(2025, 12, 2), True),
        (LIXIA, date(2025, 12, 3), False),
        (DONGGUAN, ON, True),
        (SHENZHEN, ON, False),
        (FUZHOU, ON, False),
        (XIAMEN, ON, False),
    ],
)
def test_a_health_certificate_is_asked_only_where_the_places_text_asks(place: str, on: date, is_asked: bool) -> None:
    assert ("health_certificate" in asked(replace(CHEN, place=place), on)) is is_asked
    code = "settlement.health_certificate_is_recent" if is_asked else "settlement.health_certificate_not_asked"
    assert of(replace(CHEN, place=place), code, on).met is (None if is_asked else True)


@pytest.mark.row("D19")
@pytest.mark.parametrize(
    ("issued", "met"),
    [(date(2026, 3, 18), True), (date(2026, 3, 17), False), (date(2026, 9, 18), True), (date(2026, 9, 19), False)],
)
def test_a_health_certificate_is_of_the_last_six_months_before_the_application(issued: date, met: bool) -> None:
    details = {"health_certificate": ProofDetails(since=issued)}
    facts = replace(CHEN, place=DONGGUAN, proof_details=details, asked_on=ON)
    assert of(facts, "settlement.health_certificate_is_recent", date(2026, 12, 1)).met is met


@pytest.mark.row("D19")
def test_xiamen_asks_for_the_travel_permit_besides_the_travel_document() -> None:
    assert asked(replace(CHEN, place=XIAMEN)) == {*PAPERS, "mainland_travel_permit"}


@pytest.mark.row("D3")
@pytest.mark.parametrize("place", [LIXIA, XIAMEN])
@pytest.mark.parametrize(
    ("birth", "relation", "papers", "met"),
    [
        (date(2010, 9, 19), "guardian", (), True),  # 15, the day before the birthday
        (date(2010, 9, 18), "guardian", (), False),  # 16 today
        (date(2010, 9, 19), "", (), False),
        (date(2010, 9, 18), "", (), True),
        (date(2010, 9, 19), "near_relative", (), False),
        (date(1966, 9, 18), "near_relative", (), True),  # 60 today
        (date(1966, 9, 19), "near_relative", (), False),  # 59
        (date(1966, 9, 19), "near_relative", ("illness_proof",), None),
        (date(1966, 9, 19), "", (), True),
    ],
)
def test_somebody_acts_for_those_under_16_from_60_on_or_seriously_ill(
    place: str, birth: date, relation: str, papers: tuple[str, ...], met: bool | None
) -> None:
    evidence = {**CHEN.evidence, **({"illness_proof": papers} if papers else {})}
    facts = replace(CHEN, place=place, birth_date=birth, relation=relation, evidence=evidence)
    assert of(facts, "settlement.representative_may_act").met is met


@pytest.mark.row("D3", "S0-T35")
def test_who_acts_shows_papers_and_only_a_guardian_or_near_relative_does() -> None:
    proxy = {"representative_identity", "authority_to_act"}
    old = replace(CHEN, birth_date=date(1950, 1, 1), relation="near_relative")
    assert not asked(CHEN) & proxy
    assert asked(old) >= proxy
    assert "illness_proof" not in asked(old)
    assert "illness_proof" in asked(replace(CHEN, relation="near_relative"))
    assert of(replace(old, relation="agent"), "settlement.representative_may_act").met is False


@pytest.mark.row("S0-T03", "S0-T33")
def test_nobody_settles_who_did_not_confirm_to_want_it() -> None:
    assert not of(replace(CHEN, applies_of_own_will=False), "applications.applies_of_own_will").met


@pytest.mark.row("S0-T16")
def test_a_refusal_ground_is_never_found_by_the_system() -> None:
    found = of(replace(CHEN, judged_conditions={}), "settlement.no_refusal_ground_is_known")
    assert found.met is None
    assert str(found.facts["grounds"]).count("settlement.refusal_") == 5
    word = {"no_refusal_ground_is_known": Judged(False, "提供假证明")}
    refused = of(replace(CHEN, judged_conditions=word), "settlement.no_refusal_ground_is_known")
    assert (refused.met, refused.facts["reason"]) == (False, "提供假证明")
