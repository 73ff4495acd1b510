"""Who may act for whom, to the day."""

from datetime import date, timedelta

import pytest

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.kernel.findings import Source
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number, parse
from yizhengtong.law.values import ProxyRule
from yizhengtong.registry.people.rules import contradictions, may_represent, representation_ends_on

DAY = timedelta(days=1)
BORN = date(2010, 5, 20)
SIXTEEN = date(2026, 5, 20)
M81 = Source("国办发〔2018〕81号", "2")
UNDER_16 = ProxyRule(who="minor", under_age=16, by=("guardian",))
FROM_60 = ProxyRule(who="elderly", from_age=60, by=("near_relative",))
DISABLED = ProxyRule(who="disabled", by=("guardian", "near_relative"))


def may(relation: str, rules: list[ProxyRule], on: date, born: date = BORN) -> bool | None:
    return may_represent(born, relation, rules, on, M81).met


@pytest.mark.row("D3", "S2-10", "S1-034")
def test_a_guardian_may_act_until_the_day_before_the_sixteenth_birthday() -> None:
    days = (SIXTEEN - DAY, SIXTEEN, SIXTEEN + DAY)
    assert [may("guardian", [UNDER_16], day) for day in days] == [True, False, False]
    assert representation_ends_on(BORN, "guardian", [UNDER_16], SIXTEEN - DAY) == SIXTEEN
    assert representation_ends_on(BORN, "guardian", [UNDER_16, DISABLED], SIXTEEN) is None


@pytest.mark.row("D3")
def test_a_relation_that_no_rule_names_is_refused_with_its_own_code() -> None:
    assert may_represent(BORN, "near_relative", [UNDER_16], SIXTEEN - DAY, M81).code == "people.relation_not_allowed"
    assert may_represent(BORN, "neighbour", [UNDER_16, DISABLED], SIXTEEN - DAY, M81).met is False


@pytest.mark.row("D3")
def test_from_an_age_on_near_relatives_may_act_where_a_rule_says_so() -> None:
    born, sixty = date(1966, 3, 1), date(2026, 3, 1)
    assert [may("near_relative", [FROM_60], day, born) for day in (sixty - DAY, sixty, sixty + DAY)] == [
        False, True, True,
    ]  # fmt: skip
    assert may_represent(born, "near_relative", [FROM_60], sixty - DAY, M81).met_on == sixty


@pytest.mark.row("D3")
def test_what_no_age_settles_is_left_to_an_officer() -> None:
    finding = may_represent(BORN, "guardian", [UNDER_16, DISABLED], SIXTEEN, M81)
    assert (finding.met, finding.code) == (None, "people.officer_must_confirm")
    assert may("guardian", [UNDER_16, DISABLED], SIXTEEN - DAY) is True


def test_a_finding_holds_no_birth_date() -> None:
    finding = may_represent(BORN, "guardian", [UNDER_16], SIXTEEN, M81)
    assert str(BORN) not in str(finding)


def test_each_contradiction_between_a_number_and_its_bearer_is_named() -> None:
    born = date(1994, 8, 23)
    number = parse(DocumentKind.HMT_PERMIT, hmt_permit_number("HK", born, 2))
    assert contradictions(number, birth_date=born, sex="F", region="HK") == ()
    assert contradictions(number, birth_date=born + DAY, sex="M", region="TW") == (
        "people.number_contradicts_birth_date",
        "people.number_contradicts_sex",
        "people.number_contradicts_region",
    )


@pytest.mark.parametrize("rules", [[UNDER_16], [DISABLED], [FROM_60], []])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_whole_words(rules: list[ProxyRule], language: str) -> None:
    for relation in ("guardian", "near_relative"):
        finding = may_represent(BORN, relation, rules, SIXTEEN, M81)
        words = say(finding.code, language, finding.facts)
        assert words != finding.code
        assert "{" not in words
        assert "people." not in words
