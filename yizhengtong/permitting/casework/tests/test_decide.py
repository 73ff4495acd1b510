"""The decision: all findings, always; what an officer's word does."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.facts import facts_of, facts_of_reissue, facts_of_replacement
from tests.support.law import SHIZHONG, TODAY, law_of
from yizhengtong.kernel.findings import Finding
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, Judged, TravelDocument
from yizhengtong.permitting.casework.rules import Outcome, decide

FAR = date(2031, 9, 18)


def looked(facts: Facts, item: str = "hmt.first_issue", on: date = TODAY) -> Outcome:
    return decide(facts, law_of(on=on), item, on)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [each.code.partition(".")[2] for each in findings]


@pytest.mark.row("S2-08", "S2-09", "S2-16", "S2-17", "S2-18")
def test_who_meets_everything_is_granted() -> None:
    outcome = looked(facts_of())
    assert outcome.granted
    assert (outcome.unmet, outcome.open) == ((), ())


@pytest.mark.parametrize(
    ("item", "facts"),
    [
        ("hmt.replacement", facts_of_replacement("moved", permit=HeldPermit("held", FAR, SHIZHONG))),
        ("hmt.replacement", facts_of_replacement("expired", permit=HeldPermit("held", date(2026, 9, 17), "370102"))),
        ("hmt.reissue", facts_of_reissue()),
    ],
)
def test_replacement_and_reissue_are_granted_on_the_same_engine(item: str, facts: Facts) -> None:
    assert looked(facts, item).granted


@pytest.mark.row("S3-33", "S4-17")
def test_all_that_stands_against_an_application_is_found_at_once() -> None:
    facts = facts_of(
        travel_document=TravelDocument("hrp", TODAY - timedelta(days=1)), stays=(), applies_of_own_will=False,
        photo="", has_fingerprints=False, has_signed_form=False, evidence={}, birth_date=date(2015, 1, 1),
        permit=HeldPermit("held", FAR, "370102"),
    )  # fmt: skip
    outcome = looked(facts)
    assert codes(outcome.unmet) == [
        "holds_accepted_travel_document", "not_registered_here", "has_one_of_three", "applies_of_own_will",
        "minor_is_represented", "photo_is_available", "fingerprints_are_captured", "form_is_signed",
        "holds_no_living_permit", "document_missing", "document_missing", "document_missing", "document_missing",
    ]  # fmt: skip
    assert not outcome.granted


@pytest.mark.parametrize("item", ["hmt.first_issue", "hmt.replacement", "hmt.reissue"])
def test_every_condition_has_a_finding_whatever_the_facts(item: str) -> None:
    nothing = Facts(region="HK", birth_date=date(2000, 1, 1), place="370102")
    for facts in (nothing, facts_of(), facts_of_replacement("damaged"), facts_of_reissue()):
        assert len(looked(facts, item).findings) >= len(law_of().items[item].conditions)


@pytest.mark.parametrize(
    "changes",
    [
        {"travel_document": None},
        {"travel_document": TravelDocument("mtp_one_time", FAR)},
        {"travel_document": TravelDocument("hrp_non_chinese", FAR)},
        {"stays": ()},
        {"claims": ()},
        {"applies_of_own_will": False},
        {"birth_date": date(2012, 1, 1)},
        {"photo": ""},
        {"has_fingerprints": False},
        {"has_signed_form": False},
        {"permit": HeldPermit("lost", FAR, "370102")},
        {"evidence": {"dwelling_proof": ("lease",)}},
        {"judged_documents": {"dwelling_proof": Judged(False, "过期")}},
    ],
)
def test_each_condition_alone_is_enough_to_stand_against_a_grant(changes: dict[str, Any]) -> None:
    assert not looked(facts_of(**changes)).granted


def test_what_is_open_is_neither_granted_nor_refused_until_an_officer_says() -> None:
    facts = facts_of_replacement("damaged")
    outcome = looked(facts, "hmt.replacement")
    assert (outcome.granted, codes(outcome.open), outcome.unmet) == (False, ["ground_for_replacement_holds"], ())
    seen = replace(facts, judged_conditions={"ground_for_replacement_holds": Judged(True)})
    assert looked(seen, "hmt.replacement").granted
    unseen = replace(facts, judged_conditions={"ground_for_replacement_holds": Judged(False)})
    assert codes(looked(unseen, "hmt.replacement").unmet) == ["ground_for_replacement_holds"]


@pytest.mark.row("D24", "S4-13")
@pytest.mark.parametrize("met", [True, False])
def test_an_officers_word_with_a_reason_stands_against_the_rule_both_ways(met: bool) -> None:
    facts = facts_of(has_fingerprints=not met, judged_conditions={"fingerprints_are_captured": Judged(met, "双手有伤")})
    finding = next(each for each in looked(facts).findings if each.code.endswith("fingerprints_are_captured"))
    assert (finding.met, finding.facts["reason"]) == (met, "双手有伤")


def test_an_officers_word_that_agrees_changes_nothing() -> None:
    words = {condition.rule: Judged(True) for condition in law_of().items["hmt.first_issue"].conditions}
    assert looked(facts_of(judged_conditions=words)) == looked(facts_of())


def test_a_word_that_only_agreed_with_the_rule_does_not_outlive_it() -> None:
    words = {"holds_accepted_travel_document": Judged(True)}
    facts = facts_of(travel_document=TravelDocument("hrp", TODAY), judged_conditions=words)
    assert looked(facts).granted
    assert codes(looked(facts, on=TODAY + timedelta(days=1)).unmet) == ["holds_accepted_travel_document"]


def test_when_the_only_proof_is_rejected_none_of_three_is_proven_whatever_was_agreed_before() -> None:
    facts = facts_of(
        judged_conditions={"has_one_of_three": Judged(True)}, judged_documents={"dwelling_proof": Judged(False, "过期")}
    )
    assert codes(looked(facts).unmet) == ["has_one_of_three", "document_rejected"]


@pytest.mark.row("S1-038")
def test_a_one_time_permit_speaks_against_the_document_and_not_against_the_person() -> None:
    facts = facts_of(region="TW", travel_document=TravelDocument("mtp_one_time", FAR))
    assert codes(looked(facts).unmet) == ["holds_accepted_travel_document"]


@pytest.mark.row("S1-037")
def test_a_travel_permit_of_non_chinese_citizens_speaks_against_both() -> None:
    facts = facts_of(travel_document=TravelDocument("hrp_non_chinese", FAR))
    assert codes(looked(facts).unmet) == [
        "is_hong_kong_macao_or_taiwan_resident", "holds_accepted_travel_document",
    ]  # fmt: skip


@pytest.mark.row("S1-034", "S2-10", "D3")
def test_a_child_with_a_guardian_and_both_papers_is_granted() -> None:
    papers = {
        "travel_document": ("hrp",), "study_proof": ("student_card",), "guardian_identity": ("guardian_identity",),
        "guardianship": ("guardianship_proof",),
    }  # fmt: skip
    child = facts_of(birth_date=date(2017, 1, 1), relation="guardian", claims=("study",), evidence=papers)
    assert looked(child).granted
    assert not looked(replace(child, relation="")).granted


def test_an_unknown_item_is_an_error_and_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        looked(facts_of(), "hmt.gift")
