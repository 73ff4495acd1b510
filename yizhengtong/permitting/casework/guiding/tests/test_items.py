"""A guide tells what the packs say, of every item of every place, and says what was not found."""

from datetime import date

import pytest

from tests.support.law import CITY_PACK, JINAN, LIXIA, NATION_PACK, TODAY, changed, library, with_value
from tests.support.zhejiang import QINGYUAN, RUIAN, XIHU
from yizhengtong.foundation.texts import PAGE_LANGUAGES, knows, say
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.law.schema import RULES
from yizhengtong.permitting.casework.guiding.items import (
    IDENTITY_CARD,
    REGISTRATION,
    SUBJECTS,
    Guide,
    guide_of,
    guides_of,
    title_of_rule,
)
from yizhengtong.permitting.casework.guiding.sayings import Saying, Told

AFTER_THE_STATEMENT, BEFORE_IT = date(2026, 9, 18), date(2022, 3, 1)
XIAMEN = "350200"
PLACES = sorted({file.header.region for file in library().files.values()} | {LIXIA, XIHU, "511302"})


def law(subject: str, place: str, on: date = TODAY) -> Law:
    return library().law(place, subject, on)


def guide(code: str, place: str, on: date = TODAY) -> Guide:
    return guide_of(law(code.partition(".")[0], place, on), code)


def sentences(found: Guide) -> list[Saying]:
    told = [each for section in found.sections for each in section.told]
    told += [each for condition in found.conditions for each in condition.told]
    said = [one for each in told for one in spoken(each)]
    return said + [one for paper in found.papers for one in (paper.when, *paper.kinds)]


def spoken(told: Told) -> list[Saying]:
    return [told.says, *told.parts, *(one for reading in told.readings for one in spoken(reading))]


def words(found: Guide, language: str = "zh-Hans") -> str:
    return "\n".join(say(each.code, language, each.facts) for each in sentences(found))


@pytest.mark.row("S0-T04")
@pytest.mark.parametrize("language", PAGE_LANGUAGES)
@pytest.mark.parametrize("on", [AFTER_THE_STATEMENT, BEFORE_IT])
def test_every_guide_of_every_place_is_in_words(language: str, on: date) -> None:
    seen = 0
    for place in PLACES:
        for subject in SUBJECTS:
            try:
                here = law(subject, place, on)
            except NotFound:
                continue
            for code in guides_of(here):
                found = guide_of(here, code)
                codes = {each.code for each in sentences(found)} | {each.title for each in found.conditions}
                codes |= {section.title for section in found.sections}
                assert not {each for each in codes if not knows(each)}, (place, code)
                assert "{" not in words(found, language), (place, code)
                seen += 1
    assert seen > 40


def test_every_rule_that_a_pack_may_name_has_a_title() -> None:
    for subject, place in (("hmt", LIXIA), ("floating", QINGYUAN), ("settlement", XIAMEN)):
        rules = {condition.rule for item in law(subject, place).items.values() for condition in item.conditions}
        assert rules <= set(RULES)
        assert not {rule for rule in rules if not knows(title_of_rule(rule, law(subject, place)))}


@pytest.mark.row("S0-T04", "S0-T05")
def test_the_three_documents_of_taiwan_residents_have_three_guides_with_conditions_steps_and_papers_of_their_own() -> (
    None
):
    permit, settling, card = guide("hmt.first_issue", LIXIA), guide("settlement.approval", LIXIA), guide(
        IDENTITY_CARD, LIXIA
    )  # fmt: skip
    assert permit.conditions
    assert permit.papers
    assert permit.steps
    assert settling.conditions
    assert settling.papers
    assert settling.steps
    assert {each.rule for each in permit.conditions} != {each.rule for each in settling.conditions}
    assert {each.code for each in permit.papers}.isdisjoint({"application_form", "taiwan_identity_card"})
    assert "has_lived_here_long_enough" not in {each.rule for each in settling.conditions}
    assert card.item is None  # handed over, not issued here (S0-T32)
    assert {each.key for section in card.sections for each in section.told} >= {"household.needs"}


