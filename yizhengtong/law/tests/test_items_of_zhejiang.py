"""The service items of the Zhejiang permit: what is asked, with which papers, through which hands."""

from typing import Any

import pytest

from yizhengtong.law.reading import Library

PROVINCE, QINGYUAN = "cn/330000/floating.yaml", "cn/330000/331100/331126/floating.yaml"
ITEMS: dict[str, dict[str, Any]] = {
    "floating.first_issue": {
        "name": ["《浙江省居住证》申领", "《浙江省居住證》申領", "First issue of the Zhejiang residence permit"],
        "head": [
            "zhejiang_card",
            "first_issue",
            "《浙江省居住证》申领（签注）表",
            "fee.first",
            "issue.limit",
            "2016-07-01",
            "C",
            [],
            ["photo", "signature"],
        ],
        "conditions": [
            ("is_under_the_floating_rules", "C", ["D14"]),
            ("lives_away_from_household_registration", "C", ["S3-11"]),
            ("is_registered_long_enough", "C", ["S3-34", "S3-35", "D4"]),
            ("proves_one_of_three", "C", ["S3-34"]),
            ("applies_of_own_will", "C", ["S3-12"]),
            ("representative_may_act", "C", ["S3-29", "D3"]),
            ("photo_is_available", "C", ["S3-13", "D8"]),
            ("holds_no_permit_of_the_family", "I", []),
        ],
        "documents": [
            ("identity", "always", ["identity_card", "identity_proof"], ["S4-12"]),
            (
                "employment_proof",
                "claim:employment",
                [
                    "social_insurance",
                    "business_licence",
                    "labour_contract",
                    "farming_contract",
                    "employer_proof",
                    "other_employment_proof",
                ],
                ["S3-36", "S3-37", "S3-38", "S3-39", "S3-40"],
            ),
            (
                "dwelling_proof",
                "claim:dwelling",
                [
                    "own_home",
                    "property_title",
                    "purchase_contract",
                    "dormitory",
                    "employer_lodging_proof",
                    "lease",
                    "landlord_lodging_proof",
                    "school_lodging_proof",
                    "rental_registration",
                    "other_dwelling_proof",
                ],
                ["S3-41", "S3-42", "S3-43", "S3-44"],
            ),
            ("study_proof", "claim:study", ["school_enrolment", "student_card", "school_proof"], ["S3-45"]),
            ("exemption_proof", "exempt", ["exemption_proof"], ["S4-06"]),
            ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
        ],
        "steps": [
            ("accept", "clerk"),
            ("review", "reviewer"),
            ("approve", "approver"),
            ("produce", "clerk"),
            ("hand_over", "clerk"),
        ],
    },
    "floating.endorsement": {
        "name": ["《浙江省居住证》签注", "《浙江省居住證》簽注", "Yearly endorsement of the Zhejiang residence permit"],
        "head": [
            "zhejiang_card",
            "endorsement",
            "《浙江省居住证》申领（签注）表",
            "fee.endorse",
            "issue.limit",
            "2016-07-01",
            "C",
            [],
            [],
        ],
        "conditions": [
            ("is_under_the_floating_rules", "C", ["D14"]),
            ("lives_away_from_household_registration", "C", ["S3-11"]),
            ("holds_permit_to_endorse", "C", ["S3-25"]),
            ("endorsement_window_is_open", "C", ["S3-26"]),
            ("is_registered_here", "I", ["S3-27", "D12"]),
            ("proves_one_of_three", "C", ["S3-34"]),
            ("representative_may_act", "C", ["S3-29", "D3"]),
        ],
        "documents": [
            ("identity", "always", ["identity_card", "identity_proof"], ["S4-12"]),
            (
                "employment_proof",
                "claim:employment",
                [
                    "social_insurance",
                    "business_licence",
                    "labour_contract",
                    "farming_contract",
                    "employer_proof",
                    "other_employment_proof",
                ],
                ["S3-36", "S3-37", "S3-38", "S3-39", "S3-40"],
            ),
            (
                "dwelling_proof",
                "claim:dwelling",
                [
                    "own_home",
                    "property_title",
                    "purchase_contract",
                    "dormitory",
                    "employer_lodging_proof",
                    "lease",
                    "landlord_lodging_proof",
                    "school_lodging_proof",
                    "rental_registration",
                    "other_dwelling_proof",
                ],
                ["S3-41", "S3-42", "S3-43", "S3-44"],
            ),
            ("study_proof", "claim:study", ["school_enrolment", "student_card", "school_proof"], ["S3-45"]),
            ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
        ],
        "steps": [("accept", "clerk"), ("review", "reviewer"), ("approve", "approver")],
    },
    "floating.replacement": {
        "name": ["《浙江省居住证》换领", "《浙江省居住證》換領", "Replacement of the Zhejiang residence permit"],
        "head": [
            "zhejiang_card",
            "replacement",
            "《浙江省居住证》申领（签注）表",
            "fee.replace",
            "issue.limit",
            "2016-07-01",
            "C",
            ["damaged"],
            ["photo", "signature"],
        ],
        "conditions": [
            ("is_under_the_floating_rules", "C", ["D14"]),
            ("holds_permit_of_this_kind", "C", []),
            ("ground_for_replacement_holds", "C", []),
            ("representative_may_act", "C", ["S3-29", "D3"]),
            ("photo_is_available", "C", ["S3-13", "D8"]),
        ],
        "documents": [
            ("identity", "always", ["identity_card", "identity_proof"], ["S4-12"]),
            ("old_permit", "always", ["old_permit"], []),
            ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
        ],
        "steps": [
            ("accept", "clerk"),
            ("review", "reviewer"),
            ("approve", "approver"),
            ("produce", "clerk"),
            ("hand_over", "clerk"),
        ],
    },
    "floating.reissue": {
        "name": ["《浙江省居住证》补领", "《浙江省居住證》補領", "Reissue of a lost Zhejiang residence permit"],
        "head": [
            "zhejiang_card",
            "reissue",
            "《浙江省居住证》申领（签注）表",
            "fee.reissue",
            "issue.limit",
            "2016-07-01",
            "C",
            ["lost"],
            ["photo", "signature"],
        ],
        "conditions": [
            ("is_under_the_floating_rules", "C", ["D14"]),
            ("holds_permit_of_this_kind", "C", []),
            ("permit_is_reported_lost", "C", []),
            ("representative_may_act", "C", ["S3-29", "D3"]),
            ("photo_is_available", "C", ["S3-13", "D8"]),
        ],
        "documents": [
            ("identity", "always", ["identity_card", "identity_proof"], ["S4-12"]),
            ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
        ],
        "steps": [
            ("accept", "clerk"),
            ("review", "reviewer"),
            ("approve", "approver"),
            ("produce", "clerk"),
            ("hand_over", "clerk"),
        ],
    },
    "floating.conversion_permit": {
        "name": ["现有居住证件互认", "現有居住證件互認", "Conversion of a Zhejiang residence permit"],
        "head": [
            "zhejiang_digital",
            "conversion",
            "《浙江省居住证》互认转换申请表",
            "fee.first",
            "conversion.limit",
            "2023-09-27",
            "C",
            [],
            [],
        ],
        "conditions": [
            ("is_under_the_floating_rules", "C", ["D14"]),
            ("lives_away_from_household_registration", "C", ["S3-11"]),
            ("holds_valid_zhejiang_permit", "C", ["S4-04"]),
            ("proves_one_of_three", "C", ["S4-04"]),
            ("makes_the_promise", "C", ["S4-11"]),
            ("declares_truth", "C", ["S4-25"]),
            ("acknowledges_cancellation", "C", ["S4-24"]),
            ("representative_may_act", "C", ["D3"]),
        ],
        "documents": [
            ("identity", "always", ["identity_card", "identity_proof"], ["S4-12"]),
            (
                "employment_proof",
                "claim:employment",
                [
                    "labour_contract",
                    "farming_contract",
                    "social_insurance",
                    "business_licence",
                    "other_employment_proof",
                ],
                ["S4-12", "S4-21"],
            ),
            (
                "dwelling_proof",
                "claim:dwelling",
                [
                    "own_home",
                    "dormitory",
                    "rental_registration",
                    "lease_filing",
                    "lease",
                    "safety_proof",
                    "rental_tax",
                    "other_rental_proof",
                    "other_dwelling_proof",
                ],
                ["S4-12", "S4-22"],
            ),
            (
                "study_proof",
                "claim:study",
                [
                    "primary_school_enrolment",
                    "secondary_school_enrolment",
                    "vocational_school_enrolment",
                    "university_enrolment",
                ],
                ["S4-12", "S4-23"],
            ),
            ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
        ],
        "steps": [("accept", "clerk"), ("review", "reviewer"), ("approve", "approver")],
    },
    "floating.conversion_registrations": {
        "name": [
            "居住登记时间累计互认",
            "居住登記時間累計互認",
            "Permit by registrations added up within the province",
        ],
        "head": [
            "zhejiang_digital",
            "conversion",
            "《浙江省居住证》互认转换申请表",
            "fee.first",
            "conversion.limit",
            "2023-09-27",
            "C",
            [],
            [],
        ],
        "conditions": [
            ("is_under_the_floating_rules", "C", ["D14"]),
            ("lives_away_from_household_registration", "C", ["S3-11"]),
            ("registrations_add_up", "C", ["S4-05", "S4-06", "S4-30", "D6"]),
            ("proves_one_of_three", "C", ["S4-05"]),
            ("makes_the_promise", "C", ["S4-11"]),
            ("declares_truth", "C", ["S4-25"]),
            ("acknowledges_cancellation", "C", ["S4-24"]),
            ("representative_may_act", "C", ["D3"]),
        ],
        "documents": [
            ("identity", "always", ["identity_card", "identity_proof"], ["S4-12"]),
            (
                "employment_proof",
                "claim:employment",
                [
                    "labour_contract",
                    "farming_contract",
                    "social_insurance",
                    "business_licence",
                    "other_employment_proof",
                ],
                ["S4-12", "S4-21"],
            ),
            (
                "dwelling_proof",
                "claim:dwelling",
                [
                    "own_home",
                    "dormitory",
                    "rental_registration",
                    "lease_filing",
                    "lease",
                    "safety_proof",
                    "rental_tax",
                    "other_rental_proof",
                    "other_dwelling_proof",
                ],
                ["S4-12", "S4-22"],
            ),
            (
                "study_proof",
                "claim:study",
                [
                    "primary_school_enrolment",
                    "secondary_school_enrolment",
                    "vocational_school_enrolment",
                    "university_enrolment",
                ],
                ["S4-12", "S4-23"],
            ),
            ("exemption_proof", "exempt", ["exemption_proof"], ["S4-06"]),
            ("representative_identity", "proxy", ["representative_identity"], ["D3"]),
        ],
        "steps": [("accept", "clerk"), ("review", "reviewer"), ("approve", "approver")],
    },
}


