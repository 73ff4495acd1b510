"""3 rights, 6 services, 9 conveniences, each with who owes it; service points by county."""

from collections import Counter

import pytest

from tests.support.law import JINAN, LIXIA, TODAY, law_of, library
from yizhengtong.rights.entitlements.queries import entitlements_at, service_points_at

OWED = {each.entitlement.code: each for each in entitlements_at(law_of())}


@pytest.mark.row("S1-065", "S2-22", "S2-23", "S2-24")
def test_there_are_3_rights_6_services_and_9_conveniences_in_their_order() -> None:
    kinds = Counter(each.entitlement.kind for each in entitlements_at(law_of()))
    assert sorted(kinds.values()) == [3, 6, 9]
    by_kind: dict[str, list[int]] = {}
    for each in entitlements_at(law_of()):
        by_kind.setdefault(each.entitlement.kind, []).append(each.entitlement.number)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_kind.values())


@pytest.mark.row("D26")
def test_an_entitlement_that_no_clause_assigns_is_flagged_and_falls_to_the_coordinators() -> None:
    law = law_of()
    unassigned = [each for each in OWED.values() if not each.entitlement.assigned]
    coordinators = tuple(agency.name for duty in law.duties if duty.coordinates for agency in duty.agencies)
    assert {each.entitlement.name.zh_hans for each in unassigned} >= {"参加社会保险", "劳动就业"}
    assert coordinators
    assert all(each.agencies == coordinators for each in unassigned)


@pytest.mark.row("S2-31", "S2-33", "S2-38", "D26")
@pytest.mark.parametrize(
    ("words", "agency"),
    [("住房公积金", "住房公积金"), ("义务教育", "教育局"), ("法律援助", "司法局"), ("旅馆", "公安局")],
)
def test_an_entitlement_that_a_clause_assigns_names_its_agency(words: str, agency: str) -> None:
    owed = next(each for each in OWED.values() if words in each.entitlement.name.zh_hans)
    assert owed.entitlement.assigned
    assert any(agency in name for name in owed.agencies), owed.agencies


@pytest.mark.row("D26")
def test_every_entitlement_in_jinan_is_owed_by_somebody() -> None:
    assert all(each.agencies for each in OWED.values())


def test_where_no_city_assigned_anything_the_entitlements_stand_without_agencies() -> None:
    nation = entitlements_at(library().law("cn", "hmt", TODAY))
    assert len(nation) == 18
    assert all(each.agencies == () for each in nation)


@pytest.mark.row("S2-14", "S2-45", "S2-61")
def test_a_county_has_its_own_point_first_and_the_city_all_sixteen() -> None:
    city = law_of(JINAN)
    assert len(service_points_at(city)) == 16
    counties = {point.region for point in service_points_at(city) if point.region}
    assert len(counties) == 12
    for county in counties:
        assert [point.region for point in service_points_at(law_of(county))] == [county, None, None, None, None]


@pytest.mark.row("S1-036", "S2-52", "S2-53", "S2-59", "S2-60", "S2-61")
def test_who_lives_in_a_functional_zone_finds_its_point_after_that_of_the_county() -> None:
    assert [point.name for point in service_points_at(law_of(LIXIA))] == [
        "历下分局科院路派出所",
        "高新区分局舜华路派出所",
        "南部山区分局仲宫派出所",
        "雪野旅游区分局雪野派出所",
        "莱芜高新技术产业开发区分局华山路派出所",
    ]


def test_a_county_of_another_city_has_none_of_jinans_points() -> None:
    assert service_points_at(library().law("370202", "hmt", TODAY)) == []


@pytest.mark.row("S2-61")
def test_four_points_lie_in_functional_zones_and_in_no_county() -> None:
    zones = [point.zone for point in service_points_at(law_of(JINAN)) if point.region is None]
    assert len(zones) == 4
    assert all(zones)
