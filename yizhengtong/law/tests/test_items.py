"""Service items: what may be applied for, on which conditions, with which papers, through which hands."""

import pytest

from yizhengtong.law.law import Law

FIRST_ISSUE = {
    "outcome": "first_issue",
    "grounds": [],
    "form": "港澳台居民居住证申领登记表",
    "fee": "fee.first",
    "captures": ["photo", "fingerprints", "signature"],
    "conditions": [
        "is_hong_kong_macao_or_taiwan_resident",
        "holds_accepted_travel_document",
        "has_lived_here_long_enough",
        "has_one_of_three",
        "applies_of_own_will",
        "minor_is_represented",
        "photo_is_available",
        "fingerprints_are_captured",
        "form_is_signed",
        "holds_no_living_permit",
    ],
    "documents": [
        ("travel_document", "always", ["hrp", "mtp_five_year"]),
        (
            "employment_proof",
            "claim:employment",
            ["business_licence", "labour_contract", "employer_proof", "other_employment_proof"],
        ),
        (
            "dwelling_proof",
            "claim:dwelling",
            [
                "lease",
                "property_title",
                "purchase_contract",
                "landlord_lodging_proof",
                "employer_lodging_proof",
                "school_lodging_proof",
            ],
        ),
        ("study_proof", "claim:study", ["student_card", "school_proof"]),
        ("guardian_identity", "minor", ["guardian_identity"]),
        ("guardianship", "minor", ["guardianship_proof"]),
    ],
    "steps": [
        ("accept", "clerk"),
        ("review", "reviewer"),
        ("approve", "approver"),
        ("produce", "clerk"),
        ("hand_over", "clerk"),
    ],
}

REPLACEMENT = {
    "outcome": "replacement",
    "grounds": ["expired", "damaged", "moved"],
    "form": "港澳台居民居住证申领登记表",
    "fee": "fee.replace",
    "captures": ["photo", "fingerprints", "signature"],
    "conditions": [
        "is_hong_kong_macao_or_taiwan_resident",
        "holds_accepted_travel_document",
        "applies_of_own_will",
        "minor_is_represented",
        "photo_is_available",
        "fingerprints_are_captured",
        "form_is_signed",
        "holds_permit_of_this_kind",
        "ground_for_replacement_holds",
    ],
    "documents": [
        ("travel_document", "always", ["hrp", "mtp_five_year"]),
        ("old_permit", "always", ["old_permit"]),
        (
            "new_dwelling_proof",
            "ground:moved",
            [
                "lease",
                "property_title",
                "purchase_contract",
                "landlord_lodging_proof",
                "employer_lodging_proof",
                "school_lodging_proof",
            ],
        ),
        ("guardian_identity", "minor", ["guardian_identity"]),
        ("guardianship", "minor", ["guardianship_proof"]),
    ],
    "steps": [
        ("accept", "clerk"),
        ("review", "reviewer"),
        ("approve", "approver"),
        ("produce", "clerk"),
        ("hand_over", "clerk"),
    ],
}

REISSUE = {
    "outcome": "reissue",
    "grounds": ["lost"],
    "form": "港澳台居民居住证申领登记表",
    "fee": "fee.reissue",
    "captures": ["photo", "fingerprints", "signature"],
    "conditions": [
        "is_hong_kong_macao_or_taiwan_resident",
        "holds_accepted_travel_document",
        "applies_of_own_will",
        "minor_is_represented",
        "photo_is_available",
        "fingerprints_are_captured",
        "form_is_signed",
        "holds_permit_of_this_kind",
        "permit_is_reported_lost",
    ],
    "documents": [
        ("travel_document", "always", ["hrp", "mtp_five_year"]),
        ("guardian_identity", "minor", ["guardian_identity"]),
        ("guardianship", "minor", ["guardianship_proof"]),
    ],
    "steps": [
        ("accept", "clerk"),
        ("review", "reviewer"),
        ("approve", "approver"),
        ("produce", "clerk"),
        ("hand_over", "clerk"),
    ],
}


