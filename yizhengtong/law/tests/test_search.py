"""Who asks where the law says half a year is shown article, parameter, rule and test; docs/law.md is current."""

import pytest

from yizhengtong.law import document, search
from yizhengtong.law.reading import Library
from yizhengtong.law.rows import is_row


def test_half_a_year_is_found_in_the_nation_and_in_jinan_with_article_and_line(library: Library) -> None:
    hits = list(search.search(library, "半年"))
    places = {hit.place.rpartition(":")[0] for hit in hits if hit.code == "residence.requirement"}
    assert {"yizhengtong/law/packs/cn/hmt.yaml", "yizhengtong/law/packs/cn/370000/370100/hmt.yaml"} <= places
    assert "国办发〔2018〕81号 art. 2" in {hit.article for hit in hits}


def test_a_hit_shows_the_tests_that_prove_its_rows(library: Library) -> None:
    (hit,) = (hit for hit in search.search(library, "20个工作日内发放") if "370100" in hit.place)
    printed = "\n".join(search.lines(hit))
    assert hit.code == "issue.limit"
    assert "rule start_clock" in printed
    assert printed.count("→ test ") == search._TESTS_SHOWN
    assert "more tests of S2-13, D1" in printed


def test_the_rule_behind_half_a_year_is_found_through_the_table_that_calls_it(library: Library) -> None:
    hit = next(hit for hit in search.search(library, "半年") if hit.code == "residence.requirement")
    printed = "\n".join(search.lines(hit))
    assert "rule has_lived_here_long_enough  yizhengtong/registry/residence/rules.py" in printed


def test_a_condition_is_found_by_the_name_of_its_rule(library: Library) -> None:
    hits = list(search.search(library, "has_lived_here_long_enough"))
    assert [hit.code for hit in hits] == ["has_lived_here_long_enough"]


@pytest.mark.parametrize("query", ["舜华路", "issue.limit", "养老", "D6"])
def test_points_keys_and_readings_are_searched_too(library: Library, query: str) -> None:
    assert bool(list(search.search(library, query))) is (query != "养老")


def test_the_generated_page_is_current(library: Library) -> None:
    assert document.PAGE.read_text("utf-8") == document.page(library), "run python -m yizhengtong.law.document"


def test_the_page_shows_the_deviation_and_every_parameter(library: Library) -> None:
    page = document.page(library)
    assert "**Deviation**: Jinan says 在我市" in page
    for file in library.files.values():
        for parameter in file.parameters:
            assert f"| `{parameter.key}` |" in page


@pytest.mark.parametrize(
    ("row", "is_known"),
    [
        ("S0-T01", True),
        ("S0-T40", True),
        ("S0-T41", False),
        ("S0-T1", False),
        ("S1-103", True),
        ("S1-104", False),
        ("S1-13", False),
        ("S2-62", True),
        ("S2-00", False),
        ("S3-51", True),
        ("S4-30", True),
        ("S4-31", False),
        ("D1", True),
        ("D28", True),
        ("D29", False),
        ("D01", False),
        ("S5-01", False),
    ],
)
def test_a_row_is_known_only_as_it_is_numbered(row: str, is_known: bool) -> None:
    assert is_row(row) is is_known
