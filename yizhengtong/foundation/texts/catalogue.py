"""Reading and speaking the texts."""

import string
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from yizhengtong.foundation.yaml_files import read_yaml

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
PAGE_LANGUAGES = ("zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en")
"""What a page speaks. A code may have words of its own for `zh-Hant-HK` or `zh-Hant-TW`; else `zh-Hant`'s hold."""
_VARIANTS = {"zh-Hant-HK": ("zh-Hant", "HK"), "zh-Hant-TW": ("zh-Hant", "TW")}
_DEFAULT = "zh-Hans"
_ROOT = Path(__file__).resolve().parents[2]
_MAINLAND = {
    "zh-Hans": {"HK": "内地", "MO": "内地", "TW": "大陆"},
    "zh-Hant": {"HK": "內地", "MO": "內地", "TW": "大陸"},
    "en": {"HK": "the Mainland", "MO": "the Mainland", "TW": "the Mainland"},
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MAINLAND_BOTH = {"zh-Hans": "内地（大陆）", "zh-Hant": "內地（大陸）", "en": "the Mainland"}


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return every code's words by language, from all texts.yaml of the house. Raises KeyError on a double code."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(_ROOT.rglob("texts.yaml")):
        for code, words in (read_yaml(path) or {}).items():
            if code in found:
                raise KeyError(f"{path.relative_to(_ROOT)}: {code} has words elsewhere already")
            found[code] = words
    return found


def say(code: str, language: str = _DEFAULT, facts: Mapping[str, object] | None = None, *, region: str = "") -> str:
    """Return the words of `code` in `language` with `facts` filled in; the code itself if it has no words.

    `region` (HK, MO, TW or empty) is the person's, for 内地 and 大陆. A fact that the words need and do not get is
    shown as its name: a notice with a gap is better than none.
    """
    words = texts().get(code)
    if words is None:
        return code
    base, variant_region = _VARIANTS.get(language, (language if language in LANGUAGES else _DEFAULT, ""))
    region = region or variant_region
    filled = {name: _shown(value, base, region) for name, value in (facts or {}).items()}
    filled["mainland"] = _MAINLAND[base].get(region, _MAINLAND_BOTH[base])
    return _Lenient().vformat(words.get(language) or words[base], (), filled)


def language_of(accepted: str) -> str:
    """Return our language for an Accept-Language header: traditional for zh-Hant/HK/MO/TW, English, else simplified."""
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("en"):
            return "en"
        if tag.startswith("zh"):
            return "zh-Hant" if tag in {"zh-hant", "zh-hk", "zh-mo", "zh-tw"} or "hant" in tag else "zh-Hans"
    return _DEFAULT


def base_of(language: str) -> str:
    """Return the one of LANGUAGES that a page language is written in."""
    return _VARIANTS.get(language, (language, ""))[0]


def page_language_of(accepted: str) -> str:
    """Return the page language for an Accept-Language header: traditional as in Taiwan for zh-TW, else Hong Kong's."""
    if language_of(accepted) != "zh-Hant":
        return language_of(accepted)
    return "zh-Hant-TW" if "zh-tw" in accepted.split(",")[0].lower() else "zh-Hant-HK"


def day_in_words(day: date, language: str) -> str:
    """Return a day as it is read: 2026年8月1日, or 1 August 2026."""
    if base_of(language) == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def knows(code: str) -> bool:
    """Whether a code has words of its own."""
    return code in texts()


def _shown(value: object, language: str, region: str) -> object:
    if isinstance(value, date):
        return value.isoformat() if language == "en" else f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, str):
        return say(value, language, region=region) if "." in value and knows(value) else value
    if isinstance(value, Mapping) and language in value:
        return value[language]
    if isinstance(value, (list, tuple)):
        return ("; " if language == "en" else "；").join(str(_shown(item, language, region)) for item in value)
    return value


class _Lenient(string.Formatter):
    """Format that leaves `{name}` where no fact of that name is given, and knows no attributes or indexes."""

    def get_field(self, field_name: str, _args: object, kwargs: Mapping[str, object]) -> tuple[object, str]:
        return kwargs.get(field_name, f"{{{field_name}}}"), field_name
