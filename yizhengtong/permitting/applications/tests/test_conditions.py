"""Every condition of a service item, on the day, the day before and the day after."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.facts import ADULT, HALF_A_YEAR_AGO, facts_of, facts_of_reissue, facts_of_replacement
from tests.support.law import LIXIA, SHIZHONG, SOURCE, TODAY, law_of, library
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, TravelDocument
from yizhengtong.permitting.applications.rules import (
    CONDITIONS,
    IN_PERSON,
    holds_accepted_travel_document,
    look_at_conditions,
    minor_is_represented,
    photo_is_available,
)
from yizhengtong.registry.residence.rules import Stay

DAY = timedelta(days=1)
FAR = date(2031, 9, 18)


def found(rule: str, facts: Facts, *, item: str = "hmt.first_issue", on: date = TODAY) -> Finding:
    """Return what one condition of an item says of the facts under the law of Jinan."""
    law = law_of(on=on)
    service = law.items[item]
    findings = look_at_conditions(facts, law, service, on)
    by_rule = dict(zip((condition.rule for condition in service.conditions), findings, strict=True))
    return by_rule[rule]


def test_every_condition_that_an_item_names_is_known_and_every_known_one_is_named() -> None:
    items = [each.entry for file in library().files.values() for each in file["items"]]
    assert {condition.rule for item in items for condition in item.conditions} == set(CONDITIONS)


def test_complete_facts_meet_every_condition_of_each_item() -> None:
    law = law_of()
    for item, facts in (
        ("hmt.first_issue", facts_of()),
        ("hmt.replacement", facts_of_replacement("moved", permit=HeldPermit("held", FAR, SHIZHONG))),
        ("hmt.reissue", facts_of_reissue()),
    ):
        unmet = [each.code for each in look_at_conditions(facts, law, law.items[item], TODAY) if not each.met]
        assert unmet == [], item


def test_each_finding_names_the_article_of_its_condition() -> None:
    law = law_of()
    item = law.items["hmt.first_issue"]
    for condition, finding in zip(item.conditions, look_at_conditions(facts_of(), law, item, TODAY), strict=True):
        assert finding.source.text, finding.code
        if condition.rule not in {"has_lived_here_long_enough", "fingerprints_are_captured"}:  # see the next test
            assert finding.source == condition.source


@pytest.mark.row("S2-08", "S2-18")
def test_where_a_parameter_decides_its_text_is_named_and_in_jinan_that_is_jinans() -> None:
    assert str(found("fingerprints_are_captured", facts_of()).source) == "济政办字〔2019〕25号 art. 二"
    assert str(found("has_lived_here_long_enough", facts_of()).source) == "国办发〔2018〕81号 art. 2"


# ---- who ----


@pytest.mark.row("S1-037", "S1-038", "S2-16")
@pytest.mark.parametrize(
    ("kind", "met"),
    [("hrp", True), ("mtp_five_year", True), ("mtp_one_time", True), ("hrp_non_chinese", False)],
)
def test_only_the_travel_permit_of_non_chinese_citizens_speaks_against_the_person(kind: str, met: bool) -> None:
    facts = facts_of(travel_document=TravelDocument(kind, FAR))
    assert found("is_hong_kong_macao_or_taiwan_resident", facts).met is met


def test_who_showed_no_travel_document_is_left_to_an_officer() -> None:
    assert found("is_hong_kong_macao_or_taiwan_resident", facts_of(travel_document=None)).met is None


# ---- the travel document ----


@pytest.mark.row("S0-T12", "S1-037", "S1-038", "S2-16")
@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("hrp", ""),
        ("mtp_five_year", ""),
        ("mtp_one_time", "applications.travel_document_mtp_one_time"),
        ("hrp_non_chinese", "applications.travel_document_hrp_non_chinese"),
    ],
)
def test_the_lifelong_and_the_five_year_permit_are_accepted_and_the_problem_of_others_is_named(
    kind: str, problem: str
) -> None:
    finding = found("holds_accepted_travel_document", facts_of(travel_document=TravelDocument(kind, FAR)))
    assert finding.met is (problem == "")
    assert finding.facts.get("problem", "") == problem


@pytest.mark.row("S1-037", "S2-16")
@pytest.mark.parametrize(("left", "met"), [(1, True), (0, True), (-1, False)])
def test_a_travel_document_is_good_on_its_last_valid_day_and_no_longer_on_the_next(left: int, met: bool) -> None:
    document = TravelDocument("hrp", TODAY + timedelta(days=left))
    finding = found("holds_accepted_travel_document", facts_of(travel_document=document))
    assert finding.met is met
    assert finding.facts.get("problem") == (None if met else "applications.travel_document_expired")


def test_a_travel_document_of_unknown_validity_is_left_to_an_officer_and_a_missing_one_is_not() -> None:
    unknown = found("holds_accepted_travel_document", facts_of(travel_document=TravelDocument("hrp", None)))
    missing = found("holds_accepted_travel_document", facts_of(travel_document=None))
    assert (unknown.met, unknown.facts["problem"]) == (None, "applications.travel_document_validity_unknown")
    assert (missing.met, missing.facts["problem"]) == (False, "applications.travel_document_missing")


def test_a_one_time_permit_is_refused_for_its_kind_even_when_it_also_expired() -> None:
    finding = holds_accepted_travel_document(TravelDocument("mtp_one_time", TODAY - DAY), ("hrp",), TODAY, SOURCE)
    assert finding.facts["problem"] == "applications.travel_document_mtp_one_time"


# ---- half a year ----


@pytest.mark.row("S0-T08", "S1-033", "S2-08", "D4", "D5")
@pytest.mark.parametrize(("late", "met"), [(-1, True), (0, True), (1, False)])
def test_half_a_year_is_full_on_the_corresponding_day(late: int, met: bool) -> None:
    stay = Stay(LIXIA, HALF_A_YEAR_AGO + timedelta(days=late))
    finding = found("has_lived_here_long_enough", facts_of(stays=(stay,)))
    assert finding.met is met
    assert finding.met_on == TODAY + timedelta(days=late)


@pytest.mark.row("D5")
def test_180_days_are_not_half_a_year() -> None:
    facts = facts_of(stays=(Stay(LIXIA, date(2026, 3, 1)),))
    assert found("has_lived_here_long_enough", facts, on=date(2026, 8, 28)).met is False
    assert found("has_lived_here_long_enough", facts, on=date(2026, 8, 31)).met is False
    assert found("has_lived_here_long_enough", facts, on=date(2026, 9, 1)).met is True


@pytest.mark.row("S2-08", "S2-42", "D4")
@pytest.mark.parametrize(("region", "met"), [(SHIZHONG, True), ("440304", True), ("810000", False), ("710000", False)])
def test_half_a_year_anywhere_on_the_mainland_will_do_in_jinan(region: str, met: bool) -> None:
    finding = found("has_lived_here_long_enough", facts_of(stays=(Stay(region, HALF_A_YEAR_AGO),)))
    assert finding.met is met
    assert len(tuple(finding.facts["readings"])) == 2  # type: ignore[arg-type]


@pytest.mark.row("D6")
def test_stays_with_a_gap_add_up() -> None:
    stays = (Stay(LIXIA, date(2026, 1, 1), date(2026, 4, 1)), Stay(LIXIA, date(2026, 6, 1)))
    # 61 days lay in the gap: six months run as if from 3 March
    assert found("has_lived_here_long_enough", facts_of(stays=stays), on=date(2026, 9, 2)).met is False
    assert found("has_lived_here_long_enough", facts_of(stays=stays), on=date(2026, 9, 3)).met is True


# ---- one of three ----


@pytest.mark.row("S0-T09", "S1-033", "S2-09", "S2-17", "S1-040")
@pytest.mark.parametrize(
    ("claim", "paper"),
    [("employment", "labour_contract"), ("dwelling", "lease"), ("study", "student_card")],
)
def test_each_of_the_three_is_enough_alone(claim: str, paper: str) -> None:
    facts = facts_of(claims=(claim,), evidence={"travel_document": ("hrp",), f"{claim}_proof": (paper,)})
    assert found("has_one_of_three", facts).met is True


@pytest.mark.row("S0-T09", "S2-09", "S2-17")
@pytest.mark.parametrize(
    "changes",
    [
        {"claims": ()},
        {"claims": ("study",)},
        {"evidence": {"travel_document": ("hrp",)}},
        {"evidence": {"dwelling_proof": ("student_card",)}},
        {"evidence": {"study_proof": ("lease",)}},
    ],
)
def test_a_claim_without_a_paper_that_proves_it_is_none_of_the_three(changes: dict[str, Any]) -> None:
    finding = found("has_one_of_three", facts_of(**changes))
    assert finding.met is False
    assert finding.facts["claims"] == [
        "applications.claim_employment", "applications.claim_dwelling", "applications.claim_study",
    ]  # fmt: skip


# ---- own will, and minors ----


@pytest.mark.row("S0-T03", "S0-T10", "S0-T33", "S2-09")
@pytest.mark.parametrize("declared", [True, False])
def test_nobody_is_granted_a_permit_without_wishing_for_it(declared: bool) -> None:
    assert found("applies_of_own_will", facts_of(applies_of_own_will=declared)).met is declared


@pytest.mark.row("S1-034", "S2-10", "D3")
@pytest.mark.parametrize(
    ("birth", "relation", "met"),
    [
        (date(2010, 9, 19), "", False),  # 16 tomorrow
        (date(2010, 9, 18), "", True),  # 16 today
        (date(2010, 9, 17), "", True),
        (date(2010, 9, 19), "guardian", True),
        (date(2010, 9, 19), "near_relative", False),
        (date(2010, 9, 18), "guardian", True),
    ],
)
def test_a_guardian_acts_until_the_day_before_the_sixteenth_birthday(birth: date, relation: str, met: bool) -> None:
    finding = found("minor_is_represented", facts_of(birth_date=birth, relation=relation))
    assert finding.met is met
    assert finding.facts["age"] == 16


@pytest.mark.row("S2-10", "D3")
@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
def test_minors_of_all_three_regions_have_a_guardian(region: str) -> None:
    facts = facts_of(region=region, birth_date=date(2015, 1, 1), relation="guardian")
    assert found("minor_is_represented", facts).met is True


def test_born_on_29_february_one_is_sixteen_on_29_february() -> None:
    birth = date(2008, 2, 29)
    assert minor_is_represented(birth, 16, "", date(2024, 2, 28), SOURCE).met is False
    assert minor_is_represented(birth, 16, "", date(2024, 2, 29), SOURCE).met is True


# ---- what only the visit can meet ----


@pytest.mark.row("S1-039", "S2-18", "D8")
@pytest.mark.parametrize(("photo", "met"), [("captured", True), ("receipt", True), ("", False)])
def test_a_photograph_is_captured_or_comes_with_the_receipt_of_its_test(photo: str, met: bool) -> None:
    assert found("photo_is_available", facts_of(photo=photo)).met is met


@pytest.mark.row("D8")
def test_where_receipts_are_not_taken_a_receipt_is_no_photograph() -> None:
    assert photo_is_available("receipt", False, SOURCE).met is False
    assert photo_is_available("captured", False, SOURCE).met is True


@pytest.mark.row("S1-030", "S2-18", "D8")
@pytest.mark.parametrize("captured", [True, False])
def test_fingerprints_are_captured_on_site(captured: bool) -> None:
    assert found("fingerprints_are_captured", facts_of(has_fingerprints=captured)).met is captured


@pytest.mark.row("S0-T11", "S1-042", "S2-15", "D9")
@pytest.mark.parametrize("signed", [True, False])
def test_the_form_is_signed(signed: bool) -> None:
    assert found("form_is_signed", facts_of(has_signed_form=signed)).met is signed


@pytest.mark.row("S2-18", "S1-042")
def test_what_only_the_visit_can_meet_can_be_left_out() -> None:
    law = law_of()
    item = law.items["hmt.first_issue"]
    findings = look_at_conditions(facts_of(), law, item, TODAY, leave_out=IN_PERSON)
    assert len(findings) == len(item.conditions) - 3
    assert {each.code.partition(".")[2] for each in findings}.isdisjoint(IN_PERSON)


# ---- permits held ----


@pytest.mark.parametrize("state", ["ordered", "made", "held", "lost"])
def test_who_holds_a_permit_gets_no_second_first_issue(state: str) -> None:
    permit = HeldPermit(state, FAR, LIXIA)
    assert found("holds_no_living_permit", facts_of(permit=permit)).met is False
    assert found("holds_no_living_permit", facts_of()).met is True


@pytest.mark.parametrize("item", ["hmt.replacement", "hmt.reissue"])
def test_only_a_permit_that_there_is_can_be_replaced_or_reissued(item: str) -> None:
    facts = facts_of_reissue() if item == "hmt.reissue" else facts_of_replacement("damaged")
    without = facts_of_reissue(permit=None)
    assert found("holds_permit_of_this_kind", facts, item=item).met is True
    assert found("holds_permit_of_this_kind", without, item=item).met is False


@pytest.mark.row("D12")
@pytest.mark.parametrize(("left", "met"), [(1, False), (0, False), (-1, True)])
def test_a_permit_is_replaced_as_expired_from_the_day_after_its_last_valid_day(left: int, met: bool) -> None:
    last = TODAY + timedelta(days=left)
    facts = facts_of_replacement("expired", permit=HeldPermit("held", last, LIXIA))
    finding = found("ground_for_replacement_holds", facts, item="hmt.replacement")
    assert finding.met is met
    assert finding.met_on == last + DAY


@pytest.mark.row("D12")
@pytest.mark.parametrize(("county", "met"), [(SHIZHONG, True), (LIXIA, False)])
def test_a_permit_is_replaced_as_moved_when_it_was_issued_for_another_county(county: str, met: bool) -> None:
    facts = facts_of_replacement("moved", permit=HeldPermit("held", FAR, county))
    assert found("ground_for_replacement_holds", facts, item="hmt.replacement").met is met


def test_whether_a_card_is_damaged_an_officer_sees() -> None:
    finding = found("ground_for_replacement_holds", facts_of_replacement("damaged"), item="hmt.replacement")
    assert finding.met is None
    assert finding.facts["ground"] == "applications.ground_damaged"


@pytest.mark.parametrize("ground", ["", "lost", "wish"])
def test_other_grounds_replace_nothing(ground: str) -> None:
    finding = found("ground_for_replacement_holds", facts_of_replacement(ground), item="hmt.replacement")
    assert finding.met is False


def test_nothing_is_replaced_on_any_ground_where_nothing_is_held() -> None:
    for ground in ("expired", "damaged", "moved"):
        facts = facts_of_replacement(ground, permit=None)
        assert found("ground_for_replacement_holds", facts, item="hmt.replacement").met is False


@pytest.mark.parametrize(("state", "met"), [("lost", True), ("held", False), ("made", False)])
def test_a_permit_is_reissued_once_its_loss_is_reported(state: str, met: bool) -> None:
    facts = facts_of_reissue(permit=HeldPermit(state, FAR, LIXIA))
    assert found("permit_is_reported_lost", facts, item="hmt.reissue").met is met
    assert found("permit_is_reported_lost", facts_of_reissue(permit=None), item="hmt.reissue").met is False


def test_the_adult_of_these_tests_is_one() -> None:
    assert minor_is_represented(ADULT, 16, "", TODAY, SOURCE).met is True
