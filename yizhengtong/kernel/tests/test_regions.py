"""Codes the seeds and the law packs name, and containment by digits."""

import subprocess
import sys

import pytest

from yizhengtong.kernel import regions
from yizhengtong.kernel.regions import NATION, Region, ancestors, children, is_within, name_of, region


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330113", "临平区"),
        ("330114", "钱塘区"),
        ("370100", "济南市"),
        ("370116", "莱芜区"),
        ("370117", "钢城区"),
        ("331126", "庆元县"),
        ("331125", "云和县"),
        ("330381", "瑞安市"),
        ("330000", "浙江省"),
        ("810000", "香港特别行政区"),
        ("820000", "澳门特别行政区"),
        ("710000", "台湾省"),
    ],
)
def test_the_places_the_seeds_name_are_known_as_published(code: str, name: str) -> None:
    assert name_of(code) == name


def test_a_division_knows_its_level_and_what_is_above_it() -> None:
    assert region("331126") == Region("331126", "庆元县", "county", "331100")
    assert ancestors("331126") == ("331100", "330000", NATION)
    assert [found.level for found in map(region, ancestors("331126")) if found] == ["city", "province", "nation"]
    assert ancestors(NATION) == ()


def test_counties_without_a_city_hang_on_their_province() -> None:
    assert ancestors("110105") == ("110000", NATION)
    assert ancestors("659001") == ("650000", NATION)
    assert ancestors("419001") == ("410000", NATION)


def test_functional_zones_are_told_from_counties() -> None:
    assert region("370171") == Region("370171", "济南高新技术产业开发区", "zone", "370100")
    found = region("370116")
    assert found is not None
    assert found.level == "county"


def test_an_unknown_code_has_no_name_and_nothing_above() -> None:
    for code in ("", "999999", "33011", "3301130", "３３０１１３", "830000"):
        assert region(code) is None
        assert name_of(code) is None
        assert ancestors(code) == ()


@pytest.mark.parametrize(
    ("code", "area", "inside"),
    [
        ("331126", "331126", True),
        ("331126", "331100", True),
        ("331126", "330000", True),
        ("331126", NATION, True),
        ("331126", "331125", False),
        ("331126", "330100", False),
        ("331126", "331000", False),
        ("331100", "331126", False),
        ("330000", "331100", False),
        (NATION, "330000", False),
        (NATION, NATION, True),
        ("339999", "330000", True),
        ("33", "330000", False),
        ("331126", "33", False),
        ("331126", "", False),
    ],
)
def test_containment_is_told_by_the_digits(code: str, area: str, inside: bool) -> None:
    assert is_within(code, area) is inside


def test_the_divisions_below_come_in_the_order_of_their_codes() -> None:
    names = [found.name for found in children("331100")]
    assert {"庆元县", "云和县", "龙泉市"} <= set(names)
    assert len(children(NATION)) == 34
    codes = [found.code for found in children("330000")]
    assert codes == sorted(codes)
    assert children("331126") == ()


def test_every_division_lies_within_its_parent_and_every_parent_exists() -> None:
    known = [region(found.code) for found in regions._regions().values()]
    assert len(known) > 3300
    for found in known:
        assert found is not None
        assert len(found.code) == 6
        assert found.code == NATION or (region(found.parent) and is_within(found.code, found.parent))
        assert found.name == found.name.strip() != ""
        assert "直辖县级" not in found.name
        assert found.name != "市辖区"


def test_importing_reads_no_file_and_the_first_look_takes_little_time() -> None:
    script = (
        "import time; from yizhengtong.kernel import regions as r; n = r._regions.cache_info().currsize;"
        "t = time.process_time(); r.region('330113'); print(n, time.process_time() - t)"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert out[0] == "0"
    assert float(out[1]) < 0.02
