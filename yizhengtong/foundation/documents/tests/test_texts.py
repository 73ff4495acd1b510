"""Every code has words in three languages, with the same placeholders."""

import re
from pathlib import Path
from string import Formatter

import yaml

ROOM = Path(__file__).resolve().parents[1]
TEXTS = yaml.safe_load((ROOM / "texts.yaml").read_text(encoding="utf-8"))
SCAN_STATES = {"documents.waiting", "documents.infected", "documents.unscannable"}  # made from the state of a scan


def raised_codes() -> set[str]:
    sources = [path.read_text(encoding="utf-8") for path in ROOM.glob("*.py")]
    return set(re.findall(r'(?:Invalid|Conflict|NotFound|FieldError)\([^)]*?"(documents\.\w+)"', "".join(sources)))


def test_every_code_that_is_raised_has_words_and_every_word_a_code() -> None:
    assert len(raised_codes()) > 10
    assert raised_codes() | SCAN_STATES == set(TEXTS)


def test_all_languages_are_there_with_the_same_placeholders() -> None:
    for code, words in TEXTS.items():
        assert set(words) == {"zh-Hans", "zh-Hant", "en"}, code
        placeholders = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in words.values()]
        assert placeholders[0] == placeholders[1] == placeholders[2], code
