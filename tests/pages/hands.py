"""A keyboard and nothing else: Tab until it is there, arrows within a group, letters, space and return.

Whatever gets the focus on the way must show it.
"""

from typing import Any

from playwright.sync_api import Locator

from tests.pages.browser import Visitor

_MOST_TABS = 250
_HERE = """(wanted) => { const e = document.activeElement, s = getComputedStyle(e);
  return {isIt: e === wanted, isSeen: e === document.body || e.matches("[tabindex='-1']") ||
    (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none",
    what: e.outerHTML.slice(0, 120)}; }"""


def tab_to(visitor: Visitor, wanted: Locator) -> None:
    """Press Tab until it has the focus. Raises AssertionError where it never has, or where a focus is not seen."""
    handle = wanted.element_handle()
    for _ in range(_MOST_TABS):
        here = visitor.page.evaluate(_HERE, handle)
        assert here["isSeen"], f"{visitor.path}: the focus is not seen on {here['what']}"
        if here["isIt"]:
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"{visitor.path}: the Tab key does not lead to {wanted}")


def press_on(visitor: Visitor, wanted: Locator) -> None:
    """Go to a link or a button, press return, and wait for the page that follows."""
    tab_to(visitor, wanted)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def tick(visitor: Visitor, box: Locator) -> None:
    """Tick a box that is not ticked yet."""
    tab_to(visitor, box)
    if not box.is_checked():
        visitor.page.keyboard.press("Space")
    assert box.is_checked()


def choose(visitor: Visitor, group: Locator, value: Any) -> None:
    """Go to a group of radio buttons, by the arrows to the one with this value, and choose it."""
    wanted = group.and_(visitor.page.locator(f'[value="{value}"]'))
    first = group.and_(visitor.page.locator(":checked"))
    tab_to(visitor, first if first.count() else group.first)
    for _ in range(group.count()):
        if wanted.evaluate("e => e === document.activeElement"):
            break
        visitor.page.keyboard.press("ArrowDown")
    if not wanted.is_checked():
        visitor.page.keyboard.press("Space")
    assert wanted.is_checked()


def type_in(visitor: Visitor, field: Locator, text: str) -> None:
    """Write over what stands in a field."""
    tab_to(visitor, field)
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.insert_text(text)


def hand_file(visitor: Visitor, field: Locator, file: Any) -> None:
    """Open the list of files by return, and choose one."""
    tab_to(visitor, field)
    with visitor.page.expect_file_chooser() as chooser:
        visitor.page.keyboard.press("Enter")
    chooser.value.set_files(file)
