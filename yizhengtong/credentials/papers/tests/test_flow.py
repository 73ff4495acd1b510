"""The flow chart follows the rules: what changes in a pack, changes in the chart."""

from dataclasses import replace

import pytest

from tests.support.law import TODAY, changed, library
from yizhengtong.credentials.papers.flow import Step, flow_of
from yizhengtong.law.reading import Library

QINGYUAN, RUIAN = "331126", "330381"
PACK = "cn/330000/331100/331126/floating.yaml"


def chart(*changes: tuple[str, str], place: str = QINGYUAN) -> dict[str, Step]:
    texts = dict(library().texts)
    for old, new in changes:
        texts = changed(PACK, old, new, texts)
    return {step.code: step for step in flow_of(Library.from_texts(texts).law(place, "floating", TODAY))}


@pytest.mark.row("S4-28")
def test_the_chart_goes_from_the_application_to_the_message_in_the_order_of_the_scheme() -> None:
    assert list(chart()) == [
        "apply", "types", "fill_in", "papers", "conditions", "system", "issue", "push", "cancel", "tell",
    ]  # fmt: skip


@pytest.mark.row("S4-28")
def test_a_limit_that_changes_changes_the_chart() -> None:
    old = "{n: 2, unit: workday, start: acceptance, end: signed}"
    assert chart()["issue"].details == ("自受理之日起2个工作日内",)
    assert chart((old, old.replace("n: 2", "n: 1")))["issue"].details == ("自受理之日起1个工作日内",)


@pytest.mark.row("S4-28")
def test_where_rules_do_not_approve_three_officers_stand_in_the_chart() -> None:
    law = library().law(QINGYUAN, "floating", TODAY)
    by_hand = replace(law, values={**law.values, "decide.automatic_approval": False})
    found = {step.code: step for step in flow_of(by_hand)}
    assert "system" not in found
    assert found["officers"].details == ("受理人—审核人—审批人",)
    assert "受理人—审核人—审批人" in chart()["system"].otherwise


@pytest.mark.row("S4-28")
def test_a_channel_or_a_step_that_goes_is_gone_from_the_chart() -> None:
    found = chart(
        ("value: [government_service_site, zheliban_app, window]", "value: [zheliban_app, window]"),
        ("value: [promise, fill_in, upload, confirm]", "value: [fill_in, upload, confirm]"),
    )
    assert "浙江政务服务网" in chart()["apply"].details[0]
    assert "浙江政务服务网" not in found["apply"].details[0]
    assert found["fill_in"].details == ("在线填表—上传材料—确认提交",)


def test_each_condition_stands_once_with_the_type_it_is_of() -> None:
    details = chart()["conditions"].details
    assert len(details) == 9
    assert sum("（现有居住证件互认）" in each for each in details) == 1
    assert sum("（居住登记时间累计互认）" in each for each in details) == 1
    assert chart()["conditions"].otherwise == "不符合条件的：一次性告知全部理由"


def test_each_box_names_where_it_stands_in_the_law() -> None:
    assert all(step.source.text for step in chart().values())


def test_a_place_without_conversions_has_no_chart() -> None:
    assert chart(place=RUIAN) == {}
