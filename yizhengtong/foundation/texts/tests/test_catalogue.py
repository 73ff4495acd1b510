"""Speaking a code: in the language asked for, with the facts, and 内地 or 大陆 as the person's region has it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.texts import LANGUAGES, catalogue, knows, language_of, say

SAMPLE = {
    "test.plain": {"zh-Hans": "简", "zh-Hant": "繁", "en": "plain"},
    "test.mainland": {"zh-Hans": "来{mainland}", "zh-Hant": "來{mainland}", "en": "come to {mainland}"},
    "test.fact": {"zh-Hans": "{day}前交{papers}", "zh-Hant": "{day}前交{papers}", "en": "{papers} by {day}"},
}


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "texts", lambda: SAMPLE)


@pytest.mark.parametrize(("language", "words"), [("zh-Hans", "简"), ("zh-Hant", "繁"), ("en", "plain"), ("fr", "简")])
def test_a_code_is_said_in_the_language_asked_for_else_in_simplified_chinese(language: str, words: str) -> None:
    assert say("test.plain", language) == words


def test_a_code_without_words_is_said_as_itself() -> None:
    assert say("test.unheard_of", "en") == "test.unheard_of"
    assert not knows("test.unheard_of")


@pytest.mark.parametrize(
    ("language", "region", "words"),
    [
        ("zh-Hans", "HK", "来内地"),
        ("zh-Hans", "MO", "来内地"),
        ("zh-Hans", "TW", "来大陆"),
        ("zh-Hans", "", "来内地（大陆）"),
        ("zh-Hant", "HK", "來內地"),
        ("zh-Hant", "MO", "來內地"),
        ("zh-Hant", "TW", "來大陸"),
        ("zh-Hant", "", "來內地（大陸）"),
        ("en", "HK", "come to the Mainland"),
        ("en", "TW", "come to the Mainland"),
    ],
)
def test_the_mainland_is_called_what_the_persons_region_calls_it(language: str, region: str, words: str) -> None:
    assert say("test.mainland", language, region=region) == words


def test_a_fact_that_is_needed_and_missing_stays_as_its_name() -> None:
    assert say("test.fact", "en", {"papers": "a lease"}) == "a lease by {day}"
    assert say("test.fact", "en") == "{papers} by {day}"


def test_days_are_written_as_the_reader_writes_them() -> None:
    facts = {"day": date(2026, 3, 1), "papers": ""}
    assert say("test.fact", "zh-Hant", facts) == "2026年3月1日前交"
    assert say("test.fact", "en", facts) == " by 2026-03-01"


def test_lists_codes_and_names_in_three_languages_are_said_in_the_readers() -> None:
    papers = ["test.plain", {"zh-Hans": "租约", "zh-Hant": "租約", "en": "lease"}]
    assert say("test.fact", "en", {"day": "x", "papers": papers}) == "plain; lease by x"
    assert say("test.fact", "zh-Hant", {"day": "x", "papers": papers}) == "x前交繁；租約"


@pytest.mark.parametrize("trick", ["{0.__class__}", "{day.__class__}", "{day[0]}", "{mainland!r}"])
def test_a_fact_is_never_read_as_a_form(trick: str) -> None:
    assert say("test.fact", "en", {"day": trick, "papers": ""}) == f" by {trick}"


def test_words_reach_into_no_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAMPLE, "test.deep", dict.fromkeys(LANGUAGES, "{day.year} {day[0]}"))
    assert "2026" not in say("test.deep", "en", {"day": date(2026, 3, 1)})


@given(st.dictionaries(st.sampled_from(["day", "papers", "mainland"]), st.text() | st.integers() | st.none()))
def test_saying_never_fails_whatever_the_facts_are(facts: dict[str, Any]) -> None:
    assert isinstance(say("test.fact", "zh-Hans", facts), str)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-HK", "zh-Hant"),
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("ZH-hant", "zh-Hant"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,en;q=0.5", "en"),
        ("fr,de", "zh-Hans"),
        ("*", "zh-Hans"),
        (";;;,,,q=", "zh-Hans"),
    ],
)
def test_a_browsers_languages_give_ours(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


@given(st.text())
def test_whatever_stands_in_the_header_one_of_our_languages_comes_out(accepted: str) -> None:
    assert language_of(accepted) in LANGUAGES


def test_a_code_with_words_in_two_rooms_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("first", "second"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "texts.yaml").write_text("a.b: {zh-Hans: 一, zh-Hant: 一, en: one}", encoding="utf-8")
    monkeypatch.setattr(catalogue, "_ROOT", tmp_path)
    with pytest.raises(KeyError, match="elsewhere already"):
        REAL_TEXTS.__wrapped__()


REAL_TEXTS = catalogue.texts
