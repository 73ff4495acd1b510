"""Nation → province → city → county: the nearest value decides, on the days it is in force, subjects apart."""

from datetime import date, timedelta

import pytest

from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.reading import Library
from yizhengtong.law.tests.packs import CITY, COUNTY, DEVIATION, NATION, PROVINCE, RESIDENCE, entry, limit, pack

DAY = date(2022, 5, 5)
ONE = timedelta(days=1)


def four_levels() -> Library:
    return Library.from_texts(
        {
            **pack(NATION, issue__limit=limit(20), delivery__modes=entry("[collect]", "list")),
            **pack(PROVINCE, issue__limit=limit(18)),
            **pack(CITY, issue__limit=limit(15), delivery__modes=entry("[collect, post]", "list")),
            **pack(COUNTY, issue__limit=limit(10)),
        }
    )


@pytest.mark.parametrize(
    ("region", "n"), [("cn", 20), ("370000", 18), ("370100", 15), ("370102", 10), ("370103", 15), ("440300", 20)]
)
def test_the_nearest_value_decides(region: str, n: int) -> None:
    assert four_levels().law(region, "hmt", DAY).value("issue.limit").n == n


def test_what_a_place_does_not_say_it_inherits() -> None:
    law = four_levels().law("370102", "hmt", DAY)
    assert law.value("delivery.modes") == ("collect", "post")
    assert law["delivery.modes"].pack == CITY


def test_a_value_holds_from_its_day_and_not_on_the_day_before_and_ends_before_its_last() -> None:
    texts = pack(NATION, issue__limit=limit(20, until="2021-06-01") + limit(15, since="2021-06-01"))
    library = Library.from_texts(texts)
    change = date(2021, 6, 1)
    assert [library.law("cn", "hmt", day).value("issue.limit").n for day in (change - ONE, change, change + ONE)] == [
        20,
        15,
        15,
    ]


def test_before_the_first_day_no_law_is_in_force() -> None:
    library = Library.from_texts(pack(NATION, issue__limit=limit(20)))
    assert library.law("cn", "hmt", date(2020, 1, 1)).value("issue.limit").n == 20
    with pytest.raises(NotFound, match=r"law\.none_in_force"):
        library.law("cn", "hmt", date(2019, 12, 31))


@pytest.mark.parametrize("region", ["", "37", "3701020", "abcdef", "３７０１００"])
def test_a_region_that_is_no_code_has_no_law(region: str) -> None:
    with pytest.raises(NotFound, match=r"law\.none_in_force"):
        four_levels().law(region, "hmt", DAY)


@pytest.mark.row("D14")
def test_the_subjects_are_never_mixed(library: Library) -> None:
    hmt, floating = library.law("370100", "hmt", DAY), library.law("370100", "floating", DAY)
    assert floating.value("issue.limit").unit == "day"
    assert hmt.value("issue.limit").unit == "workday"
    assert "endorsement.late" not in hmt
    assert {path for path, _ in hmt.pack_hashes} & {path for path, _ in floating.pack_hashes} == {"cn/calendar.yaml"}
    assert (floating.service_points, floating.duties, dict(floating.items)) == ((), (), {})
    assert {each.source.text for each in floating.entitlements} == {"国务院令第663号"}


@pytest.mark.row("S2-08", "S2-42", "D4")
def test_a_stricter_deviation_is_kept_and_the_favourable_reading_decides() -> None:
    city = entry(RESIDENCE % ("months", 9, "city"), "record", more=DEVIATION)
    library = Library.from_texts(
        {
            **pack(NATION, residence__requirement=entry(RESIDENCE % ("months", 6, "nation"), "record")),
            **pack(CITY, residence__requirement=city),
        }
    )
    parameter = library.law("370102", "hmt", DAY)["residence.requirement"]
    assert (parameter.value.n, parameter.value.scope, parameter.pack) == (6, "nation", NATION)
    assert parameter.deviation
    assert [(reading.value.n, reading.pack) for reading in parameter.readings] == [(6, NATION), (9, CITY)]
    assert parameter.readings[1].deviation == "because it is printed so"


@pytest.mark.row("S2-08", "S2-42", "D4")
def test_in_jinan_half_a_year_in_the_mainland_decides_and_in_jinan_is_shown_beside_it(library: Library) -> None:
    parameter = library.law("370102", "hmt", DAY)["residence.requirement"]
    assert (parameter.value.n, parameter.value.measure, parameter.value.scope) == (6, "months", "nation")
    assert parameter.deviation
    assert [reading.value.scope for reading in parameter.readings] == ["nation", "city"]
    assert [str(reading.source) for reading in parameter.readings] == [
        "国办发〔2018〕81号 art. 2",
        "济政办字〔2019〕25号 art. 二",
    ]


def test_a_local_value_that_is_better_needs_no_deviation_and_decides() -> None:
    texts = {**pack(NATION, issue__limit=limit(20)), **pack(CITY, issue__limit=limit(19))}
    parameter = Library.from_texts(texts).law("370100", "hmt", DAY)["issue.limit"]
    assert (parameter.value.n, parameter.deviation, len(parameter.readings)) == (19, False, 1)
