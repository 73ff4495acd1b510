"""What Jinan's notice means for who lives there: where to go, what it costs, on what it all rests."""

from datetime import date

import pytest

from tests.support.facts import facts_of
from tests.support.law import TODAY, law_of
from yizhengtong.permitting.applications.rules import look_at_conditions
from yizhengtong.registry.people.rules import may_represent
from yizhengtong.rights.entitlements.queries import service_points_at

NEAREST = {
    "370102": "历下分局科院路派出所",
    "370103": "市中分局六里山派出所",
    "370104": "槐荫分局道德街派出所",
    "370105": "天桥分局纬北路派出所",
    "370112": "历城分局综合服务厅",
    "370113": "长清分局大学路派出所",
    "370114": "章丘分局双山第二派出所",
    "370115": "济阳分局济北开发区派出所",
    "370116": "莱芜区分局城东派出所",
    "370117": "钢城区分局西冶派出所",
    "370124": "平阴县局榆山第一派出所",
    "370126": "商河县局许商派出所",
}


@pytest.mark.row("S2-14", "S1-036", "S0-T14")
@pytest.mark.parametrize(("district", "name"), NEAREST.items())
def test_each_district_and_county_has_one_point_near_its_residents(district: str, name: str) -> None:
    points = service_points_at(law_of(district))
    assert [point.name for point in points if point.region] == [name]
    assert points[0].name == name
    assert len(points) == 1 + 4  # the four functional zones lie in no district (S2-61)


@pytest.mark.row("S0-T14", "S2-44", "S2-49", "S2-61")
def test_the_city_shows_all_sixteen_and_both_kinds_of_counter() -> None:
    points = service_points_at(law_of("370100"))
    assert len(points) == 16
    assert [point.name for point in points if point.kind == "service_hall"] == ["历城分局综合服务厅"]
    assert {point.kind for point in points} == {"police_station", "service_hall"}


@pytest.mark.row("S2-19", "D2")
@pytest.mark.parametrize("item", ["hmt.first_issue", "hmt.replacement", "hmt.reissue"])
def test_whatever_is_applied_for_costs_nothing(item: str) -> None:
    law = law_of()
    fee = law[law.items[item].fee]
    assert (fee.value.charge, fee.value.fen, fee.source.text) == ("free", 0, "济政办字〔2019〕25号")


@pytest.mark.row("S0-T35", "D2")
def test_nobody_but_a_guardian_acts_for_a_child_and_no_one_for_an_adult() -> None:
    law = law_of()
    rules, source = law.value("proxy.rules"), law["proxy.rules"].source
    child, adult = date(2015, 3, 1), date(1994, 8, 23)
    assert may_represent(child, "guardian", rules, TODAY, source).met is True
    assert may_represent(adult, "guardian", rules, TODAY, source).met is False
    for relation in ("near_relative", "agent", ""):
        assert may_represent(child, relation, rules, TODAY, source).code == "people.relation_not_allowed"
    assert law.value("fee.third_party_allowed") is False


@pytest.mark.row("S0-T07")
def test_a_first_issue_rests_on_the_national_method() -> None:
    law = law_of()
    item = law.items["hmt.first_issue"]
    assert item.source.text == "国办发〔2018〕81号"
    findings = look_at_conditions(facts_of(), law, item, TODAY)
    named = {finding.code.partition(".")[2]: finding.source.text for finding in findings}
    for condition in ("has_one_of_three", "applies_of_own_will", "holds_accepted_travel_document"):
        assert named[condition] == "国办发〔2018〕81号"
