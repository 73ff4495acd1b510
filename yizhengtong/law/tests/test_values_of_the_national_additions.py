"""Every value that the national pack of the domestic permit (国务院令第663号) has beside its older ones."""

import pytest

from yizhengtong.law.reading import Library
from yizhengtong.law.tests.values import said, sparse_value, value_in


@pytest.mark.parametrize(
    ("key", "value", "unit", "certainty", "source"),
    [
        said("application.voluntary", True, "flag", "C", "国务院令第663号 art. 2", "S3-12"),
        said(
            "employment.proofs",
            [
                {"evidence": "business_licence"},
                {"evidence": "labour_contract"},
                {"evidence": "employer_proof"},
                {"evidence": "other_employment_proof"},
            ],
            "list",
            "C",
            "国务院令第663号 art. 9",
            "D7",
        ),
        said(
            "dwelling.proofs",
            [
                {"evidence": "lease"},
                {"evidence": "property_title"},
                {"evidence": "purchase_contract"},
                {"evidence": "landlord_lodging_proof"},
                {"evidence": "employer_lodging_proof"},
                {"evidence": "school_lodging_proof"},
            ],
            "list",
            "C",
            "国务院令第663号 art. 9",
            "D7",
        ),
        said(
            "study.proofs",
            [{"evidence": "student_card"}, {"evidence": "school_proof"}],
            "list",
            "C",
            "国务院令第663号 art. 9",
            "D7",
        ),
        said("photo.receipt_accepted", False, "flag", "I", "国务院令第663号 art. 9", "D8"),
        said("acceptance.kinds", ["police_station", "entrusted_body"], "list", "C", "国务院令第663号 art. 9", "S3-30"),
        said(
            "card.items",
            [
                "name",
                "sex",
                "nation",
                "birth_date",
                "number",
                "photo",
                "household_address",
                "residence_address",
                "authority",
                "issued_on",
            ],
            "list",
            "C",
            "国务院令第663号 art. 4",
            "S3-16",
        ),
        said("endorsement.counts_from", "residence", "choice", "C", "国务院令第663号 art. 10", "S3-26"),
        said("endorsement.overdue", "functions_suspended", "choice", "C", "国务院令第663号 art. 10", "D22"),
        said(
            "penalties",
            [
                {
                    "article": "18",
                    "act": "使用虚假证明材料骗领；出租、出借、转让；非法扣押他人居住证",
                    "measures": ["warning", "order_to_correct", "fine", "confiscation"],
                    "most_fen": 20000,
                },
                {
                    "article": "19",
                    "act": "冒用他人居住证或者使用骗领的居住证；购买、出售、使用伪造、变造的居住证",
                    "measures": ["fine", "confiscation", "seizure"],
                    "least_fen": 20000,
                    "most_fen": 100000,
                },
                {
                    "article": "20",
                    "act": "工作人员拒绝受理发放、违规收费、谋取利益、泄露或者篡改信息",
                    "measures": ["discipline"],
                },
            ],
            "list",
            "C",
            "国务院令第663号 art. 18–20",
            "S4-25",
        ),
        said("information.confidential", True, "flag", "C", "国务院令第663号 art. 17"),
    ],
)
def test_the_nation_of_the_domestic_permit_says(
    library: Library, key: str, value: object, unit: str, certainty: str, source: str
) -> None:
    found = value_in(library, "cn/permit.yaml", key)
    assert sparse_value(found.value) == value
    assert (found.entry.unit, found.entry.certainty, source) == (unit, certainty, str(found.source))


def test_the_nation_of_the_domestic_permit_says_nothing_else(library: Library) -> None:
    keys = [each.key for each in library.files["cn/permit.yaml"].parameters if not each.key.startswith("confirm.")]
    assert len(keys) == 28