def test_what_a_guide_says_changes_with_the_pack() -> None:
    before = words(guide("hmt.first_issue", LIXIA))
    texts = with_value("issue.limit", "{n: 20,", "{n: 18,", path=CITY_PACK)
    after = words(guide_of(Library.from_texts(texts).law(LIXIA, "hmt", TODAY), "hmt.first_issue"))
    assert "20个工作日" in before
    assert "18个工作日" not in before
    assert "18个工作日" in after


def test_a_measure_that_a_pack_changes_is_told_as_it_stands_there() -> None:
    old = "value: {measure: months, n: 6, scope: nation, contiguous: false, evidence: any}"
    texts = changed(NATION_PACK, old, old.replace("n: 6", "n: 4"))
    found = guide_of(Library.from_texts(texts).law(LIXIA, "hmt", TODAY), "hmt.first_issue")
    assert "满4个月" in words(found)


@pytest.mark.row("D4")
def test_where_two_texts_differ_both_are_told_and_the_better_one_first() -> None:
    (lived,) = [each for each in guide("hmt.first_issue", LIXIA).conditions if each.rule.startswith("has_lived")]
    measure = lived.told[0]
    assert [each.source.text for each in measure.readings] == ["国办发〔2018〕81号", "济政办字〔2019〕25号"]
    assert measure.says == measure.readings[0].says


@pytest.mark.row("D1")
def test_a_time_that_was_not_found_is_said_not_to_be_found() -> None:
    found = guide("settlement.approval", LIXIA)
    (limit,) = [each for section in found.sections for each in section.told if each.key == "issue.limit"]
    assert limit.certainty == "N"
    assert "没有查到" in say(limit.says.code, "zh-Hans", limit.says.facts)


@pytest.mark.row("D2")
def test_a_fee_whose_amount_is_unknown_names_no_amount_and_a_free_one_is_free() -> None:
    assert "免费" in words(guide("hmt.replacement", LIXIA))  # Jinan, S2-19
    nation = words(guide("hmt.replacement", "511302"))
    assert "金额没有查到" in nation
    assert "元" not in nation


@pytest.mark.row("D18", "D19")
def test_papers_of_settling_follow_the_place_and_the_day() -> None:
    def papers(place: str, on: date) -> set[str]:
        return {each.code for each in guide("settlement.approval", place, on).papers}

    assert "health_certificate" in papers(LIXIA, BEFORE_IT)
    assert "health_certificate" not in papers(LIXIA, AFTER_THE_STATEMENT)
    assert "marriage_proof" in papers(LIXIA, AFTER_THE_STATEMENT)
    assert "marriage_proof" not in papers(XIAMEN, AFTER_THE_STATEMENT)  # every wish is enough
    rules = {each.rule for each in guide("settlement.approval", LIXIA, AFTER_THE_STATEMENT).conditions}
    assert "health_certificate_is_recent" not in rules


@pytest.mark.row("D19", "D3")
def test_a_paper_that_the_place_lists_is_asked_of_everybody_and_proof_of_illness_of_few() -> None:
    when = {each.code: each.when.code for each in guide("settlement.approval", LIXIA).papers}
    assert when["application_form"] == when["photos"] == when["taiwan_identity_card"] == "guide.when_always"
    assert when["illness_proof"] == "guide.when_seriously_ill"
    assert when["representative_identity"] == "guide.when_proxy"
    assert when["marriage_proof"] == "guide.when_ground"


@pytest.mark.row("D14")
def test_registering_is_a_guide_only_where_a_law_demands_it() -> None:
    assert REGISTRATION in guides_of(law("floating", RUIAN))
    assert REGISTRATION not in guides_of(law("floating", JINAN))
    with pytest.raises(NotFound):
        guide_of(law("hmt", LIXIA), REGISTRATION)


@pytest.mark.row("D7")
def test_a_paper_of_a_claim_is_told_with_the_least_time_it_must_show() -> None:
    said = words(guide("floating.first_issue", RUIAN))
    assert "已缴满3个月" in said
    assert "期限6个月以上" in said
    assert "已缴满" not in words(guide("floating.first_issue", QINGYUAN))


def test_a_conversion_is_told_with_its_own_time_and_what_it_cancels() -> None:
    said = words(guide("floating.conversion_permit", QINGYUAN))
    assert "2个工作日" in said
    assert "自动注销" in said
