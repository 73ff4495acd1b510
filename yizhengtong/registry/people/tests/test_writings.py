"""Writings of one name beside a number that is right."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from yizhengtong.registry.people import names
from yizhengtong.registry.people.writings import comparable, fits, writings


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("叶小明", "葉小明"), ("葉小明", "叶小明"), ("范冰", "範冰"), ("余文", "餘文"), ("卫东", "衞東"),
        ("陈启", "陳啟"),
        ("王峰", "王峯"), ("温如", "溫如"), ("臺生", "台生"),
        ("王\ue863", "王䶮"), ("李\ue81e", "李龴"), ("陳\ue000", "陳𠕇"),
        ("葉 小明", "葉小明"), ("ＣＨＡＮ　TAI MAN", "CHAN TAI MAN"), ("葛\U000e0100", "葛"),
        ("CHAN, Tai-Man", "CHAN TAI MAN"), ("TAI MAN CHAN", "CHAN TAI MAN"), ("tai man, chan", "CHAN, TAI MAN"),
        ("CHAN TAIMAN", "Chan Tai Man"), ("José O’Neil", "JOSE O'NEIL"), ("DA SILVA MARIA", "Maria da Silva"),
        ("阿卜杜拉•买买提", "阿卜杜拉·買買提"), ("阿卜杜拉买买提", "阿卜杜拉‧買買提"),
        ("阿卜杜拉・買買提", "阿卜杜拉．买买提"),
    ],
)  # fmt: skip
def test_writings_of_one_name_fit(shown: str, printed: str) -> None:
    assert fits(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("", ""), ("···", ""), ("·", "葉"), ("", "葉小明"), ("葉", "葉小明"), ("小明葉", "葉小明"),
        ("小明 葉", "葉小明"),
        ("葉大明", "葉小明"), ("葉小?", "葉小䶮"), ("葉小□", "葉小䶮"), ("王\ue862", "王䶮"), ("游錫坤", "游錫堃"),
        ("TAN TAI MAN", "CHAN TAI MAN"), ("CHAN MAN TAI", "CHAN TAI MAN"), ("CHAN", "CHAN TAI MAN"),
        ("CHAN TAI MAN CHAN TAI MAN", "CHAN TAI MAN"), ("吉安", "𠮷安"),
    ],
)  # fmt: skip
def test_another_name_does_not_fit(shown: str, printed: str) -> None:
    assert not fits(shown, printed)


def test_whatever_is_one_name_to_the_register_is_one_beside_a_number() -> None:
    with Path(names.__file__).with_name("variants.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert fits(row["variant"], row["base"])
            assert names.same_name(row["variant"], row["base"])


def test_the_register_stays_strict() -> None:
    assert not names.same_name("范冰", "範冰")
    assert names.folded("範冰") == "範冰"


def test_each_character_stands_in_one_class_of_the_table() -> None:
    lines = Path(names.__file__).with_name("writings.txt").read_text(encoding="utf-8").split()
    letters = "".join(lines)
    assert len(letters) == len(set(letters))
    assert all(len(line) > 1 for line in lines)


@given(some.text(max_size=40))
def test_a_comparable_form_compares_as_itself_and_a_name_fits_itself(name: str) -> None:
    form = comparable(name)
    assert comparable(form) == form
    assert form in writings(name)
    assert fits(name, name) == bool(form)
