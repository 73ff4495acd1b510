"""Rows of Rui'an (S3) and Qingyuan (S4) that the law and the rules alone prove."""

from datetime import date

import pytest

from tests.support.law import library
from tests.support.zhejiang import QINGYUAN, RUIAN, facts_of_conversion, facts_of_first_issue, law_in
from yizhengtong.law.floating import Choice, FormField
from yizhengtong.permitting.casework.rules import decide, due

FIRST, PERMIT, REGISTRATIONS = "floating.first_issue", "floating.conversion_permit", "floating.conversion_registrations"


@pytest.mark.row("S3-32", "D1")
@pytest.mark.parametrize(
    ("accepted", "last"),
    [
        (date(2026, 9, 18), date(2026, 10, 8)),  # the fifteenth day, 10-03, is a holiday
        (date(2026, 2, 10), date(2026, 2, 25)),
        (date(2026, 6, 1), date(2026, 6, 16)),
    ],
)
def test_in_ruian_a_permit_is_issued_within_fifteen_days_rolled_over_days_off(accepted: date, last: date) -> None:
    law = law_in(RUIAN, accepted)
    assert due(accepted, law.value(law.items[FIRST].limit), law.calendar).day == last


@pytest.mark.row("S4-14", "D1")
@pytest.mark.parametrize(
    ("accepted", "last"),
    [
        (date(2026, 9, 18), date(2026, 9, 21)),  # Sunday 09-20 is worked
        (date(2026, 2, 10), date(2026, 2, 12)),
        (date(2026, 4, 30), date(2026, 5, 7)),
    ],
)
@pytest.mark.parametrize("item", [PERMIT, REGISTRATIONS])
def test_in_qingyuan_a_conversion_is_signed_within_two_working_days(accepted: date, last: date, item: str) -> None:
    law = law_in(QINGYUAN, accepted)
    assert due(accepted, law.value(law.items[item].limit), law.calendar).day == last


@pytest.mark.row("S4-14")
def test_a_first_issue_in_qingyuan_keeps_the_fifteen_days_of_the_province() -> None:
    law = law_in(QINGYUAN)
    assert law.items[FIRST].limit == "issue.limit"
    assert (law.value("issue.limit").n, law.value("issue.limit").unit) == (15, "day")


@pytest.mark.row("S4-15")
def test_the_push_has_a_limit_of_its_own_whose_end_is_the_push() -> None:
    law = law_in(QINGYUAN)
    assert (law["conversion.push_limit"].certainty, law.value("conversion.push_limit").end) == ("I", "pushed")
    assert law.value("conversion.limit").end == "signed"


@pytest.mark.row("S3-33", "S4-17")
@pytest.mark.parametrize(("item", "place"), [(FIRST, RUIAN), (PERMIT, QINGYUAN), (REGISTRATIONS, QINGYUAN)])
def test_who_does_not_qualify_is_told_every_reason_at_once_each_with_its_article(item: str, place: str) -> None:
    facts = facts_of_conversion(
        place=place,
        hukou_region=place,
        stays=(),
        permits=(),
        evidence={},
        proof_details={},
        promises=False,
        declares_true=False,
        acknowledges_cancellation=False,
    )
    law = law_in(place)
    unmet = decide(facts, law, item, date(2026, 9, 18)).unmet
    expected = {FIRST: 5, PERMIT: 8, REGISTRATIONS: 8}
    assert len(unmet) == expected[item]
    assert all(finding.source.article or finding.source.words for finding in unmet)


@pytest.mark.row("S3-12", "S3-34")
def test_in_ruian_complete_facts_are_granted_and_each_missing_one_is_not() -> None:
    law, on = law_in(RUIAN), date(2026, 9, 18)
    assert decide(facts_of_first_issue(), law, FIRST, on).granted
    for change in ({"stays": ()}, {"claims": ()}, {"applies_of_own_will": False}, {"hukou_region": RUIAN}):
        assert not decide(facts_of_first_issue(**change), law, FIRST, on).granted, change


@pytest.mark.row("S4-02")
def test_mutual_recognition_begins_on_its_day() -> None:
    assert {PERMIT, REGISTRATIONS} <= set(law_in(QINGYUAN, date(2023, 9, 27)).items)
    assert not {PERMIT, REGISTRATIONS} & set(law_in(QINGYUAN, date(2023, 9, 26)).items)


