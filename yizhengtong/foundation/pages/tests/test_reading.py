"""In which language and size a page speaks, and that a choice holds on the pages that follow."""

import re

import pytest
from django.test import Client

from yizhengtong.foundation.pages.languages import COOKIE as LANGUAGE_COOKIE
from yizhengtong.foundation.pages.reader import SIZE_COOKIE, Reader
from yizhengtong.foundation.texts import PAGE_LANGUAGES, catalogue, say


def html(client: Client, path: str = "/anybody", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_a_chosen_language_holds_on_the_pages_that_follow(language: str) -> None:
    client = Client()
    assert f'<html lang="{language}">' in html(client, f"/anybody?lang={language}")
    assert f'<html lang="{language}">' in html(client, **{"Accept-Language": "fr"})
    kept = client.cookies[LANGUAGE_COOKIE]
    assert (kept["httponly"], kept["samesite"]) == (True, "Lax")


def test_the_address_is_stronger_than_the_choice_and_the_choice_than_the_browser() -> None:
    client = Client()
    html(client, "/anybody?lang=zh-Hant-TW")
    assert '<html lang="zh-Hant-TW">' in html(client, **{"Accept-Language": "en"})
    assert '<html lang="en">' in html(client, "/anybody?lang=en")


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("zh-TW,zh;q=0.9", "zh-Hant-TW"),
        ("zh-HK", "zh-Hant-HK"),
        ("zh-MO", "zh-Hant-HK"),
        ("zh-Hant", "zh-Hant-HK"),
        ("zh-CN", "zh-Hans"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr", "zh-Hans"),
        ("", "zh-Hans"),
    ],
)
def test_without_a_choice_the_browsers_language_holds(accepts: str, language: str) -> None:
    assert f'<html lang="{language}">' in html(Client(), **{"Accept-Language": accepts})


def test_an_unknown_choice_is_not_kept() -> None:
    client = Client()
    html(client, "/anybody?lang=fr&size=huge")
    assert not client.cookies


def test_large_type_is_chosen_kept_and_left_again() -> None:
    client = Client()
    assert "data-size" not in html(client)
    assert 'data-size="large"' in html(client, "/anybody?size=large")
    assert 'data-size="large"' in html(client)
    assert client.cookies[SIZE_COOKIE].value == "large"
    assert "data-size" not in html(client, "/anybody?size=normal")
    assert "data-size" not in html(client)


def test_the_other_size_and_languages_keep_what_the_address_asked_for() -> None:
    shown = html(Client(), "/anybody?page=3&lang=en")
    assert 'href="?page=3&amp;lang=en&amp;size=large"' in shown
    assert 'href="?page=3&amp;lang=zh-Hant-TW"' in shown


@pytest.mark.parametrize(
    ("language", "word"),
    [("zh-Hans", "内地（大陆）"), ("zh-Hant-HK", "內地"), ("zh-Hant-TW", "大陸"), ("en", "the Mainland")],
)
def test_the_mainland_is_called_as_the_readers_region_calls_it(language: str, word: str) -> None:
    code = next(code for code, words in catalogue.texts().items() if "{mainland}" in words["zh-Hans"])
    assert word in Reader(language, False, None).say(code)


def test_words_are_those_of_the_readers_own_region_where_they_differ() -> None:
    assert say("pages.print", "zh-Hant-TW") == "列印"
    assert say("pages.print", "zh-Hant-HK") == "列印"
    assert say("pages.print", "zh-Hans") == "打印"


def test_the_page_goes_back_by_a_link_and_begins_with_a_way_to_the_content() -> None:
    shown = html(Client())
    assert re.search('<nav class="back" aria-label="[^"]+"><a href="/before">', shown)
    assert shown.index('href="#content"') < shown.index("<header")
