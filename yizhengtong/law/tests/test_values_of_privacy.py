"""What the law of personal data says of this platform (个人信息保护法 and what stands beside it)."""

from datetime import date
from typing import Any

import pytest

from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.law.retention import may_go_before
from yizhengtong.law.tests.values import plain_value

DAY = date(2026, 3, 2)


@pytest.fixture
def privacy(library: Library) -> Law:
    return library.law("370100", "privacy", DAY)


MATTERS = {"match": ("match",), "all": ("identity", "numbers", "residence", "contact", "biometrics", "papers")}
WITH_CONSENT = (
    "bank", "insurance", "work", "rent", "school", "hospital", "medical_insurance", "hotel", "transport",
    "ride_hailing", "telecom", "platform", "commerce", "property", "library", "exam",
)  # fmt: skip
S0, S1 = pytest.mark.row("S0-T38"), pytest.mark.row("S1-097")


def case(key: str, value: Any, unit: str, certainty: str, source: str, *rows: str) -> Any:
    return pytest.param(key, value, unit, certainty, source, marks=pytest.mark.row(*rows), id=key)


@pytest.mark.parametrize(
    ("key", "value", "unit", "certainty", "source"),
    [
        case("minor.under_age", 18, "year", "M", "未成年人保护法 art. 2", "S0-T38"),
        case("minor.access_needs_approval", True, "flag", "C", "未成年人网络保护条例 art. 36", "S0-T37", "S0-T38"),
        case("minor.sensitive_under_age", 14, "year", "C", "个人信息保护法 art. 31", "S0-T38"),
        case(
            "consent.notice_contents",
            ["handler", "contact", "purpose", "method", "kinds", "retention", "rights"],
            "list", "C", "个人信息保护法 art. 17", "S1-097",
        ),
        case("consent.refusal_is_remembered", True, "flag", "C", "网络数据安全管理条例 art. 22", "S1-097"),
        case("rights.answer_within", None, "record", "N", "个人信息保护法 art. 50", "S1-097"),
        case("rights.refusal_gives_reasons", True, "flag", "C", "个人信息保护法 art. 50", "S1-097"),
        case(
            "retention.provision", {"keep": "at_least", "n": 3, "unit": "year"}, "year", "C",
            "网络数据安全管理条例 art. 12", "D11",
        ),
        case(
            "breach.report_critical", {"n": 1, "unit": "hour", "to": "protection_department"}, "hour", "C",
            "国家网络安全事件报告管理办法", "S0-T38",
        ),
        case(
            "breach.report_central", {"n": 2, "unit": "hour", "to": "own_department"}, "hour", "C",
            "国家网络安全事件报告管理办法", "S0-T38",
        ),
        case(
            "breach.report_other", {"n": 4, "unit": "hour", "to": "provincial_cyberspace_administration"}, "hour", "C",
            "国家网络安全事件报告管理办法", "S0-T38",
        ),
        case(
            "breach.report_national_security", {"n": 24, "unit": "hour", "to": "competent_department"}, "hour", "C",
            "网络数据安全管理条例 art. 10", "S0-T38",
        ),
        case("breach.tells", ["protection_department", "persons"], "list", "C", "个人信息保护法 art. 57", "S0-T38"),
        case(
            "breach.notice_contents", ["kinds", "cause", "harm", "measures", "contact"], "list", "C",
            "个人信息保护法 art. 57", "S0-T38",
        ),
        case("breach.tells_guardians", True, "flag", "C", "未成年人网络保护条例 art. 35", "S0-T38"),
    ],
)  # fmt: skip
def test_the_law_of_personal_data(
    privacy: Law, key: str, value: object, unit: str, certainty: str, source: str
) -> None:
    parameter = privacy[key]
    assert (plain_value(parameter.value), parameter.unit, parameter.certainty, str(parameter.source)) == (
        value, unit, certainty, source,
    )  # fmt: skip


@pytest.mark.row("S1-097", "S3-18")
def test_what_is_optional_rests_on_consent_and_what_a_statute_asks_does_not(privacy: Law) -> None:
    uses = {
        use.code: (use.basis, use.article, use.separate, use.kinds, use.keeps) for use in privacy.value("consent.uses")
    }
    statutory, consent, told = ("statutory_duty", "13(3)", ()), ("consent", "13(1)"), ("provision",)
    assert uses == {
        "permit": (*statutory, MATTERS["all"], "archive"),
        "trail": (*statutory, ("reads_and_acts",), "log"),
        "check_government": (*statutory, MATTERS["match"], "provision"),
        **{f"check_{purpose}": (*consent, told, MATTERS["match"], "provision") for purpose in WITH_CONSENT},
        "library": (*consent, told, ("identity", "match"), "work"),
        "sharing": (*consent, ("provision", "sensitive"), ("identity", "numbers"), "work"),
        "link_numbers": (*consent, told, ("numbers",), "work"),
        "bank_card": (*consent, ("provision", "sensitive"), ("identity", "bank_account"), "work"),
        "notifications": (*consent, (), ("contact",), "work"),
    }


def test_decisions_about_permits_do_not_rest_on_it(library: Library, privacy: Law) -> None:
    permits = library.law("370100", "hmt", DAY)
    assert "minor.under_age" not in permits
    assert {path for path, _ in privacy.pack_hashes} & {path for path, _ in permits.pack_hashes} == {"cn/calendar.yaml"}


@pytest.mark.row("D11")
def test_what_is_kept_the_shortest_time_goes_when_the_deployment_says(jinan: Law) -> None:
    assert may_go_before(jinan, "work", 30, DAY) == date(2026, 1, 31)
    assert may_go_before(jinan, "archive", 30, DAY) is None


@pytest.mark.row("D11")
@pytest.mark.parametrize(("days", "day"), [(30, date(2023, 3, 2)), (1200, date(2022, 11, 18))])
def test_a_least_time_of_the_law_is_never_cut_short(privacy: Law, days: int, day: date) -> None:
    assert may_go_before(privacy, "provision", days, DAY) == day
