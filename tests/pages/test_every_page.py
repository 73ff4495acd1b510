"""Every page that somebody is led to, as a browser shows it: axe, room, targets, words, nothing from outside.

One language carries the four looks (two widths × two sizes): size and width do not change with the language. The
others are looked at once, in large type on a phone, where words need most room; what axe says of structure and colours
was said in the first. Hong Kong's and Taiwan's words need the same room: each page is looked at in one of the two.
Who follows links does so once; the other looks go to the addresses that were found.
"""

import re

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import DESK, PHONE, Visitor, visiting
from tests.pages.conftest import Town
from tests.pages.looking import Look, wrong_with
from tests.pages.walking import Walk, walk
from yizhengtong.foundation.texts.catalogue import texts

STARTS = {
    "nobody": "/",
    "holder": "/home",
    "newcomer": "/home",
    "shop": "/partner/organisation",
    "demo-clerk": "/desk/",
    "demo-reviewer": "/desk/",
    "demo-supervisor": "/desk/",
    "demo-auditor": "/desk/",
}
"""Who walks from where. Those first look at what they share with others."""
TAIWANS = {"nobody", "shop", "demo-clerk"}
"""Who looks at their pages in Taiwan's words; the others do in Hong Kong's."""
_CODE = re.compile(r"\b[a-z_]+(?:\.[a-z_0-9]+)+\b")
_FILES = (".md", ".yaml", ".csv", ".pdf")
_WORDS = """() => {
    const written = document.querySelectorAll("code, pre");  // what developers write so is meant so
    written.forEach(each => each.style.display = "none");
    const words = document.body.innerText + " " + document.title;
    written.forEach(each => each.style.display = "");
    return words;
}"""
_SEEN: set[str] = set()
_WALKED: dict[str, Walk] = {}


def raw_codes(visitor: Visitor) -> list[str]:
    """Return codes that are shown in place of their words, and facts that a text did not get."""
    shown = visitor.page.evaluate(_WORDS)
    prefixes = {code.partition(".")[0] for code in texts()}
    codes = [code for code in _CODE.findall(shown) if code.partition(".")[0] in prefixes and not code.endswith(_FILES)]
    return [f"a code: {code}" for code in codes] + [f"a gap: {gap}" for gap in re.findall(r"\{[a-z_]+\}", shown)]


def look(visitor: Visitor, looks: tuple[Look, ...] = ()) -> list[str]:
    found = wrong_with(visitor.page, looks) if looks else wrong_with(visitor.page)
    return found + raw_codes(visitor)


def walked_by(who: str, town: Town, browser: Browser) -> Walk:
    """Return what somebody's walk found; they go once."""
    if who not in _WALKED:
        with visiting(browser, town.base, token=town.tokens.of(who)) as visitor:
            _WALKED[who] = walk(visitor, STARTS[who], lambda _path: look(visitor), seen=_SEEN)
    return _WALKED[who]


@pytest.mark.parametrize("who", STARTS)
def test_every_page_is_for_everybody_in_every_width_and_size(town: Town, browser: Browser, who: str) -> None:
    walked = walked_by(who, town, browser)
    assert walked.pages
    assert not walked.wrong, "\n".join(walked.wrong)


@pytest.mark.parametrize("who", STARTS)
@pytest.mark.parametrize("is_english", [True, False], ids=["English", "traditional"])
def test_every_page_is_for_everybody_in_the_other_languages(
    town: Town, browser: Browser, who: str, is_english: bool
) -> None:
    addresses = walked_by(who, town, browser).looked_at
    language = "en" if is_english else "zh-Hant-TW" if who in TAIWANS else "zh-Hant-HK"
    once = (Look(DESK if who.startswith("demo-") else PHONE, large=True),)
    with visiting(browser, town.base, language=language, large=True, token=town.tokens.of(who)) as visitor:
        for address in addresses:
            visitor.open(address)
            assert visitor.page.evaluate("document.documentElement.lang") == language, address
            assert not look(visitor, once), address