@pytest.mark.parametrize(
    ("code", "expected", "zh_hans", "zh_hant", "en"),
    [
        pytest.param(
            "hmt.first_issue",
            FIRST_ISSUE,
            "港澳台居民居住证申领",
            "港澳台居民居住證申領",
            "First issue of the residence permit",
            marks=pytest.mark.row(
                "D25",
                "D3",
                "D4",
                "D7",
                "D8",
                "D9",
                "S0-T05",
                "S0-T06",
                "S0-T08",
                "S0-T09",
                "S0-T10",
                "S0-T12",
                "S0-T13",
                "S1-030",
                "S1-033",
                "S1-034",
                "S1-037",
                "S1-038",
                "S1-039",
                "S1-040",
                "S1-042",
                "S1-044",
                "S1-045",
                "S2-08",
                "S2-09",
                "S2-10",
                "S2-16",
                "S2-17",
                "S2-18",
                "S4-13",
                "S4-26",
            ),
            id="hmt.first_issue",
        ),
        pytest.param(
            "hmt.replacement",
            REPLACEMENT,
            "港澳台居民居住证换领",
            "港澳台居民居住證換領",
            "Replacement of the residence permit",
            marks=pytest.mark.row(
                "D12",
                "D25",
                "D3",
                "D8",
                "D9",
                "S0-T10",
                "S1-030",
                "S1-033",
                "S1-034",
                "S1-037",
                "S1-038",
                "S1-039",
                "S1-042",
                "S1-044",
                "S1-045",
                "S2-09",
                "S2-10",
                "S2-16",
                "S2-18",
                "S4-13",
                "S4-26",
            ),
            id="hmt.replacement",
        ),
        pytest.param(
            "hmt.reissue",
            REISSUE,
            "港澳台居民居住证补领",
            "港澳台居民居住證補領",
            "Reissue of a lost residence permit",
            marks=pytest.mark.row(
                "D25",
                "D3",
                "D8",
                "D9",
                "S0-T10",
                "S1-030",
                "S1-033",
                "S1-034",
                "S1-037",
                "S1-038",
                "S1-039",
                "S1-042",
                "S1-044",
                "S1-045",
                "S2-09",
                "S2-10",
                "S2-16",
                "S2-18",
                "S4-13",
                "S4-26",
            ),
            id="hmt.reissue",
        ),
    ],
)
def test_the_item_is_as_the_law_has_it(
    jinan: Law, code: str, expected: dict[str, object], zh_hans: str, zh_hant: str, en: str
) -> None:
    item = jinan.items[code]
    assert {
        "outcome": item.outcome,
        "grounds": list(item.grounds),
        "form": item.form,
        "fee": item.fee,
        "captures": list(item.captures),
        "conditions": [condition.rule for condition in item.conditions],
        "documents": [(document.code, document.when, list(document.any_of)) for document in item.documents],
        "steps": [(step.step, step.role) for step in item.steps],
    } == expected
    assert (item.name.zh_hans, item.name.zh_hant, item.name.en) == (zh_hans, zh_hant, en)
    assert item.permit_kind == "hmt"
    assert item.since.isoformat() == "2018-09-01"


@pytest.mark.row("S4-26", "D24")
def test_every_item_passes_three_different_roles_in_order(jinan: Law) -> None:
    for item in jinan.items.values():
        roles = {step.step: step.role for step in item.steps}
        assert (roles["accept"], roles["review"], roles["approve"]) == ("clerk", "reviewer", "approver")


@pytest.mark.row("S2-17", "S0-T13", "S1-040", "D7")
def test_any_one_kind_of_proof_of_the_claim_made_is_enough(jinan: Law) -> None:
    documents = {document.when: document for document in jinan.items["hmt.first_issue"].documents}
    for claim in ("employment", "dwelling", "study"):
        kinds = {rule.evidence for rule in jinan.value(f"{claim}.proofs")}
        assert set(documents[f"claim:{claim}"].any_of) == kinds
        assert all(jinan.evidence[kind].proves == claim for kind in kinds)


@pytest.mark.row("S1-037", "S1-038")
def test_a_lost_permit_is_reissued_on_its_report_and_no_written_statement_is_asked(jinan: Law) -> None:
    reissue = jinan.items["hmt.reissue"]
    assert "permit_is_reported_lost" in [condition.rule for condition in reissue.conditions]
    assert [document.code for document in reissue.documents if document.when != "minor"] == ["travel_document"]
    assert [kind for kind in jinan.evidence.values() if kind.proves == "loss"] == []


def test_what_was_not_seen_word_for_word_stays_marked(jinan: Law) -> None:
    marks = {code: item.certainty for code, item in jinan.items.items()}
    assert marks == {"hmt.first_issue": "C", "hmt.replacement": "M", "hmt.reissue": "M"}