def as_told(entry: Any) -> dict[str, Any]:
    return {
        "name": [entry.name.zh_hans, entry.name.zh_hant, entry.name.en],
        "head": [
            entry.permit_kind, entry.outcome, entry.form, entry.fee, entry.limit, str(entry.since), entry.certainty,
            list(entry.grounds), list(entry.captures),
        ],
        "conditions": [(each.rule, each.certainty, list(each.rows)) for each in entry.conditions],
        "documents": [(each.code, each.when, list(each.any_of), list(each.rows)) for each in entry.documents],
        "steps": [(each.step, each.role) for each in entry.steps],
    }  # fmt: skip


@pytest.mark.row(
    "S3-11", "S3-12", "S3-13", "S3-25", "S3-26", "S3-27", "S3-29", "S3-31", "S3-32", "S3-34", "S3-35", "S3-46",
    "S4-04", "S4-05", "S4-06", "S4-11", "S4-12", "S4-13", "S4-20", "S4-21", "S4-22", "S4-23", "S4-24", "S4-25", "S4-26",
    "D3", "D4", "D6", "D8", "D12", "D14", "D25",
)  # fmt: skip
@pytest.mark.parametrize("code", ITEMS)
def test_an_item_asks_exactly_this(library: Library, code: str) -> None:
    path = QINGYUAN if "conversion" in code else PROVINCE
    entry = next(each.entry for each in library.files[path]["items"] if each.name == code)
    assert as_told(entry) == ITEMS[code]


def test_there_are_no_other_items(library: Library) -> None:
    names = [each.name for path in (PROVINCE, QINGYUAN) for each in library.files[path]["items"]]
    assert sorted(names) == sorted(ITEMS)