@pytest.mark.row("S3-10")
def test_the_regulation_begins_on_its_day() -> None:
    assert FIRST in law_in(RUIAN, date(2016, 7, 1)).items
    assert FIRST not in law_in(RUIAN, date(2016, 6, 30)).items


@pytest.mark.row("S4-04", "S4-05")
def test_conversions_are_for_qingyuan_alone() -> None:
    assert not {PERMIT, REGISTRATIONS} & set(law_in(RUIAN).items)


def _field(code: str) -> FormField:
    fields: tuple[FormField, ...] = law_in(QINGYUAN).value("conversion.form")
    return next(field for field in fields if field.code == code)


def _boxes(choices: tuple[Choice, ...]) -> list[str]:
    return [choice.words for choice in choices]


@pytest.mark.row("S4-18", "S4-19")
def test_the_form_has_every_field_of_the_printed_one_in_its_order() -> None:
    words = [field.words for field in law_in(QINGYUAN).value("conversion.form")]
    assert words == [
        "申请编号", "公民身份证号码", "姓名", "性别", "民族", "常住户口省", "常住户口县", "详细地址", "现居住住址",
        "互认类型", "合法稳定就业", "合法稳定住所", "居住出租房屋", "连续就读", "重要提示", "申请人声明",
        "受理人意见", "审核人意见", "审批人意见", "备注",
    ]  # fmt: skip
    assert _field("number").cells == 18


@pytest.mark.row("S4-20", "S4-21", "S4-22", "S4-23")
def test_the_form_has_every_box_of_the_printed_one() -> None:
    assert _boxes(_field("conversion_type").choices) == ["现有居住证件互认", "居住登记时间累计互认"]
    assert _boxes(_field("employment_proof").choices) == [
        "签订劳动合同", "签订农业承包合同", "参加社会保险", "持有工商执照", "其他",
    ]  # fmt: skip
    assert _boxes(_field("dwelling_proof").choices) == ["自购房屋", "单位内部宿舍", "其他"]
    assert _boxes(_field("rented_dwelling_proof").choices) == [
        "办理出租登记", "办理租赁登记备案", "签订租赁合同", "符合安全条件", "依法缴纳税费", "其他",
    ]  # fmt: skip
    assert _boxes(_field("study_proof").choices) == [
        "小学学籍证明", "中学学籍证明", "中高等职业学校学籍证明", "普通高等学校学籍证明",
    ]  # fmt: skip


@pytest.mark.row("S4-21", "S4-22", "S4-23")
def test_every_box_is_a_kind_of_evidence_that_its_item_takes_and_the_law_names() -> None:
    law = law_in(QINGYUAN)
    for item in (law.items[PERMIT], law.items[REGISTRATIONS]):
        taken = {document.code: set(document.any_of) for document in item.documents}
        for field, claim in (
            ("employment_proof", "employment"),
            ("dwelling_proof", "dwelling"),
            ("rented_dwelling_proof", "dwelling"),
            ("study_proof", "study"),
        ):
            kinds = {choice.code for choice in _field(field).choices}
            assert kinds <= taken[f"{claim}_proof"]
            assert kinds <= {proof.evidence for proof in law.value(f"conversion.{claim}.proofs")}
            assert kinds <= set(law.evidence)


@pytest.mark.row("S4-26", "D24")
def test_each_opinion_is_an_officers_or_filled_by_a_named_rule_for_which_an_office_answers() -> None:
    law = law_in(QINGYUAN)
    opinions = [
        field.code.removesuffix("_opinion") for field in law.value("conversion.form") if field.kind == "opinion"
    ]
    assert opinions == list(law.value("decide.officers")) == [rule.opinion for rule in law.value("decide.system_rules")]
    assert len({rule.rule for rule in law.value("decide.system_rules")}) == 3
    assert set(law.value("decide.automatic_items")) == {PERMIT, REGISTRATIONS}
    assert law_in(RUIAN).value("decide.automatic_approval") is False


@pytest.mark.row("S4-28")
def test_the_flow_chart_is_known_not_to_have_been_found() -> None:
    assert (law_in(QINGYUAN)["conversion.flow_chart"].certainty, law_in(QINGYUAN).value("conversion.flow_chart")) == (
        "N",
        None,
    )


@pytest.mark.row("S3-03")
def test_nothing_that_is_told_calls_a_new_resident_an_outsider() -> None:
    told = [text for path, text in library().texts.items() if "330000" in path]
    assert not [word for word in ("外来人口", "外来务工", "暂住") for text in told if word in text]
