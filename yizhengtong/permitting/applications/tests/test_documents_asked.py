"""Which papers are asked of whom, and what becomes of those handed in."""

from datetime import date
from typing import Any

import pytest

from tests.support.facts import facts_of, facts_of_reissue, facts_of_replacement
from tests.support.law import SOURCE, TODAY, law_of
from yizhengtong.law.parameter import RequiredDocument
from yizhengtong.law.schema import Names
from yizhengtong.permitting.applications.facts import Facts, Judged
from yizhengtong.permitting.applications.rules import is_asked_for, look_at_documents, proven_claims

CHILD = date(2016, 5, 1)


def papers(facts: Facts, item: str = "hmt.first_issue", on: date = TODAY) -> dict[str, tuple[str, bool | None]]:
    """Return what is said of each paper: its finding's last word, and whether it is met."""
    law = law_of(on=on)
    return {
        str(each.facts["document_code"]): (each.code.removeprefix("applications.document_"), each.met)
        for each in look_at_documents(facts, law, law.items[item], on)
    }


def asked(facts: Facts, item: str = "hmt.first_issue", on: date = TODAY) -> set[str]:
    law = law_of(on=on)
    return {each.code for each in law.items[item].documents if is_asked_for(each, facts, law, on)}


@pytest.mark.row("S0-T12", "S0-T13", "S2-16", "S2-17", "S1-040")
@pytest.mark.parametrize(
    ("claims", "proofs"),
    [
        ((), set()),
        (("dwelling",), {"dwelling_proof"}),
        (("employment", "study"), {"employment_proof", "study_proof"}),
    ],
)
def test_the_travel_document_is_always_asked_and_a_proof_for_each_claim(
    claims: tuple[str, ...], proofs: set[str]
) -> None:
    assert asked(facts_of(claims=claims)) == {"travel_document"} | proofs


@pytest.mark.row("S1-034", "S2-10", "D3")
@pytest.mark.parametrize(
    ("birth", "is_minor"), [(date(2010, 9, 19), True), (date(2010, 9, 18), False), (date(2010, 9, 17), False)]
)
def test_papers_of_the_guardian_are_asked_until_the_sixteenth_birthday(birth: date, is_minor: bool) -> None:
    wanted = asked(facts_of(birth_date=birth, relation="guardian")) & {"guardian_identity", "guardianship"}
    assert wanted == ({"guardian_identity", "guardianship"} if is_minor else set())


@pytest.mark.row("D12")
@pytest.mark.parametrize(
    ("ground", "more"), [("moved", {"new_dwelling_proof"}), ("expired", set()), ("damaged", set())]
)
def test_a_replacement_asks_for_the_old_card_and_after_a_move_for_the_new_dwelling(ground: str, more: set[str]) -> None:
    wanted = asked(facts_of_replacement(ground), "hmt.replacement")
    assert wanted == {"travel_document", "old_permit"} | more


def test_a_reissue_asks_for_no_card_that_is_lost() -> None:
    assert asked(facts_of_reissue(), "hmt.reissue") == {"travel_document"}


def test_a_paper_of_proxies_is_asked_of_whoever_acts_for_somebody() -> None:
    names = Names(**{"zh-Hans": "委托书", "zh-Hant": "委託書", "en": "Power of attorney"})
    paper = RequiredDocument("power", names, ("power_of_attorney",), "proxy", SOURCE, (), "I")
    assert is_asked_for(paper, facts_of(relation="near_relative"), law_of(), TODAY)
    assert not is_asked_for(paper, facts_of(), law_of(), TODAY)


@pytest.mark.row("S2-16", "S2-17")
def test_papers_handed_in_are_met_and_missing_ones_are_not() -> None:
    assert papers(facts_of()) == {"travel_document": ("present", True), "dwelling_proof": ("present", True)}
    assert papers(facts_of(evidence={})) == {
        "travel_document": ("missing", False),
        "dwelling_proof": ("missing", False),
    }


def test_a_kind_that_the_document_does_not_accept_is_missing() -> None:
    given = {"travel_document": ("lease",), "dwelling_proof": ("lease",)}
    assert papers(facts_of(evidence=given))["travel_document"] == ("missing", False)


def test_one_accepted_kind_among_several_is_enough() -> None:
    given = {"travel_document": ("lease", "hrp"), "dwelling_proof": ("lease",)}
    assert papers(facts_of(evidence=given))["travel_document"] == ("present", True)


