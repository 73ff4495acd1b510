"""A wrong pack is refused with file, line, key and article: everything that is wrong in it, at once."""

import pytest
import yaml

from yizhengtong.law.errors import PackError, PackErrors, texts
from yizhengtong.law.keys import KEYS
from yizhengtong.law.reading import Library, load, pack_texts
from yizhengtong.law.tests.packs import CITY, DEVIATION, LIMIT, NATION, entry, limit, pack


def refused(*, text: str | None = None, path: str = NATION, **parameters: str) -> tuple[PackError, ...]:
    packs = {path: text} if text is not None else pack(path, **parameters)
    with pytest.raises(PackErrors) as caught:
        Library.from_texts(packs)
    return caught.value.errors


def test_the_packs_of_this_project_are_sound() -> None:
    library = load()
    assert len(library.files) >= 9


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"issue__limt": limit(20)}, "law.unknown_key"),
        ({"issue__limit": entry(LIMIT % 20, "day")}, "law.wrong_unit"),
        ({"issue__limit": entry("twenty", "workday")}, "law.wrong_type"),
        ({"issue__limit": entry(LIMIT % 0, "workday")}, "law.wrong_type"),
        ({"fee__first": entry("{charge: free, fen: 10}", "fen")}, "law.wrong_type"),
        ({"receipt__required": entry('"true"', "flag")}, "law.wrong_type"),
        ({"issue__limit": entry("null", "workday")}, "law.value_missing"),
        ({"issue__limit": limit(20).replace("D1]", "D29]")}, "law.unknown_row"),
        ({"issue__limit": limit(20).replace("D1]", "S2-63]")}, "law.unknown_row"),
        ({"issue__limit": limit(20).replace("text: law", "text: lore")}, "law.unknown_source"),
        ({"issue__limit": limit(20) + "      wrong: 1\n"}, "law.unknown_field"),
        ({"issue__limit": limit(20) + "      override: true\n"}, "law.override_of_nothing"),
        ({"issue__limit": limit(20) + DEVIATION}, "law.deviation_from_nothing"),
        ({"issue__limit": limit(20) + "      marks: {width: I}\n"}, "law.mark_of_nothing"),
        ({"issue__limit": limit(20, until="2020-01-01")}, "law.wrong_value"),
        ({"issue__limit": limit(20).replace("certainty: C", "certainty: X")}, "law.wrong_value"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place_and_article(parameters: dict[str, str], code: str) -> None:
    (error,) = refused(**parameters)
    assert (error.file, error.code) == (NATION, code)
    assert error.key.startswith(next(iter(parameters)).replace("__", "."))
    assert error.line >= 9
    assert "art. 7" in error.article
    assert str(error).startswith(f"{NATION}:{error.line}: ")


def test_a_parameter_without_a_source_is_refused() -> None:
    without = "\n".join(line for line in limit(20).splitlines() if "source:" not in line) + "\n"
    (error,) = refused(issue__limit=without)
    assert (error.code, error.line) == ("law.missing_source", 9)


def test_overlapping_days_are_refused_with_the_line_of_the_other_and_touching_days_are_not() -> None:
    (error,) = refused(issue__limit=limit(20, until="2021-06-02") + limit(15, since="2021-06-01"))
    assert (error.code, error.line, error.article) == ("law.dates_overlap", 16, "law art. 7")
    assert "line 9" in error.message
    Library.from_texts(pack(NATION, issue__limit=limit(20, until="2021-06-01") + limit(15, since="2021-06-01")))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("travel_document__accepted", entry("[hrp]", "list")), ("travel_document__refused", entry("[hrp]", "list"))),
        (
            ("proxy__minor_under_age", entry("18", "year")),
            ("proxy__rules", entry("[{who: minor, under_age: 16, by: [guardian]}]", "list")),
        ),
        (
            ("decide__automatic_approval", entry("true", "flag")),
            ("decide__officers", entry("[clerk, reviewer, approver]", "list")),
        ),
    ],
)
def test_a_pack_that_contradicts_itself_is_refused(first: tuple[str, str], second: tuple[str, str]) -> None:
    (error,) = refused(**dict([first, second]))
    assert (error.file, error.line, error.code, error.article) == (NATION, 9, "law.contradiction", "law art. 7")
    assert second[0].replace("__", ".") in error.message


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("outcome: reissue\n    grounds: [lost]", "outcome: reissue\n    grounds: [moved]", "grounds do not belong"),
        ('when: "ground:moved"', 'when: "ground:lost"', "which this item does not have"),
        ("captures: [photo, fingerprints, signature]", "captures: [photo, signature]", "not captured"),
        ("fee: fee.reissue", "fee: issue.limit", "is no fee"),
    ],
)
def test_an_item_that_contradicts_itself_is_refused(old: str, new: str, why: str) -> None:
    packs = dict(pack_texts())
    assert old in packs[NATION]
    packs[NATION] = packs[NATION].replace(old, new)
    with pytest.raises(PackErrors) as caught:
        Library.from_texts(packs)
    assert any(error.code == "law.item_contradiction" and why in error.message for error in caught.value.errors)


