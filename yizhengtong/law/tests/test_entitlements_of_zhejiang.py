"""Rights, services and conveniences of the domestic permit: 3, 6 and 7 by the nation, a fourth right in Zhejiang."""

from datetime import date
from typing import Any

import pytest

from yizhengtong.law.reading import Library

DAY = date(2026, 3, 2)
NATION: list[tuple[str, str, int, list[str], bool]] = [
    ("employment", "right", 1, ["劳动就业", "勞動就業", "Work"], True),
    ("social_insurance", "right", 2, ["参加社会保险", "參加社會保險", "Social insurance"], True),
    (
        "housing_fund",
        "right",
        3,
        [
            "缴存、提取和使用住房公积金",
            "繳存、提取和使用住房公積金",
            "Paying into, drawing from and using the housing provident fund",
        ],
        True,
    ),
    ("compulsory_education", "service", 1, ["义务教育", "義務教育", "Compulsory education"], True),
    (
        "employment_service",
        "service",
        2,
        ["基本公共就业服务", "基本公共就業服務", "Basic public employment services"],
        True,
    ),
    (
        "public_health",
        "service",
        3,
        [
            "基本公共卫生服务和计划生育服务",
            "基本公共衛生服務和計劃生育服務",
            "Basic public health and family planning services",
        ],
        True,
    ),
    ("culture_and_sports", "service", 4, ["公共文化体育服务", "公共文化體育服務", "Public culture and sports"], True),
    (
        "legal_aid",
        "service",
        5,
        ["法律援助和其他法律服务", "法律援助和其他法律服務", "Legal aid and other legal services"],
        True,
    ),
    (
        "other_services",
        "service",
        6,
        ["国家规定的其他基本公共服务", "國家規定的其他基本公共服務", "Other basic public services by the nation"],
        True,
    ),
    (
        "exit_entry_papers",
        "convenience",
        1,
        ["按照国家有关规定办理出入境证件", "按照國家有關規定辦理出入境證件", "Exit and entry papers"],
        True,
    ),
    (
        "identity_card",
        "convenience",
        2,
        [
            "按照国家有关规定换领、补领居民身份证",
            "按照國家有關規定換領、補領居民身份證",
            "Replacing or reissuing the identity card",
        ],
        True,
    ),
    ("vehicle_registration", "convenience", 3, ["机动车登记", "機動車登記", "Vehicle registration"], True),
    ("driving_licence", "convenience", 4, ["申领机动车驾驶证", "申領機動車駕駛證", "Driving licence"], True),
    (
        "professional_exams",
        "convenience",
        5,
        [
            "报名参加职业资格考试、申请授予职业资格",
            "報名參加職業資格考試、申請授予職業資格",
            "Professional examinations and qualifications",
        ],
        True,
    ),
    (
        "birth_registration",
        "convenience",
        6,
        [
            "办理生育服务登记和其他计划生育证明材料",
            "辦理生育服務登記和其他計劃生育證明材料",
            "Birth service registration and family planning papers",
        ],
        True,
    ),
    (
        "other_conveniences",
        "convenience",
        7,
        ["国家规定的其他便利", "國家規定的其他便利", "Other conveniences by the nation"],
        True,
    ),
]
ZHEJIANG: list[tuple[str, str, int, list[str], bool]] = [
    ("social_affairs", "right", 4, ["参与社会事务", "參與社會事務", "Taking part in social affairs"], True),
]
HANGZHOU: list[tuple[str, str, int, list[str], bool]] = [
    ("preschool", "service", 7, ["接受学前教育", "接受學前教育", "Preschool education"], True),
    (
        "employment_support",
        "service",
        8,
        ["享受就业创业扶持政策", "享受就業創業扶持政策", "Support for work and founding"],
        True,
    ),
    ("hardship_relief", "service", 9, ["接受特殊困难救助", "接受特殊困難救助", "Relief in special hardship"], True),
    ("other_city_services", "service", 10, ["其他公共服务", "其他公共服務", "Other public services of the city"], True),
]


def told(library: Library, region: str) -> list[tuple[Any, ...]]:
    return [
        (each.code, each.kind, each.number, [each.name.zh_hans, each.name.zh_hant, each.name.en], each.place_bound)
        for each in library.law(region, "floating", DAY).entitlements
    ]


@pytest.mark.row("D13")
@pytest.mark.parametrize(
    ("region", "expected"),
    [("cn", NATION), ("330381", NATION + ZHEJIANG), ("330106", NATION + ZHEJIANG + HANGZHOU)],
)
def test_a_place_grants_exactly_this(library: Library, region: str, expected: list[tuple[Any, ...]]) -> None:
    assert told(library, region) == expected


@pytest.mark.row("D13", "S4-07")
def test_in_zhejiang_there_are_four_rights_six_services_and_seven_conveniences(library: Library) -> None:
    kinds = [each.kind for each in library.law("331126", "floating", DAY).entitlements]
    assert [kinds.count(kind) for kind in ("right", "service", "convenience")] == [4, 6, 7]


@pytest.mark.row("D13", "S4-07")
def test_zhejiang_grants_each_of_the_nations_list_by_an_article_of_its_own(library: Library) -> None:
    law = library.law("331126", "floating", DAY)
    articles = {
        each.code: [source.article for source in each.granted_by] for each in law.entitlements if each.granted_by
    }
    assert set(articles) == {code for code, *_ in NATION}
    assert {kind: {articles[code][0] for code, each, *_ in NATION if each == kind} for _, kind, *_ in NATION} == {
        "right": {"25"},
        "service": {"25"},
        "convenience": {"26"},
    }


@pytest.mark.row("D13", "D14")
def test_the_list_is_not_that_of_the_permit_for_hong_kong_macao_and_taiwan(library: Library) -> None:
    hmt = {each.code for each in library.law("331126", "hmt", DAY).entitlements}
    assert "social_affairs" not in hmt
    assert {"transport", "hotels", "finance"} <= hmt
    assert not {"transport", "hotels", "finance"} & {code for code, *_ in NATION + ZHEJIANG}
