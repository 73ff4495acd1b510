"""3 rights, 6 services and 9 conveniences (国办发〔2018〕81号 arts. 12 and 13; S1-065 to S1-083, S2-22 to S2-24)."""

from collections import Counter

import pytest

from yizhengtong.law.law import Law


@pytest.mark.parametrize(
    ("kind", "number", "code", "zh_hans", "zh_hant", "en", "place_bound", "article"),
    [
        pytest.param(
            "right",
            1,
            "employment",
            "劳动就业",
            "勞動就業",
            "Work",
            False,
            "12",
            marks=pytest.mark.row("S1-066", "D13", "S2-22"),
            id="employment",
        ),
        pytest.param(
            "right",
            2,
            "social_insurance",
            "参加社会保险",
            "參加社會保險",
            "Social insurance",
            False,
            "12",
            marks=pytest.mark.row("S1-067", "D13", "S2-22"),
            id="social_insurance",
        ),
        pytest.param(
            "right",
            3,
            "housing_fund",
            "缴存、提取和使用住房公积金",
            "繳存、提取和使用住房公積金",
            "Paying into, drawing from and using the housing provident fund",
            False,
            "12",
            marks=pytest.mark.row("S1-068", "D13", "S2-22"),
            id="housing_fund",
        ),
        pytest.param(
            "service",
            1,
            "compulsory_education",
            "义务教育",
            "義務教育",
            "Compulsory education",
            False,
            "12",
            marks=pytest.mark.row("S1-069", "D13", "S2-23"),
            id="compulsory_education",
        ),
        pytest.param(
            "service",
            2,
            "employment_service",
            "基本公共就业服务",
            "基本公共就業服務",
            "Basic public employment services",
            False,
            "12",
            marks=pytest.mark.row("S1-070", "D13", "S2-23"),
            id="employment_service",
        ),
        pytest.param(
            "service",
            3,
            "public_health",
            "基本公共卫生服务",
            "基本公共衛生服務",
            "Basic public health services",
            False,
            "12",
            marks=pytest.mark.row("S1-071", "D13", "S2-23"),
            id="public_health",
        ),
        pytest.param(
            "service",
            4,
            "culture_and_sports",
            "公共文化体育服务",
            "公共文化體育服務",
            "Public culture and sports services",
            False,
            "12",
            marks=pytest.mark.row("S1-072", "D13", "D28", "S2-23"),
            id="culture_and_sports",
        ),
        pytest.param(
            "service",
            5,
            "legal_aid",
            "法律援助和其他法律服务",
            "法律援助和其他法律服務",
            "Legal aid and other legal services",
            False,
            "12",
            marks=pytest.mark.row("S1-073", "D13", "S2-23"),
            id="legal_aid",
        ),
        pytest.param(
            "service",
            6,
            "other_services",
            "国家及居住地规定的其他基本公共服务",
            "國家及居住地規定的其他基本公共服務",
            "Other basic public services set by the nation or the place of residence",
            False,
            "12",
            marks=pytest.mark.row("S1-074", "D13", "S2-23"),
            id="other_services",
        ),
        pytest.param(
            "convenience",
            1,
            "transport",
            "乘坐国内航班、火车等交通运输工具",
            "乘坐國內航班、火車等交通運輸工具",
            "Travel by domestic flight, train and other transport",
            False,
            "13",
            marks=pytest.mark.row("S1-075", "D13", "S2-24"),
            id="transport",
        ),
        pytest.param(
            "convenience",
            2,
            "hotels",
            "住宿旅馆",
            "住宿旅館",
            "Staying at hotels",
            False,
            "13",
            marks=pytest.mark.row("S1-076", "D13", "S2-24"),
            id="hotels",
        ),
        pytest.param(
            "convenience",
            3,
            "finance",
            "办理银行、保险、证券和期货等金融业务",
            "辦理銀行、保險、證券和期貨等金融業務",
            "Banking, insurance, securities and futures",
            False,
            "13",
            marks=pytest.mark.row("S1-077", "D13", "S2-24"),
            id="finance",
        ),
        pytest.param(
            "convenience",
            4,
            "consumption",
            "与内地(大陆)居民同等待遇购物、购买公园及各类文体场馆门票、进行文化娱乐商旅等消费活动",
            "與內地(大陸)居民同等待遇購物、購買公園及各類文體場館門票、進行文化娛樂商旅等消費活動",
            "Shopping, tickets for parks and venues, culture, leisure and business travel on the same terms",
            False,
            "13",
            marks=pytest.mark.row("S1-078", "D13", "S2-24"),
            id="consumption",
        ),
        pytest.param(
            "convenience",
            5,
            "vehicle_registration",
            "在居住地办理机动车登记",
            "在居住地辦理機動車登記",
            "Vehicle registration where one lives",
            True,
            "13",
            marks=pytest.mark.row("S1-079", "D13", "S2-24"),
            id="vehicle_registration",
        ),
        pytest.param(
            "convenience",
            6,
            "driving_licence",
            "在居住地申领机动车驾驶证",
            "在居住地申領機動車駕駛證",
            "Driving licence where one lives",
            True,
            "13",
            marks=pytest.mark.row("S1-080", "D13", "S2-24"),
            id="driving_licence",
        ),
        pytest.param(
            "convenience",
            7,
            "professional_exams",
            "在居住地报名参加职业资格考试、申请授予职业资格",
            "在居住地報名參加職業資格考試、申請授予職業資格",
            "Professional examinations and qualifications where one lives",
            True,
            "13",
            marks=pytest.mark.row("S1-081", "D13", "S2-24"),
            id="professional_exams",
        ),
        pytest.param(
            "convenience",
            8,
            "birth_registration",
            "在居住地办理生育服务登记",
            "在居住地辦理生育服務登記",
            "Birth service registration where one lives",
            True,
            "13",
            marks=pytest.mark.row("S1-082", "D13", "S2-24"),
            id="birth_registration",
        ),
        pytest.param(
            "convenience",
            9,
            "other_conveniences",
            "国家及居住地规定的其他便利",
            "國家及居住地規定的其他便利",
            "Other conveniences set by the nation or the place of residence",
            False,
            "13",
            marks=pytest.mark.row("S1-083", "D13", "S2-24"),
            id="other_conveniences",
        ),
    ],
)
def test_the_entitlement_is_as_listed(
    jinan: Law,
    kind: str,
    number: int,
    code: str,
    zh_hans: str,
    zh_hant: str,
    en: str,
    place_bound: bool,
    article: str,
) -> None:
    found = {each.code: each for each in jinan.entitlements}[code]
    assert (found.kind, found.number, found.place_bound) == (kind, number, place_bound)
    assert (found.name.zh_hans, found.name.zh_hant, found.name.en) == (zh_hans, zh_hant, en)
    assert found.source.article == article
    assert [source.text for source in found.granted_by] == ["济政办字〔2019〕25号"]


@pytest.mark.row("S1-065", "S2-22", "S2-23", "S2-24", "D13")
def test_there_are_three_rights_six_services_and_nine_conveniences(nation: Law, jinan: Law) -> None:
    for law in (nation, jinan):
        assert Counter(each.kind for each in law.entitlements) == {"right": 3, "service": 6, "convenience": 9}


@pytest.mark.row("S1-079", "S1-080", "S1-081", "S1-082", "D13")
def test_four_conveniences_are_bound_to_the_place_of_residence(nation: Law) -> None:
    bound = [each.number for each in nation.entitlements if each.place_bound]
    assert bound == [5, 6, 7, 8]


def test_outside_jinan_nobody_is_named_who_serves(nation: Law) -> None:
    assert all(each.served_by == () and not each.assigned for each in nation.entitlements)
