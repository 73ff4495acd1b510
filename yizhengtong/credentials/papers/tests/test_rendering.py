"""From values to a PDF: nothing is markup, nothing has a gap, nothing follows the clock."""

from datetime import date
from pathlib import Path

import pytest

from yizhengtong.credentials.papers import fonts, rendering
from yizhengtong.credentials.papers.fonts import NEEDED, found_in
from yizhengtong.credentials.papers.references import normal
from yizhengtong.credentials.papers.rendering import render
from yizhengtong.credentials.papers.sheet import Sheet, Tongue, row, text
from yizhengtong.credentials.papers.tests.reading import fonts_of, has_gaps, pages_of, text_of
from yizhengtong.credentials.papers.tests.world import EXTENSION_B, RARE
from yizhengtong.kernel.errors import Conflict


def drawn(name: str) -> bytes:
    tongue = Tongue()
    sheet = Sheet(
        kind="receipt", title="受理回执", parts=[row(tongue, name=name), text(name)], dated=date(2026, 9, 18),
        office="历下分局科院路派出所",
    )  # fmt: skip
    return render(sheet.as_values())


def with_fonts_of(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setattr(fonts, "_KNOWN_PLACES", tuple(map(str, folders)))


def test_the_same_values_give_the_same_bytes() -> None:
    assert drawn(RARE) == drawn(RARE)


@pytest.mark.parametrize("name", [RARE, EXTENSION_B, "𠀋𪚥", "O'Brien-Núñez"])
def test_a_name_stands_as_it_is_written_with_its_glyphs_embedded(name: str) -> None:
    content = drawn(name)
    assert name in text_of(content)
    assert not has_gaps(content)
    assert all(fonts_of(content).values())


@pytest.mark.parametrize(
    "name", ["#panic()", "*粗*", "$x$", "@label", "<a>", "// weg", "= 标题", '"],"', "\\u{41}", "#import(sys)"]
)
def test_what_somebody_typed_is_never_read_as_markup(name: str) -> None:
    assert "".join(name.split()) in text_of(drawn(name))


def test_a_value_without_a_place_to_break_stays_on_the_page() -> None:
    content = drawn("A" * 200)
    assert pages_of(content) == 1
    assert "A" * 200 in text_of(content)


def test_without_the_serif_nothing_is_printed_and_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_fonts_of(monkeypatch, tmp_path)
    with pytest.raises(Conflict) as refused:
        drawn(RARE)
    assert refused.value.code == "papers.fonts_missing"


def test_a_name_is_refused_rather_than_printed_with_a_gap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    serif = found_in(tuple(fonts.places()))[NEEDED[0]]
    (tmp_path / NEEDED[0]).symlink_to(serif)
    with_fonts_of(monkeypatch, tmp_path)
    assert RARE in text_of(drawn(RARE))
    with pytest.raises(Conflict) as refused:
        drawn(EXTENSION_B)
    assert refused.value.code == "papers.character_missing"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7K2M 9QX4 tb6h 3wzd", "7k2m-9qx4-tb6h-3wzd"),
        ("7k2m9qx4tb6h3wzd", "7k2m-9qx4-tb6h-3wzd"),
        ("7k2m-9qx4-tb6h-3wz", ""),
        ("7k2m-9qx4-tb6h-3wzu", ""),
        ("", ""),
    ],
)
def test_a_reference_is_read_however_it_is_typed(typed: str, meant: str) -> None:
    assert normal(typed) == meant


def test_who_asks_while_others_are_drawn_for_long_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a few who ask for hundreds hold every thread that answers pages."""
    monkeypatch.setattr(rendering, "_WAIT_SECONDS", 0.01)
    for _ in range(2):
        rendering._AT_A_TIME.acquire()
    try:
        with pytest.raises(Conflict, match=r"papers\.not_drawn"):
            drawn("王小明")
    finally:
        for _ in range(2):
            rendering._AT_A_TIME.release()
    assert drawn("王小明")
