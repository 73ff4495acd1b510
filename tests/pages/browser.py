"""Debian's Chromium, driven as people use it: a phone or a desk, a language, a size, with a session or without one.

Nothing leaves this machine: the browser finds no other address than this one, and a request to another fails the test,
as does an error of a script.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

PHONE, DESK = 360, 1280
_HEIGHTS = {PHONE: 740, DESK: 900}
_SWITCHES = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--force-color-profile=srgb", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)
_OWN = ("data:", "blob:", "about:", "chrome:", "chrome-extension:", "chrome-error:")
"""What a browser asks itself for, as to show a PDF."""

SECONDS = 60


def chromium() -> str:
    """Return where Chromium is. Raises AssertionError where it is not: pages are never left untested."""
    found = shutil.which("chromium", path="/usr/bin:/usr/local/bin")
    assert found, "Chromium is missing: run `scripts/setup.py browser`"
    return found


@contextmanager
def started() -> Iterator[Browser]:
    """Run one browser."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """Somebody at a browser of their own. `wrong`: what went wrong unseen, told when the visitor leaves.

    `by_keyboard`: who has no mouse. `leaves_to`: an address of somebody else to which a page may lead away.
    """

    context: BrowserContext
    base: str
    by_keyboard: bool = False
    leaves_to: str = ""
    page: Page = field(init=False)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(SECONDS * 1000)
        self.page = self.context.new_page()
        self.page.on("request", self._stay_inside)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("console", self._hear)
        self.page.on("response", self._look)
        if self.by_keyboard:
            self.page.on("filechooser", lambda _: None)  # so that lists of files are told from the first key on

    def _stay_inside(self, request: Request) -> None:
        may_go = (self.base, *_OWN, *([self.leaves_to] if self.leaves_to else []))
        if not request.url.startswith(may_go):
            self.wrong.append(f"a request went outside: {request.url}")

    def _hear(self, said: Any) -> None:
        is_of_a_file = "'default-src 'none''" in said.text  # Chromium styles a picture that it shows by itself
        if said.type == "error" and "Content Security Policy" in said.text and not is_of_a_file:
            self.wrong.append(said.text)

    def _look(self, answer: Any) -> None:
        if answer.status >= 500:
            self.wrong.append(f"{answer.status} at {answer.url.removeprefix(self.base)}")

    def open(self, path: str) -> Page:
        """Go to an address of the platform."""
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def signed_in(self, token: str) -> "Visitor":
        """Give this browser a session that was begun elsewhere."""
        self.context.add_cookies([{"name": "sessionid", "value": token, "url": self.base, "httpOnly": True}])
        return self

    @property
    def path(self) -> str:
        """The address shown, without the host."""
        return self.page.url.removeprefix(self.base)

    def press(self, name: str) -> None:
        """Press the button, or follow the link, of this name, and wait for the page that follows."""
        button = self.page.get_by_role("button", name=name, exact=True)
        target = button if button.count() else self.page.get_by_role("link", name=name, exact=True)
        target.first.click()
        self.page.wait_for_load_state("load")


@contextmanager
def visiting(
    browser: Browser,
    base: str,
    *,
    width: int = PHONE,
    language: str = "zh-Hans",
    large: bool = False,
    javascript: bool = True,
    token: str = "",
    by_keyboard: bool = False,
    leaves_to: str = "",
    expects_wrong: bool = False,
) -> Iterator[Visitor]:
    """Open a browser of somebody's own; when it is closed, fail for what went wrong unseen unless that is expected."""
    context = browser.new_context(
        viewport={"width": width, "height": _HEIGHTS[width]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
        has_touch=width == PHONE,
        bypass_csp=False,
        reduced_motion="reduce",
    )
    cookies = {"yzt_language": language, **({"yzt_size": "large"} if large else {})}
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    visitor = Visitor(context, base, by_keyboard, leaves_to)
    if token:
        visitor.signed_in(token)
    try:
        yield visitor
    finally:
        context.close()
    if not expects_wrong:
        assert not visitor.wrong, visitor.wrong
