"""Places as people write them: a code, a name in either writing, with or without the province before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from yizhengtong.kernel.regions import NATION, Region, ancestors, children, is_on_the_mainland, name_of, region

_DIGITS = 6
_SHORTEST, _MOST = 2, 12
_TRADITIONAL = dict(
    zip(
        "縣區鄉鎮門廣東濟歷灣陽陰龍鳳蘇鄭陝寧長張國華興義烏紹溫嶺樂麗澤蘭慶廈閩濱羅錫蒼雲臨貴隴歸瀋遼齊爾濱哈錦盤鐵嶺"
        "紹嵊贛撫韶關揭雲晉豐澄錢蕭穀館際鹽連雲連揚鎮態遷賓樂資雅銅遵畢節滬渝邊亞島陵萬鄂襄荊隨黃岡嘉黑綏鷄鷹瀘綿"
        "滄衛陸靈寶駐馬鶴壁漢黨樓濰濮漯禮莊縉雲慶遂龍鬆鬥鄒騰萊蕪澗洛嶽崑駒劍閣滿裡庫爾臺後聖",
        "县区乡镇门广东济历湾阳阴龙凤苏郑陕宁长张国华兴义乌绍温岭乐丽泽兰庆厦闽滨罗锡苍云临贵陇归沈辽齐尔滨哈锦盘铁岭"
        "绍嵊赣抚韶关揭云晋丰澄钱萧谷馆际盐连云连扬镇态迁宾乐资雅铜遵毕节沪渝边亚岛陵万鄂襄荆随黄冈嘉黑绥鸡鹰泸绵"
        "沧卫陆灵宝驻马鹤壁汉党楼潍濮漯礼庄缙云庆遂龙松斗邹腾莱芜涧洛岳昆驹剑阁满里库尔台后圣",
        strict=True,
    )
)
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A place asked for: its code, empty where it is not known; else what it may have meant."""

    words: str
    code: str = ""
    candidates: tuple[Region, ...] = ()

    @property
    def name(self) -> str:
        """The full name of the place."""
        return full_name(self.code) if self.code else ""


def place_asked(words: str, *, counties_only: bool = False) -> Asked:
    """Return the place that somebody wrote. `counties_only`: where one lives, not a province or city around it."""
    words = words.strip()
    simple = words.translate(_TO_SIMPLIFIED).replace(" ", "")
    if len(simple) == _DIGITS and simple.isascii() and simple.isdigit():
        known = region(simple)
        return Asked(words, simple if known and _fits(known, counties_only) else "")
    found = [each for each in _all() if _fits(each, counties_only) and _is_meant(simple, each)]
    exact = [each for each in found if simple in (each.name, full_name(each.code), each.name[:-1])]
    chosen = exact if len(exact) == 1 else found
    return Asked(words, chosen[0].code) if len(chosen) == 1 else Asked(words, "", tuple((exact or found)[:_MOST]))


def place_or_here(words: str) -> Asked:
    """Return the place that somebody wrote, or the deployment's where they wrote none."""
    return place_asked(words) if words.strip() else Asked("", settings.YZT_REGION)


@cache
def full_name(code: str) -> str:
    """Return the name of a place with those above it: 山东省济南市历下区."""
    above = [name_of(each) or "" for each in reversed(ancestors(code)) if each != NATION]
    return "".join([*above, name_of(code) or code])


def _fits(place: Region, counties_only: bool) -> bool:
    if not is_on_the_mainland(place.code) or place.code == NATION:
        return False
    return not counties_only or place.level in ("county", "zone") or not children(place.code)


def _is_meant(simple: str, place: Region) -> bool:
    return len(simple) >= _SHORTEST and (simple in place.name or full_name(place.code).endswith(simple))


@cache
def _all() -> tuple[Region, ...]:
    return tuple(_below(NATION))


def _below(code: str) -> Iterator[Region]:
    for place in children(code):
        yield place
        yield from _below(place.code)
