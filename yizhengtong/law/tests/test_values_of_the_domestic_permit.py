"""Every value of the national pack for the domestic permit (国务院令第663号)."""

import pytest

from yizhengtong.law.law import Law
from yizhengtong.law.tests.values import plain_value


@pytest.mark.parametrize(
    ("key", "value", "unit", "certainty", "source"),
    [
        pytest.param(
            "residence.requirement",
            {"measure": "months", "n": 6, "scope": "city", "contiguous": False, "evidence": "any"},
            "record",
            "C",
            "国务院令第663号 art. 2",
            marks=pytest.mark.row("D4"),
            id="residence.requirement",
        ),
        pytest.param(
            "residence.days_become_months",
            False,
            "flag",
            "I",
            "国务院令第663号 art. 2",
            marks=pytest.mark.row("D5"),
            id="residence.days_become_months",
        ),
        pytest.param(
            "claims.any_of",
            ["employment", "dwelling", "study"],
            "list",
            "C",
            "国务院令第663号 art. 2",
            marks=pytest.mark.row("S3-34"),
            id="claims.any_of",
        ),
        pytest.param(
            "proxy.minor_under_age",
            16,
            "year",
            "C",
            "国务院令第663号 art. 9",
            marks=pytest.mark.row("D3"),
            id="proxy.minor_under_age",
        ),
        pytest.param(
            "proxy.rules",
            [
                {
                    "who": "minor",
                    "by": ("guardian", "near_relative"),
                    "under_age": 16,
                    "from_age": None,
                    "papers": ("applicant_identity", "proxy_identity"),
                },
                {
                    "who": "elderly",
                    "by": ("guardian", "near_relative"),
                    "under_age": None,
                    "from_age": None,
                    "papers": ("applicant_identity", "proxy_identity"),
                },
                {
                    "who": "disabled",
                    "by": ("guardian", "near_relative"),
                    "under_age": None,
                    "from_age": None,
                    "papers": ("applicant_identity", "proxy_identity"),
                },
            ],
            "list",
            "C",
            "国务院令第663号 art. 9",
            marks=pytest.mark.row("D3"),
            id="proxy.rules",
        ),
        pytest.param(
            "issue.limit",
            {"n": 15, "unit": "day", "start": "acceptance", "end": "issued"},
            "day",
            "C",
            "国务院令第663号 art. 9",
            marks=pytest.mark.row("D1"),
            id="issue.limit",
        ),
        pytest.param(
            "issue.remote_extension",
            {"n": 15, "unit": "day", "where": "prefecture_rules"},
            "day",
            "C",
            "国务院令第663号 art. 9",
            marks=pytest.mark.row("D1"),
            id="issue.remote_extension",
        ),
        pytest.param(
            "notice.one_time",
            True,
            "flag",
            "C",
            "国务院令第663号 art. 9",
            marks=pytest.mark.row("D20"),
            id="notice.one_time",
        ),
        pytest.param(
            "validity",
            {"n": None, "unit": None, "endorsement": "yearly", "uses_per_month": None},
            "record",
            "C",
            "国务院令第663号 art. 10",
            marks=pytest.mark.row("D10"),
            id="validity",
        ),
        pytest.param(
            "endorsement.window",
            {"every": "year", "n": 1, "unit": "month"},
            "record",
            "C",
            "国务院令第663号 art. 10",
            marks=pytest.mark.row("S3-26"),
            id="endorsement.window",
        ),
        pytest.param(
            "endorsement.late",
            "restart",
            "choice",
            "C",
            "国务院令第663号 art. 10",
            marks=pytest.mark.row("D22"),
            id="endorsement.late",
        ),
        pytest.param(
            "issuer.level",
            "county",
            "choice",
            "C",
            "国务院令第663号 art. 10",
            marks=pytest.mark.row(),
            id="issuer.level",
        ),
        pytest.param(
            "replacement.return_old_card",
            True,
            "flag",
            "C",
            "国务院令第663号 art. 11",
            marks=pytest.mark.row(),
            id="replacement.return_old_card",
        ),
        pytest.param(
            "fee.first",
            {"charge": "free", "fen": 0},
            "fen",
            "C",
            "国务院令第663号 art. 21",
            marks=pytest.mark.row("D2"),
            id="fee.first",
        ),
        pytest.param(
            "fee.replace",
            {"charge": "card_cost", "fen": None},
            "fen",
            "C",
            "国务院令第663号 art. 21",
            marks=pytest.mark.row("D2"),
            id="fee.replace",
        ),
        pytest.param(
            "fee.reissue",
            {"charge": "card_cost", "fen": None},
            "fen",
            "C",
            "国务院令第663号 art. 21",
            marks=pytest.mark.row("D2"),
            id="fee.reissue",
        ),
        pytest.param(
            "fee.endorse",
            {"charge": "free", "fen": 0},
            "fen",
            "C",
            "国务院令第663号 art. 21",
            marks=pytest.mark.row("D2"),
            id="fee.endorse",
        ),
    ],
)
def test_the_domestic_permit_says(
    domestic: Law, key: str, value: object, unit: str, certainty: str, source: str
) -> None:
    reading = next(each for each in domestic[key].readings if each.pack == "cn/permit.yaml")
    assert plain_value(reading.value) == value
    assert (reading.unit, reading.certainty, str(reading.source)) == (unit, certainty, source)


@pytest.mark.row("D1")
def test_where_a_prefecture_extends_the_time_it_is_thirty_days_in_all_and_the_difference_is_reckoned(
    domestic: Law,
) -> None:
    limit, extension = domestic.value("issue.limit"), domestic["issue.remote_extension"]
    assert (limit.unit, limit.n + extension.value.n) == (extension.value.unit, 30)
    assert dict(extension.marks) == {"n": "I"}
    assert "30" in extension.source.words
