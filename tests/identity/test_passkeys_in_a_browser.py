"""Passkeys in Chromium, with a virtual authenticator: made, used to sign in, used as a second factor."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, sync_playwright

from yizhengtong.foundation.accounts.models import Account

pytestmark = pytest.mark.django_db(transaction=True)
CHROMIUM = "/usr/bin/chromium"
PASSWORD = "correct horse battery 7"
_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def browser_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page of a browser with a passkey device. A missing browser fails in CI."""
    if not Path(CHROMIUM).exists():
        pytest.fail("chromium is missing") if os.environ.get("CI") else pytest.skip("chromium is missing")
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)  # the server's threads leave none open
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 900})
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        yield page
        browser.close()


def picture(page: Page, name: str) -> None:
    """Keep a picture where YZT_PICTURES names a folder."""
    folder = os.environ.get("YZT_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_passkey_is_made_and_signs_in(browser_page: Page, live_server: Any) -> None:
    page, root = browser_page, live_server.url.replace("127.0.0.1", "localhost")
    Account.objects.create_user("ming", PASSWORD)
    page.goto(f"{root}/sign-in?next=/security")
    picture(page, "sign-in")
    page.fill("[name=username]", "ming")
    page.fill("[name=password]", PASSWORD)
    page.click("form:not([data-passkey]) button.main")
    page.wait_for_url(f"{root}/security")  # the whole address: that of the sign-in ends like it
    picture(page, "security-empty")
    page.click("a[href='/security/passkeys/new']")
    page.fill("[name=passkey_name]", "我的手机")
    picture(page, "passkey-add")
    page.click("form[data-passkey] button")
    page.wait_for_url(f"{root}/security")
    assert "我的手机" in page.content()
    picture(page, "security-passkey")

    page.context.clear_cookies()
    page.goto(f"{root}/sign-in?next=/security")
    page.click("form[data-passkey] button")
    page.wait_for_url(f"{root}/security")

    page.context.clear_cookies()
    page.goto(f"{root}/sign-in?next=/security")
    page.fill("[name=username]", "ming")
    page.fill("[name=password]", PASSWORD)
    page.click("form:not([data-passkey]) button.main")
    page.wait_for_url("**/sign-in/second-factor**")
    picture(page, "second-factor")
    page.click("form[data-passkey] button")
    page.wait_for_url(f"{root}/security")
