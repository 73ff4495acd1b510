"""Every value of Hangzhou's pack (杭州市流动人口服务管理规定), word for word as it is meant."""

import pytest

from yizhengtong.law.reading import Library
from yizhengtong.law.tests.values import said, sparse_value, value_in


@pytest.mark.parametrize(
    ("key", "value", "unit", "certainty", "source"),
    [
        said("registration.from_days", 3, "day", "C", "杭州市流动人口服务管理规定 art. 9", "S3-11"),
        said(
            "residence.report_within",
            {"n": 3, "unit": "workday", "start": "arrival", "end": "filed"},
            "workday",
            "C",
            "杭州市流动人口服务管理规定 art. 9",
            "S3-11",
        ),
        said(
            "registration.vouchers",
            ["paper", "electronic"],
            "list",
            "C",
            "杭州市流动人口服务管理规定 art. 13、25",
            "S3-11",
        ),
        said(
            "residence.requirement",
            {"measure": "months", "n": 6, "scope": "county", "contiguous": True, "evidence": "registered"},
            "record",
            "C",
            "杭州市流动人口服务管理规定 art. 16",
            "D4",
        ),
        said(
            "employment.proofs",
            [
                {"evidence": "labour_contract", "requires": ["continuous_social_insurance"]},
                {"evidence": "employer_proof", "requires": ["continuous_social_insurance"]},
                {"evidence": "business_licence", "requires": ["continuous_social_insurance"]},
            ],
            "list",
            "C",
            "杭州市流动人口服务管理规定 art. 16",
            "D7",
        ),
        said(
            "dwelling.proofs",
            [
                {"evidence": "own_home"},
                {"evidence": "property_title"},
                {"evidence": "purchase_contract"},
                {"evidence": "lease", "requires": ["lives_there_continuously"]},
                {"evidence": "landlord_lodging_proof", "requires": ["lives_there_continuously"]},
                {"evidence": "employer_lodging_proof", "requires": ["lives_there_continuously"]},
            ],
            "list",
            "C",
            "杭州市流动人口服务管理规定 art. 16",
            "D7",
        ),
        said(
            "study.proofs", [{"evidence": "school_enrolment"}], "list", "C", "杭州市流动人口服务管理规定 art. 16", "D7"
        ),
        said(
            "proxy.rules",
            [
                {
                    "who": "minor",
                    "by": ["guardian", "near_relative"],
                    "under_age": 16,
                    "papers": ["applicant_identity", "proxy_identity"],
                },
                {
                    "who": "elderly",
                    "by": ["guardian", "near_relative"],
                    "papers": ["applicant_identity", "proxy_identity"],
                },
                {
                    "who": "disabled",
                    "by": ["guardian", "near_relative"],
                    "papers": ["applicant_identity", "proxy_identity"],
                },
            ],
            "list",
            "C",
            "杭州市流动人口服务管理规定 art. 22",
            "D3",
        ),
        said(
            "registration.proxy_rules",
            [
                {
                    "who": "minor",
                    "by": ["guardian", "near_relative"],
                    "under_age": 16,
                    "papers": ["applicant_identity", "proxy_identity"],
                },
                {
                    "who": "elderly",
                    "by": ["guardian", "near_relative"],
                    "papers": ["applicant_identity", "proxy_identity"],
                },
                {
                    "who": "disabled",
                    "by": ["guardian", "near_relative"],
                    "papers": ["applicant_identity", "proxy_identity"],
                },
            ],
            "list",
            "C",
            "杭州市流动人口服务管理规定 art. 22",
            "D3",
        ),
        said(
            "issue.limit",
            {"n": 15, "unit": "day", "start": "acceptance", "end": "issued"},
            "day",
            "C",
            "杭州市流动人口服务管理规定 art. 17",
            "D1",
        ),
        said("endorsement.late", "exclude_gap", "choice", "I", "杭州市流动人口服务管理规定 art. 20", "D22"),
        said(
            "functions.end_grounds",
            ["not_eligible", "local_household", "death", "other"],
            "list",
            "C",
            "杭州市流动人口服务管理规定 art. 21",
            "S3-12",
        ),
        said("endorsement.reminder_required", True, "flag", "C", "杭州市流动人口服务管理规定 art. 25", "D22"),
    ],
)
def test_hangzhou_says(library: Library, key: str, value: object, unit: str, certainty: str, source: str) -> None:
    found = value_in(library, "cn/330000/330100/floating.yaml", key)
    assert sparse_value(found.value) == value
    assert (found.entry.unit, found.entry.certainty, source) == (unit, certainty, str(found.source))


def test_hangzhou_says_nothing_else(library: Library) -> None:
    keys = [
        each.key
        for each in library.files["cn/330000/330100/floating.yaml"].parameters
        if not each.key.startswith("confirm.")
    ]
    assert len(keys) == 13
