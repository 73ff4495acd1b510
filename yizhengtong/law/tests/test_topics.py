"""D1–D28 are all there, with every value seen that facts.md lists, and the packs do what is said to be done."""

import pytest

from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.law.search import plain

SEEN = {
    "D1": ("20个工作日", "15个工作日", "15日", "2个工作日", "武汉"),
    "D2": ("均免收", "工本费", "首次免费", "维基"),
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


def test_what_is_chosen_stands_in_the_law_of_jinan(library: Library, jinan: Law) -> None:
    domestic = {"endorsement.late"}
    for topic in library.topics:
        for key in topic.chosen.keys:
            assert key in jinan or key in domestic, (topic.id, key)


@pytest.mark.row("D22")
def test_a_late_domestic_endorsement_counts_the_years_anew(domestic: Law) -> None:
    assert domestic.value("endorsement.late") == "restart"


def test_every_row_cited_by_a_value_of_a_point_is_marked_with_its_certainty(library: Library) -> None:
    for topic in library.topics:
        assert {seen.certainty for seen in topic.seen} <= {"C", "I", "M", "N"}
        assert topic.chosen.why.endswith(".")
