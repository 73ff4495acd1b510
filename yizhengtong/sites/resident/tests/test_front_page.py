"""The first page: in four languages, from our own server alone, with nothing inline that a browser would run."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from yizhengtong.foundation.texts import PAGE_LANGUAGES, say


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


@pytest.fixture(params=PAGE_LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_page_is_in_the_language_chosen(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    assert page.all("html") == [{"lang": language}]
    text = "".join(page.words)
    for code in ("front.title", "front.lead", "front.step_1", "front.step_5", "front.law", "front.fraud"):
        assert say(code, language) in text
    assert "front." not in text
    assert "{" not in text


@pytest.mark.row("S0-T34", "S0-T36")
def test_every_door_leads_where_it_says_and_the_warning_is_on_the_page(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    links = [link["href"] for link in page.all("a")]
    doors = ["/when", "/guide", "/apply", "/home", "/service-points", "/entitlements"]
    assert [link for link in dict.fromkeys(links) if link in doors] == doors
    assert {"/fraud", "/desk/", "/check-paper", "/about/privacy", "/about/accessibility"} <= set(links)
    assert {"law", "developers"} <= {each.get("id") for each in page.all("h2")}
    assert {"#law", "#developers"} <= set(links)
    assert links.index("/when") < links.index("/desk/") < links.index("/api/resident/openapi.json")


def test_large_type_is_one_link_away() -> None:
    assert "?size=large" in {link["href"] for link in Page(get().content.decode()).all("a")}
    assert Page(get("/?size=large").content.decode()).all("html") == [{"lang": "zh-Hans", "data-size": "large"}]


def test_where_no_demonstration_city_was_made_none_is_shown(home: Path) -> None:
    (home / "demonstration.json").unlink(missing_ok=True)  # of a test before
    text = get().content.decode()
    assert "demo-clerk" not in text
    assert say("front.demonstration_title") not in text


def test_the_page_is_in_the_browsers_language_when_none_is_chosen() -> None:
    wanted = {"zh-HK": "zh-Hant-HK", "zh-TW": "zh-Hant-TW", "en-GB": "en", "zh-CN": "zh-Hans", "fr": "zh-Hans"}
    for accepts, language in wanted.items():
        assert Page(get(accepts=accepts).content.decode()).all("html") == [{"lang": language}]


@pytest.mark.parametrize("odd", ["", "xx", "../../etc", "<script>", "zh-Hans%20", "%ff"])
def test_an_odd_choice_of_language_is_no_error_and_is_not_repeated(odd: str) -> None:
    answer = get(f"/?lang={odd}")
    assert answer.status_code == 200
    assert b"<script>" not in answer.content
    assert not answer.cookies


def test_every_other_language_is_one_link_away_named_in_itself(language: str) -> None:
    page = Page(get(f"/?lang={language}").content.decode())
    links = {a["href"]: a for a in page.all("a")}
    assert {f"?lang={code}" for code in PAGE_LANGUAGES} <= set(links)
    assert links[f"?lang={language}"]["aria-current"] == "true"
    assert {"简体中文", "繁體中文（港澳）", "繁體中文（台灣）", "English"} <= set(page.words)


def test_nothing_on_the_page_is_run_or_styled_inline(language: str) -> None:
    html = get(f"/?lang={language}").content.decode()
    page = Page(html)
    assert all((script["src"] or "").startswith("/static/") for script in page.all("script"))
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
def test_every_door_opens_or_leads_to_the_sign_in() -> None:
    own = {a["href"] or "" for a in Page(get().content.decode()).all("a")}
    doors = [address for address in own if address.startswith("/")]
    assert doors
    for address in doors:
        assert Client().get(address).status_code in {200, 302}, address


@pytest.mark.parametrize("path", ["/", "/api/resident/openapi.json", "/nothing"])
def test_every_answer_tells_the_browser_to_be_strict(path: str) -> None:
    headers = get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert not re.search(r"unsafe|\*|https?:", policy)
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