def test_a_paper_that_an_officer_rejected_says_why_and_proves_nothing() -> None:
    facts = facts_of(judged_documents={"dwelling_proof": Judged(False, "租期已满")})
    law = law_of()
    rejected = next(each for each in look_at_documents(facts, law, law.items["hmt.first_issue"], TODAY) if not each.met)
    assert rejected.code == "applications.document_rejected"
    assert rejected.facts["reason"] == "租期已满"
    assert proven_claims(facts, law, law.items["hmt.first_issue"], TODAY) == []


def test_an_officer_may_say_of_a_paper_that_was_not_uploaded_that_the_original_was_shown() -> None:
    facts = facts_of(evidence={}, judged_documents={"dwelling_proof": Judged(True, "看到原件")})
    assert papers(facts) == {"travel_document": ("missing", False), "dwelling_proof": ("present", True)}
    assert proven_claims(facts, law_of(), law_of().items["hmt.first_issue"], TODAY) == ["dwelling"]


def test_a_paper_that_an_officer_missed_is_missing_and_not_rejected() -> None:
    facts = facts_of(evidence={}, judged_documents={"travel_document": Judged(False)})
    assert papers(facts)["travel_document"] == ("missing", False)


@pytest.mark.row("S0-T09", "S2-09", "S1-040")
@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, {"travel_document", "dwelling_proof"}),
        ({"judged_documents": {"employment_proof": Judged(False, "模糊")}}, {"travel_document", "dwelling_proof"}),
    ],
)
def test_once_one_of_three_is_proven_the_papers_of_the_others_no_longer_matter(
    changes: dict[str, Any], seen: set[str]
) -> None:
    given = {"travel_document": ("hrp",), "dwelling_proof": ("lease",)}
    if changes:
        given["employment_proof"] = ("labour_contract",)
    facts = facts_of(claims=("dwelling", "employment", "study"), evidence=given, **changes)
    assert set(papers(facts)) == seen
    assert all(met for _, met in papers(facts).values())


@pytest.mark.row("S0-T09", "S2-09")
def test_as_long_as_none_of_three_is_proven_the_papers_of_all_that_were_claimed_are_missing() -> None:
    facts = facts_of(claims=("employment", "study"), evidence={"travel_document": ("hrp",)})
    missing = {code for code, (_, met) in papers(facts).items() if not met}
    assert missing == {"employment_proof", "study_proof"}


@pytest.mark.row("S0-T13", "S1-040", "S2-17", "D7")
@pytest.mark.parametrize(
    ("claim", "kinds"),
    [
        ("employment", ("business_licence", "labour_contract", "employer_proof", "other_employment_proof")),
        (
            "dwelling",
            ("lease", "property_title", "purchase_contract", "landlord_lodging_proof", "employer_lodging_proof",
             "school_lodging_proof"),
        ),
        ("study", ("student_card", "school_proof")),
    ],
)  # fmt: skip
def test_every_kind_of_proof_that_the_law_lists_proves_its_claim(claim: str, kinds: tuple[str, ...]) -> None:
    item = law_of().items["hmt.first_issue"]
    for kind in kinds:
        facts = facts_of(claims=(claim,), evidence={f"{claim}_proof": (kind,)})
        assert proven_claims(facts, law_of(), item, TODAY) == [claim], kind


def test_a_claim_that_was_not_made_is_not_proven_by_its_paper() -> None:
    facts = facts_of(claims=("study",), evidence={"dwelling_proof": ("lease",)})
    assert proven_claims(facts, law_of(), law_of().items["hmt.first_issue"], TODAY) == []


def test_the_name_of_a_paper_comes_in_three_languages() -> None:
    law = law_of()
    named = look_at_documents(facts_of(), law, law.items["hmt.first_issue"], TODAY)[0].facts["document"]
    assert named == {"zh-Hans": "港澳台居民出入境证件", "zh-Hant": "港澳台居民出入境證件", "en": "Travel permit"}


def test_papers_of_guardians_are_missing_until_they_come() -> None:
    facts = facts_of(birth_date=CHILD, relation="guardian")
    assert {code for code, (_, met) in papers(facts).items() if not met} == {"guardian_identity", "guardianship"}
