"""Looking at a page as users do: axe's rules, room on a narrow screen, targets for a thumb, the words, the focus."""

from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

from tests.pages.browser import _HEIGHTS, DESK, PHONE

TARGET, LARGE_TARGET = 44, 60
"""Least height of what is pressed, in CSS pixels: usual and in large type."""
_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  return found.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " +
    n.html.slice(0, 160)).join(" | "));
}"""
_ROOM = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_WIDEST = """() => [...document.querySelectorAll("body *")].filter(e => !e.closest(".scrolls, .unseen, .skip") &&
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3).map(e =>
  e.outerHTML.slice(0, 120))"""
_SMALL = """(least) => {
  const shown = e => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && !e.closest(".unseen, .skip");
  const isInText = e => e.tagName === "A" && getComputedStyle(e).display === "inline" &&
    [...e.parentNode.childNodes].some(n => n.nodeType === 3 && n.textContent.trim().length > 1);
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(e => shown(e) && !isInText(e)).map(e => {
      const target = e.matches("input[type=radio], input[type=checkbox]") && e.labels.length ? e.labels[0] : e;
      return [target.getBoundingClientRect(), e]; })
    .filter(([box]) => box.height > 0 && (box.height < least - .5 || box.width < 24))
    .map(([box, e]) => Math.round(box.width) + "×" + Math.round(box.height) + " " + e.outerHTML.slice(0, 120));
}"""
_FOCUS = """() => {
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, iframe, [tabindex]")]
    .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({checkVisibilityCSS: true}));
  const isSeen = e => { const s = getComputedStyle(e);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none"; };
  const takes = e => { e.focus({preventScroll: true}); return document.activeElement === e; };
  const unseen = stops.filter(e => takes(e) && !isSeen(e));
  document.activeElement.blur();
  return unseen.map(e => e.outerHTML.slice(0, 120));
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look: a width in CSS pixels, and large type or not."""

    width: int
    large: bool

    def __str__(self) -> str:
        return f"{self.width} {'large' if self.large else 'normal'}"


LOOKS = tuple(Look(width, large) for width in (PHONE, DESK) for large in (False, True))


def wrong_with(page: Page, looks: tuple[Look, ...] = LOOKS) -> list[str]:
    """Return what is wrong with the page shown, in each look; the page is left in the first one.

    axe is asked in normal type: what its rules say does not change with the size, and targets are measured here.
    """
    if not all(look.large for look in looks):
        page.evaluate(AXE_SCRIPT)
    wrong = [f"[{look}] {each}" for look in looks for each in _wrong_in(page, look)]
    _take(page, looks[0])
    return wrong


def _wrong_in(page: Page, look: Look) -> list[str]:
    _take(page, look)
    least = LARGE_TARGET if look.large else TARGET
    found = [f"axe {each}" for each in ([] if look.large else page.evaluate(_AXE))]
    if page.evaluate(_ROOM) > 0:
        found.append(f"scrolls sideways: {page.evaluate(_WIDEST)}")
    found += [f"small target: {each}" for each in page.evaluate(_SMALL, least)]
    if not look.large:
        found += [f"unseen focus: {each}" for each in unseen_focus(page)]
    return found


def _take(page: Page, look: Look) -> None:
    """Show the page in another width and size: size is an attribute of the root, nothing else of a page differs."""
    page.set_viewport_size({"width": look.width, "height": _HEIGHTS[look.width]})
    page.evaluate("large => document.documentElement.toggleAttribute('data-size', large)", look.large)
    if look.large:
        page.evaluate("document.documentElement.dataset.size = 'large'")


def unseen_focus(page: Page) -> list[str]:
    """Return what takes the focus without showing it, to somebody who goes by the Tab key."""
    page.keyboard.press("Tab")  # from here on the browser shows the focus, wherever it goes next
    found: list[str] = page.evaluate(_FOCUS)
    return found
