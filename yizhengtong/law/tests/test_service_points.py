"""The 16 service points of Jinan, as the annex of 2019-04-19 has them (S2-44 to S2-62)."""

from datetime import date

import pytest

from yizhengtong.kernel.regions import region
from yizhengtong.law.law import Law


@pytest.mark.parametrize(
    ("number", "name", "kind", "address", "phone", "normalised", "district", "zone"),
    [
        pytest.param(
            1,
            "历下分局科院路派出所",
            "police_station",
            "历下区科院路6号",
            "82922110",
            "+86-531-82922110",
            "370102",
            None,
            marks=pytest.mark.row("S2-45"),
            id="S2-45",
        ),
        pytest.param(
            2,
            "市中分局六里山派出所",
            "police_station",
            "市中区玉函小区北区6号",
            "82569290",
            "+86-531-82569290",
            "370103",
            None,
            marks=pytest.mark.row("S2-46"),
            id="S2-46",
        ),
        pytest.param(
            3,
            "槐荫分局道德街派出所",
            "police_station",
            "槐荫区道德新路3号",
            "82666110",
            "+86-531-82666110",
            "370104",
            None,
            marks=pytest.mark.row("S2-47"),
            id="S2-47",
        ),
        pytest.param(
            4,
            "天桥分局纬北路派出所",
            "police_station",
            "天桥区北坦南街19号",
            "58663767",
            "+86-531-58663767",
            "370105",
            None,
            marks=pytest.mark.row("S2-48"),
            id="S2-48",
        ),
        pytest.param(
            5,
            "历城分局综合服务厅",
            "service_hall",
            "历城区山大北路51号",
            "88914345",
            "+86-531-88914345",
            "370112",
            None,
            marks=pytest.mark.row("S2-49"),
            id="S2-49",
        ),
        pytest.param(
            6,
            "长清分局大学路派出所",
            "police_station",
            "长清区大学路1277号",
            "85086806",
            "+86-531-85086806",
            "370113",
            None,
            marks=pytest.mark.row("S2-50"),
            id="S2-50",
        ),
        pytest.param(
            7,
            "章丘分局双山第二派出所",
            "police_station",
            "章丘区双山街道文化路388号",
            "83320836",
            "+86-531-83320836",
            "370114",
            None,
            marks=pytest.mark.row("S2-51"),
            id="S2-51",
        ),
        pytest.param(
            8,
            "高新区分局舜华路派出所",
            "police_station",
            "济南高新区新泺大街2566号",
            "67806692",
            "+86-531-67806692",
            None,
            "高新区",
            marks=pytest.mark.row("S2-52"),
            id="S2-52",
        ),
        pytest.param(
            9,
            "南部山区分局仲宫派出所",
            "police_station",
            "南部山区上海街西首",
            "85086486",
            "+86-531-85086486",
            None,
            "南部山区",
            marks=pytest.mark.row("S2-53"),
            id="S2-53",
        ),
        pytest.param(
            10,
            "济阳分局济北开发区派出所",
            "police_station",
            "济北开发区华阳路99号",
            "85088471",
            "+86-531-85088471",
            "370115",
            None,
            marks=pytest.mark.row("S2-54"),
            id="S2-54",
        ),
        pytest.param(
            11,
            "平阴县局榆山第一派出所",
            "police_station",
            "平阴县五岭路116号",
            "85088215",
            "+86-531-85088215",
            "370124",
            None,
            marks=pytest.mark.row("S2-55"),
            id="S2-55",
        ),
        pytest.param(
            12,
            "商河县局许商派出所",
            "police_station",
            "商河县银河路187号",
            "85088711",
            "+86-531-85088711",
            "370126",
            None,
            marks=pytest.mark.row("S2-56"),
            id="S2-56",
        ),
        pytest.param(
            13,
            "莱芜区分局城东派出所",
            "police_station",
            "莱芜区凤城东大街69号",
            "0634—5668403",
            "+86-634-5668403",
            "370116",
            None,
            marks=pytest.mark.row("S2-57"),
            id="S2-57",
        ),
        pytest.param(
            14,
            "钢城区分局西冶派出所",
            "police_station",
            "钢城区钢都大街197号（莱钢动力部院内）",
            "0634—5646322",
            "+86-634-5646322",
            "370117",
            None,
            marks=pytest.mark.row("S2-58"),
            id="S2-58",
        ),
        pytest.param(
            15,
            "雪野旅游区分局雪野派出所",
            "police_station",
            "莱芜区雪野镇上游村",
            "0634—5668520",
            "+86-634-5668520",
            None,
            "雪野旅游区",
            marks=pytest.mark.row("S2-59"),
            id="S2-59",
        ),
        pytest.param(
            16,
            "莱芜高新技术产业开发区分局华山路派出所",
            "police_station",
            "莱芜区汇河大街7号",
            "0634—5667212",
            "+86-634-5667212",
            None,
            "莱芜高新技术产业开发区",
            marks=pytest.mark.row("S2-60"),
            id="S2-60",
        ),
    ],
)
def test_the_point_is_as_printed(
    jinan: Law,
    number: int,
    name: str,
    kind: str,
    address: str,
    phone: str,
    normalised: str,
    district: str | None,
    zone: str | None,
) -> None:
    point = jinan.service_points[number - 1]
    assert (point.number, point.name, point.kind) == (number, name, kind)
    assert (point.address, point.phone, point.phone_normalised) == (address, phone, normalised)
    assert (point.region, point.zone) == (district, zone)
    assert point.as_of == date(2019, 4, 19)


@pytest.mark.row("S2-44")
def test_the_list_has_sixteen_points_in_the_printed_order(jinan: Law) -> None:
    assert [point.number for point in jinan.service_points] == list(range(1, 17))
    assert [point.rows[0] for point in jinan.service_points] == [f"S2-{row}" for row in range(45, 61)]


@pytest.mark.row("S2-61")
def test_four_points_lie_in_functional_zones_and_the_others_in_districts_that_exist(jinan: Law) -> None:
    assert [point.number for point in jinan.service_points if point.zone] == [8, 9, 15, 16]
    for point in jinan.service_points:
        if point.region is not None:
            district = region(point.region)
            assert district is not None
            assert district.parent == "370100"


@pytest.mark.row("S2-62")
def test_twelve_area_codes_are_inferred_and_four_are_printed(jinan: Law) -> None:
    marks = [(point.area_code_certainty, point.phone_normalised[:8]) for point in jinan.service_points]
    assert marks == [("M", "+86-531-")] * 12 + [("C", "+86-634-")] * 4
    assert all(point.phone_normalised.endswith(point.phone[-7:]) for point in jinan.service_points)


@pytest.mark.row("S2-14", "S2-44")
def test_every_district_and_county_of_jinan_has_one_point(jinan: Law) -> None:
    districts = [point.region for point in jinan.service_points if point.region]
    assert len(districts) == len(set(districts)) == 12
    assert jinan.value("acceptance.points_per_county") == 1
