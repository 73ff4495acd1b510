"""A browser for page tests: a signed-in client, forms filled in as a page shows them, links followed."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.test import Client

from tests.support.people import next_seed
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account


def an_account() -> Account:
    """Return an account of a resident that nobody else of this run has."""
    return Account.objects.create(username=f"page-reader-{next_seed()}")


def browser_of(account: Account) -> Client:
    """Return a client that is signed in."""
    client = Client(headers={"Accept-Language": "zh-CN"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session(account)
    return client


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fields: dict[str, str] = {}
        self.errors = html.count('class="error"')
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag != "input" or not given.get("name") or given["name"] == "csrfmiddlewaretoken":
            return
        kind = given.get("type", "text")
        if kind in {"radio", "checkbox"} and "checked" not in given:
            return
        if kind != "file":
            self.fields[given["name"]] = given.get("value", "")


def fields_of(response: Any) -> dict[str, str]:
    """Return what the inputs of a page hold."""
    return _Page(response.content.decode()).fields


def links_of(response: Any) -> list[str]:
    """Return the addresses a page links to."""
    return _Page(response.content.decode()).links


def words_of(response: Any) -> str:
    """Return the words of a page without its tags."""
    return unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def sent(client: Client, address: str, **changes: Any) -> Any:
    """Open a page, send its form with changes, and return the answer, followed to where it leads."""
    shown = client.get(address)
    assert shown.status_code == 200, (address, shown.status_code, words_of(shown)[-600:])
    return client.post(address, {**fields_of(shown), **changes}, follow=True)
