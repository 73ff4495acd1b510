"""The first page: in three languages, from our own server alone, with nothing that a browser would run."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.sites.resident.views import _DOORS


class Page(HTMLParser):
    """The tags of a page with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def get(path: str = "/", accepts: str = "") -> Any:
    return Client().get(path, headers={"Accept-Language": accepts})


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_page_is_in_the_language_chosen(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    assert page.all("html") == [{"lang": language}]
    text = "".join(page.words)
    for code in ("front.title", "front.lead", "front.step_1", "front.step_5", "front.law", "front.fraud"):
        assert say(code, language) in text
    assert "front." not in text


def test_the_page_is_in_the_browsers_language_when_none_is_chosen() -> None:
    for accepts, language in (("zh-HK", "zh-Hant"), ("en-GB", "en"), ("zh-CN", "zh-Hans"), ("fr", "zh-Hans")):
        assert Page(get(accepts=accepts).content.decode()).all("html") == [{"lang": language}]


@pytest.mark.parametrize("odd", ["", "xx", "../../etc", "<script>", "zh-Hans%00", "%ff"])
def test_an_odd_choice_of_language_is_no_error_and_is_not_repeated(odd: str) -> None:
    answer = get(f"/?lang={odd}")
    assert answer.status_code == 200
    assert b"<script" not in answer.content


def test_every_other_language_is_one_link_away_named_in_itself(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    links = {a["href"]: a for a in page.all("a")}
    assert {f"?lang={code}" for code in LANGUAGES} <= set(links)
    assert links[f"?lang={language}"]["aria-current"] == "true"
    assert {"简体中文", "繁體中文", "English"} <= set(page.words)


def test_nothing_on_the_page_is_run_or_styled_inline(language: str) -> None:
    html = get(f"/?lang={language}").content.decode()
    page = Page(html)
    assert not page.all("script")
    assert not page.all("style")
    assert not [name for _, attributes in page.tags for name in attributes if name == "style" or name.startswith("on")]
    assert "javascript:" not in html


def test_nothing_on_the_page_comes_from_elsewhere(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    addresses = [a[name] or "" for _, a in page.tags for name in ("href", "src", "action", "srcset") if name in a]
    assert len(addresses) > 5
    assert not [address for address in addresses if re.match(r"[a-z]+:|//", address)]


def test_the_stylesheet_is_ours_and_loads_nothing_from_elsewhere() -> None:
    href = str(Page(get().content.decode()).all("link")[0]["href"])
    path = finders.find(href.removeprefix("/static/"))
    assert path
    with open(path, encoding="utf-8") as file:
        style = file.read()
    assert not re.search(r"https?:|//[a-z]|@import|url\(", style)
    assert Client().get(href).status_code == 200


def test_the_page_can_be_read_out_and_walked_by_keyboard(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("a")[0]["href"] == "#content"
    assert page.all("main")[0]["id"] == "content"
    assert all(nav["aria-label"] for nav in page.all("nav"))


@pytest.mark.django_db
def test_every_door_opens() -> None:
    for _, address in _DOORS:
        answer = Client().get(address)
        assert answer.status_code == 200, address
        assert answer.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", ["/", "/api/resident/openapi.json", "/nothing"])
def test_every_answer_tells_the_browser_to_be_strict(path: str) -> None:
    headers = get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert not re.search(r"unsafe|\*|https?:|data:", policy)
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Server"] == "yizhengtong"  # the web server keeps its name to itself
    assert "X-Powered-By" not in headers


def test_the_page_sets_no_cookie() -> None:
    assert not get().cookies


def test_a_page_that_does_not_exist_says_nothing_about_the_house() -> None:
    answer = get("/nothing")
    assert answer.status_code == 404
    assert b"urlconf" not in answer.content.lower()
    assert b"django" not in answer.content.lower()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_a_request_for_another_host_is_refused(host: str) -> None:
    assert Client(raise_request_exception=False).get("/", headers={"Host": host}).status_code == 400
