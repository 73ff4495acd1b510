"""Every value of Rui'an's pack (seed 003), word for word as it is meant."""

import pytest

from yizhengtong.law.reading import Library
from yizhengtong.law.tests.values import said, sparse_value, value_in


@pytest.mark.parametrize(
    ("key", "value", "unit", "certainty", "source"),
    [
        said(
            "residence.requirement",
            {"measure": "days", "n": 180, "scope": "county", "contiguous": True, "evidence": "registered"},
            "record",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-35",
            "D4",
            "D5",
        ),
        said(
            "employment.proofs",
            [
                {"evidence": "social_insurance", "n": 3, "unit": "month", "measured": "paid"},
                {"evidence": "business_licence", "n": 3, "unit": "month", "measured": "held"},
                {"evidence": "labour_contract", "n": 6, "unit": "month", "measured": "term"},
                {"evidence": "farming_contract", "n": 6, "unit": "month", "measured": "term"},
                {"evidence": "other_employment_proof", "requires": ["found_fitting"]},
            ],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-36",
            "S3-37",
            "S3-38",
            "S3-39",
            "S3-40",
            "D7",
        ),
        said(
            "dwelling.proofs",
            [
                {"evidence": "own_home"},
                {"evidence": "property_title"},
                {"evidence": "dormitory", "requires": ["safe"]},
                {"evidence": "lease", "requires": ["safe"]},
                {"evidence": "other_dwelling_proof", "requires": ["found_fitting"]},
            ],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-41",
            "S3-42",
            "S3-43",
            "S3-44",
            "D7",
        ),
        said(
            "study.proofs",
            [{"evidence": "school_enrolment"}],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-45",
            "D7",
        ),
        said("application.in_person", True, "flag", "C", "瑞安本地报纸《由控制管理向服务管理转变》", "S3-29", "D3"),
        said(
            "acceptance.kinds",
            ["police_station"],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-30",
            "S3-47",
        ),
        said("receipt.required", True, "flag", "C", "瑞安本地报纸《由控制管理向服务管理转变》", "S3-31"),
        said(
            "issue.limit",
            {"n": 15, "unit": "day", "start": "acceptance", "end": "issued"},
            "day",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-32",
            "D1",
        ),
        said("refusal.reasons_required", True, "flag", "C", "瑞安本地报纸《由控制管理向服务管理转变》", "S3-33"),
        said(
            "form.name",
            "《浙江省居住证》申领（签注）表",
            "text",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-46",
        ),
        said(
            "validity",
            {"n": None, "unit": None, "endorsement": "yearly"},
            "record",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-24",
            "S3-25",
            "D10",
        ),
        said(
            "endorsement.window",
            {"every": "year", "n": 1, "unit": "month"},
            "record",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-26",
        ),
        said(
            "move.mode",
            "endorsed_on_same_card",
            "choice",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-27",
            "D12",
        ),
        said(
            "card.front",
            ["photo", "identity", "bank_account", "unionpay_mark"],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-13",
        ),
        said(
            "card.back",
            ["permit_name", "fluorescent_map", "barcode", "permit_number"],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-14",
        ),
        said("card.size", "citizen_card", "choice", "C", "瑞安本地报纸《由控制管理向服务管理转变》", "S3-15"),
        said(
            "card.features",
            ["information_technology", "dual_interface", "large_capacity", "loads_and_reads", "durable"],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-17",
        ),
        said(
            "card.data_groups",
            [
                {"group": "identity", "consent": "none"},
                {"group": "service", "consent": "none"},
                {"group": "bank_account", "consent": "separate"},
            ],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-05",
            "S3-16",
            "S3-18",
        ),
        said(
            "card.functions",
            [
                {"function": "postal_savings", "is_open": True, "activated_at": "bank"},
                {"function": "bus", "is_open": False},
                {"function": "library", "is_open": False},
                {"function": "attendance", "is_open": False},
                {"function": "payroll", "is_open": False},
                {"function": "social_security", "is_open": False},
            ],
            "list",
            "C",
            "瑞安本地报纸《由控制管理向服务管理转变》",
            "S3-18",
            "S3-22",
            "S3-23",
            "D13",
        ),
    ],
)
def test_ruian_says(library: Library, key: str, value: object, unit: str, certainty: str, source: str) -> None:
    found = value_in(library, "cn/330000/330300/330381/floating.yaml", key)
    assert sparse_value(found.value) == value
    assert (found.entry.unit, found.entry.certainty, source) == (unit, certainty, str(found.source))


def test_ruian_says_nothing_else(library: Library) -> None:
    keys = [
        each.key
        for each in library.files["cn/330000/330300/330381/floating.yaml"].parameters
        if not each.key.startswith("confirm.")
    ]
    assert len(keys) == 19
