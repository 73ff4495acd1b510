"""Every page that somebody is led to, as a browser shows it: axe, room, targets, words, nothing from outside.

One language carries the four looks (two widths × two sizes): size and width do not change with the language. The
others are looked at once, in large type on a phone, where words need most room; what axe says of structure and colours
was said in the first. Hong Kong's and Taiwan's words need the same room: each page is looked at in one of the two.
"""

import re

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import DESK, PHONE, Visitor, visiting
from tests.pages.conftest import Town
from tests.pages.looking import Look, unseen_focus, wrong_with
from tests.pages.walking import walk
from yizhengtong.foundation.texts.catalogue import texts

pytestmark = pytest.mark.xdist_group("pages")

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
IN_OTHERS = (
    *(("en", who) for who in ("nobody", "holder", "shop", "demo-clerk", "demo-reviewer", "demo-supervisor")),
    *(("zh-Hant-HK", who) for who in ("holder", "demo-reviewer", "demo-supervisor")),
    *(("zh-Hant-TW", who) for who in ("nobody", "shop", "demo-clerk")),
)
"""Which language is looked at by whom."""
_CODE = re.compile(r"\b[a-z_]+(?:\.[a-z_0-9]+)+\b")
_FILES = (".md", ".yaml", ".csv", ".pdf")
_WORDS = """() => {
    const written = document.querySelectorAll("code, pre");  // what developers write so is meant so
    written.forEach(each => each.style.display = "none");
    const words = document.body.innerText + " " + document.title;
    written.forEach(each => each.style.display = "");
    return words;
}"""
_SEEN: dict[str, set[str]] = {}


def raw_codes(visitor: Visitor) -> list[str]:
    """Return codes that are shown in place of their words, and facts that a text did not get."""
    shown = visitor.page.evaluate(_WORDS)
    prefixes = {code.partition(".")[0] for code in texts()}
    codes = [code for code in _CODE.findall(shown) if code.partition(".")[0] in prefixes and not code.endswith(_FILES)]
    return [f"a code: {code}" for code in codes] + [f"a gap: {gap}" for gap in re.findall(r"\{[a-z_]+\}", shown)]


def look(visitor: Visitor, looks: tuple[Look, ...] = ()) -> list[str]:
    found = wrong_with(visitor.page, looks) if looks else wrong_with(visitor.page)
    return found + raw_codes(visitor)


@pytest.mark.parametrize("who", STARTS)
def test_every_page_is_for_everybody_in_every_width_and_size(town: Town, browser: Browser, who: str) -> None:
    with visiting(browser, town.base, token=town.tokens.of(who)) as visitor:
        walked = walk(visitor, STARTS[who], lambda _path: look(visitor), seen=_SEEN.setdefault("zh-Hans", set()))
    assert walked.pages
    assert not walked.wrong, "\n".join(walked.wrong)


@pytest.mark.parametrize(("language", "who"), IN_OTHERS)
def test_every_page_is_for_everybody_in_the_other_languages(
    town: Town, browser: Browser, language: str, who: str
) -> None:
    once = (Look(PHONE if who in {"nobody", "holder", "newcomer", "shop"} else DESK, large=True),)
    with visiting(browser, town.base, language=language, large=True, token=town.tokens.of(who)) as visitor:
        walked = walk(visitor, STARTS[who], lambda _path: look(visitor, once), seen=_SEEN.setdefault(language, set()))
        assert visitor.page.evaluate("document.documentElement.lang") == language
    assert not walked.wrong, "\n".join(walked.wrong)


@pytest.mark.parametrize("who", ["nobody", "holder", "demo-clerk"])
def test_the_focus_is_seen_wherever_the_keyboard_goes(town: Town, browser: Browser, who: str) -> None:
    with visiting(browser, town.base, width=DESK, token=town.tokens.of(who)) as visitor:
        walked = walk(visitor, STARTS[who], lambda _path: unseen_focus(visitor.page))
    assert not [each for each in walked.wrong if "<" in each], "\n".join(walked.wrong)
