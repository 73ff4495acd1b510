"""Which files are read, and which are refused before they are opened."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.support.lists import HEADINGS, somebody, write_csv, write_workbook
from yizhengtong.foundation.lists import lines
from yizhengtong.foundation.lists.cells import Cell
from yizhengtong.foundation.lists.lines import open_list
from yizhengtong.kernel.errors import Invalid

LINES = [somebody(n) for n in range(1, 4)]


def cells_of(path: Path) -> tuple[list[str], list[tuple[int, list[Cell]]]]:
    with open_list(path) as opened:
        return list(opened.headings), [(line, list(cells)) for line, cells in opened.lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_text_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    headings, lines = cells_of(write_csv(tmp_path / "a.csv", LINES, encoding=encoding, separator=separator))
    assert headings == list(HEADINGS)
    assert [line for line, _ in lines] == [2, 3, 4]
    assert lines[0][1][0] == Cell(text=str(LINES[0]["姓名"]))


def test_a_character_beyond_gbk_survives_gb18030(tmp_path: Path) -> None:
    line = somebody(1, 姓名="𠮷田㐂")
    _, lines = cells_of(write_csv(tmp_path / "a.csv", [line], encoding="gb18030"))
    assert lines[0][1][0].text == "𠮷田㐂"


def test_a_workbook_keeps_texts_numbers_and_days_apart(tmp_path: Path) -> None:
    line = somebody(1, 居住证号=8.1e17, 签发日期=datetime(2021, 3, 5))
    headings, lines = cells_of(write_workbook(tmp_path / "a.xlsx", [line]))
    cells = dict(zip(headings, lines[0][1], strict=True))
    assert cells["姓名"].text == line["姓名"]
    assert cells["居住证号"].number == 810000000000000000
    assert cells["签发日期"].day == date(2021, 3, 5)


def test_blank_lines_are_passed_over_and_keep_their_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("姓名,证件号码\n\n王一,H1\n , \n王二,H2\n")
    assert [line for line, _ in cells_of(path)[1]] == [3, 5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "importing.list_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "importing.old_excel"),
        (b"PK\x03\x04 no zip", "importing.list_unreadable"),
        (b"\xff\xfe\x00", "importing.list_unreadable"),
        (b"\x81", "importing.list_unreadable"),
    ],
)
def test_what_is_no_list_is_refused_with_advice(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=code):
        cells_of(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_DENSEST", 2)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"0" * (4 << 20))
    with pytest.raises(Invalid, match=r"importing\.list_too_large"):
        cells_of(tmp_path / "a.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path, encoding: str) -> None:
    write_workbook(tmp_path / "a.xlsx", LINES)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as packed:
        packed.writestr("xl/evil.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding))
    with pytest.raises(Invalid, match=r"importing\.list_unreadable"):
        cells_of(tmp_path / "a.xlsx")