def test_everything_wrong_in_a_file_is_told_at_once_in_line_order() -> None:
    errors = refused(
        issue__limt=limit(20),
        issue__limit=entry(LIMIT % 20, "day"),
        fee__first=entry("free", "fen"),
        validity=entry("{n: 5, unit: year, endorsement: none}", "year").replace("D1]", "D99]"),
    )
    assert [error.code for error in errors] == [
        "law.unknown_key",
        "law.wrong_unit",
        "law.wrong_type",
        "law.unknown_row",
    ]
    assert [error.line for error in errors] == sorted(error.line for error in errors)


def test_errors_of_several_files_are_told_together() -> None:
    packs = {**pack(NATION, issue__limt=limit(20)), **pack(CITY, fee__frist=limit(20))}
    with pytest.raises(PackErrors) as caught:
        Library.from_texts(packs)
    assert [error.file for error in caught.value.errors] == [CITY, NATION]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [1", "law.not_yaml"),
        ("a: &x 1\nb: *x\n", "law.alias_in_pack"),
        ("a: " + "[" * 40 + "]" * 40, "law.file_too_deep"),
        ("a: " + "x" * 1_000_001, "law.file_too_large"),
        ("- a\n- b\n", "law.not_a_mapping"),
        ("", "law.not_a_mapping"),
        ("a: !!python/object/apply:os.system ['true']\n", "law.not_yaml"),
        ("? [a, b]\n: 1\n", "law.not_yaml"),
        ("a: " + "9" * 5_000, "law.not_yaml"),
        ("a: 0x" + "f" * 400_000, "law.not_yaml"),
        ("a: 1" + ":1" * 200_000, "law.not_yaml"),
        ("a: 1" + ":1" * 500 + ".5", "law.not_yaml"),
        ('a: !!int ""', "law.not_yaml"),
        ('a: !!float ""', "law.not_yaml"),
        ("a: !!bool perhaps", "law.not_yaml"),
        ("a: !!timestamp soon", "law.not_yaml"),
    ],
)
def test_a_text_that_is_no_pack_is_refused_before_anything_is_built(text: str, code: str) -> None:
    assert code in [error.code for error in refused(text=text)]


def test_a_key_that_stands_twice_is_refused_on_its_second_line() -> None:
    text = pack(NATION, issue__limit=limit(20))[NATION] + "parameters: {}\n"
    assert [(error.code, error.line) for error in refused(text=text)] == [("law.key_twice", 15)]


def test_a_file_in_the_wrong_folder_is_refused() -> None:
    text = pack(CITY)[CITY].replace("370100", "370200")
    assert [error.code for error in refused(text=text, path=CITY)] == ["law.wrong_folder"]


def test_every_code_has_whole_sentences_in_three_languages_with_the_same_placeholders() -> None:
    for code, words in texts().items():
        assert set(words) == {"zh-Hans", "zh-Hant", "en"}, code
        assert words["zh-Hans"].endswith("。"), code
        assert words["zh-Hant"].endswith("。"), code
        assert words["en"].endswith("."), code
        names = [{part.split("}")[0] for part in each.split("{")[1:]} for each in words.values()]
        assert names[0] - {"key"} == names[1] - {"key"} == names[2] - {"key"}, code


def test_every_key_of_a_pack_is_known_and_every_answer_is_a_point_of_the_list() -> None:
    for path, text in pack_texts().items():
        for key in yaml.safe_load(text).get("parameters", {}):
            assert key in KEYS, (path, key)
    assert {key.answers for key in KEYS.values()} <= {""} | {f"D{number}" for number in range(1, 29)}
