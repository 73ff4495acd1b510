"""D1–D28 are all there, with every value seen that facts.md lists, and the packs do what is said to be done."""

import pytest

from yizhengtong.law.keys import KEYS
from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.law.search import plain

SEEN = {
    "D1": ("20个工作日", "15个工作日", "15日", "2个工作日", "武汉", "10个工作日", "30日"),
    "D2": ("均免收", "工本费", "首次免费", "维基", "签注不收费", "登记不收费"),
    "D3": ("港澳居民", "港澳台居民", "老年人、残疾人", "60以上"),
    "D4": ("内地(大陆)居住半年以上", "我市居住半年以上", "180天以上", "累计连续满六个月", "录取通知书"),
    "D5": ("2026-08-28", "2026-09-01"),
    "D6": ("累计连续",),
    "D7": ("社会保险三个月", "执照三个月", "劳动合同期限半年", "农业承包", "连续缴纳", "没有数字", "勾选项"),
    "D8": ("检测回执", "现场采集"),
    "D9": ("申请人填写", "系统打印", "在线填表"),
    "D10": ("5年", "没有有效期", "7天"),
    "D11": ("长期妥善保管", "最短时间"),
    "D12": ("持原卡", "自动注销", "10日内"),
    "D13": ("3项权利", "4项权利", "IC卡"),
    "D14": ("国家有关规定",),
    "D15": ("已支持", "不支持"),
    "D16": ("医保电子凭证", "医保码"),
    "D17": ("大陆", "港澳居民居住证"),
    "D18": ("投靠直系亲属", "满3年", "广西", "东莞", "厦门", "愿落尽落"),
    "D19": ("无体检", "健康证明", "两寸"),
    "D20": ("以工作日计", "未定"),
    "D21": ("个人身份证或社保卡", "电子社保卡", "249"),
    "D22": ("重新计算", "不计"),
    "D23": ("未说中止",),
    "D24": ("三个日期", "系统审核审批"),
    "D25": ("自取或邮递", "领证回执"),
    "D26": ("17个部门", "没有条款分配"),
    "D27": ("没有来源签发",),
    "D28": ("未提居住证", "图书卡", "公共文化"),
}


@pytest.mark.row(
    "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "D11", "D12", "D13", "D14",
    "D15", "D16", "D17", "D18", "D19", "D20", "D21", "D22", "D23", "D24", "D25", "D26", "D27", "D28",
)  # fmt: skip
def test_all_twenty_eight_points_are_recorded_with_every_value_seen(library: Library) -> None:
    topics = {topic.id: topic for topic in library.topics if not topic.id.startswith("also_")}
    assert list(topics) == [f"D{number}" for number in range(1, 29)] == list(SEEN)
    for identity, words in SEEN.items():
        text = plain([seen.model_dump(include={"words", "where"}) for seen in topics[identity].seen])
        assert [word for word in words if word not in text] == [], identity


def test_what_is_chosen_stands_in_the_law_of_jinan_or_of_a_place_with_a_pack(library: Library, jinan: Law) -> None:
    places = {(file.header.region, file.header.subject) for file in library.files.values() if file.parameters}
    laws = [jinan, *(library.law(region, subject, jinan.on) for region, subject in sorted(places))]
    for topic in library.topics:
        for key in topic.chosen.keys:
            assert any(key in law for law in laws), (topic.id, key)


def values_seen(library: Library, identity: str, where: str) -> dict[str, tuple[str, object]]:
    topic = next(each for each in library.topics if each.id == identity)
    return {seen.key: (seen.certainty, seen.value) for seen in topic.seen if seen.key and where in seen.where}


@pytest.mark.row("D2")
def test_what_the_domestic_permit_costs_is_told_text_by_text(library: Library, domestic: Law) -> None:
    nation = values_seen(library, "D2", "国务院令第663号")
    assert {key: KEYS[key].adapter.validate_python(value) for key, (_, value) in nation.items()} == {
        key: domestic.value(key) for key in ("fee.first", "fee.reissue", "fee.endorse")
    }
    zhejiang = values_seen(library, "D2", "浙江省")
    assert zhejiang["fee.register"] == ("C", {"charge": "free", "fen": 0})
    assert zhejiang["fee.replace"] == ("C", {"charge": "card_cost"})


@pytest.mark.row("D3")
def test_who_may_act_for_the_old_and_disabled_differs_between_the_nation_and_zhejiang(
    library: Library, domestic: Law
) -> None:
    (mark, nation), (xiamen, _) = (
        values_seen(library, "D3", where)["proxy.rules"] for where in ("国务院令第663号", "厦门")
    )
    _, zhejiang = values_seen(library, "D3", "浙江省")["registration.proxy_rules"]
    assert (mark, xiamen) == ("C", "I")
    assert KEYS["proxy.rules"].adapter.validate_python(nation) == domestic.value("proxy.rules")
    rules = {rule.who: rule.by for rule in KEYS["proxy.rules"].adapter.validate_python(zhejiang)}
    assert rules == {"minor": ("guardian",), "elderly": ("near_relative",), "disabled": ("near_relative",)}


@pytest.mark.row("D6", "D16", "D17", "D18")
def test_what_no_text_says_is_marked_as_inferred(library: Library) -> None:
    topics = {topic.id: topic for topic in library.topics}
    assert values_seen(library, "D6", "庆元") == {}
    assert {topics[identity].chosen.certainty for identity in ("D6", "D16", "D17")} == {"I"}
    assert values_seen(library, "D18", "福建")["settle.grounds"][0] == "I"
    assert all("art." not in seen.where for seen in topics["also_void"].seen)


@pytest.mark.row("D22")
def test_a_late_domestic_endorsement_counts_the_years_anew(domestic: Law) -> None:
    assert domestic.value("endorsement.late") == "restart"


def test_every_row_cited_by_a_value_of_a_point_is_marked_with_its_certainty(library: Library) -> None:
    for topic in library.topics:
        assert {seen.certainty for seen in topic.seen} <= {"C", "I", "M", "N"}
        assert topic.chosen.why.endswith(".")
