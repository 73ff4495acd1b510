"""Every code this room raises has its words, in three languages that ask for the same facts."""

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from yizhengtong.kernel.numbers import DocumentKind

ROOM = Path(__file__).parents[1]
TEXTS: dict[str, dict[str, str]] = yaml.safe_load((ROOM / "texts.yaml").read_text(encoding="utf-8"))
CODES = {
    code
    for file in (ROOM / "numbers").glob("*.py")
    for code in re.findall(r'"(numbers\.\w+)"', file.read_text(encoding="utf-8"))
}
KINDS = {f"numbers.kinds.{kind.value}" for kind in DocumentKind}


def test_every_code_and_every_kind_has_words_and_no_words_are_left_over() -> None:
    assert len(CODES) >= 12
    assert set(TEXTS) == CODES | KINDS


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_the_three_languages_ask_for_the_same_facts(code: str) -> None:
    words = TEXTS[code]
    assert list(words) == ["zh-Hans", "zh-Hant", "en"]
    asked = [sorted({name for _, name, _, _ in Formatter().parse(text) if name}) for text in words.values()]
    assert asked[0] == asked[1] == asked[2]
    assert set(asked[0]) <= {"given", "expected"}


@pytest.mark.parametrize("code", sorted(CODES))
def test_messages_are_whole_sentences_that_say_what_to_do_next(code: str) -> None:
    words = TEXTS[code]
    assert words["zh-Hans"].endswith("。")
    assert words["zh-Hant"].endswith("。")
    assert words["en"].endswith(".")
    assert "请" in words["zh-Hans"]
    assert "請" in words["zh-Hant"]


def test_the_words_for_71_say_that_taiwan_is_830000() -> None:
    assert all("830000" in text for text in TEXTS["numbers.taiwan_is_83_not_71"].values())


def test_brackets_and_quotes_come_in_pairs() -> None:
    for words in TEXTS.values():
        for text in words.values():
            assert text.count("（") == text.count("）")
            assert text.count("“") == text.count("”")
