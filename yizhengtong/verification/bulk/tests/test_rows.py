"""What a file's rows say; everything that is wrong with them at once, by row and column."""

from collections.abc import Sequence
from datetime import date

import pytest

from tests.support.law import TODAY
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.bulk import rows as rows_module
from yizhengtong.verification.bulk.rows import Row, rows_of
from yizhengtong.verification.bulk.tests.files import HEADINGS, Line, as_csv, as_workbook, nobody, number_of_nobody

ALL = ("number", "name", "birth_date")
GOOD = nobody(1)


def read(content: bytes, compared: Sequence[str] = ALL) -> list[Row]:
    return rows_of(content, compared=compared, on=TODAY)


def refused(content: bytes, compared: Sequence[str] = ALL) -> tuple[str, list[tuple[str, str]]]:
    with pytest.raises(Invalid) as caught:
        read(content, compared)
    return caught.value.code, [(error.field, error.code) for error in caught.value.errors]


@pytest.mark.parametrize(
    "content",
    [as_csv([GOOD]), as_csv([GOOD], encoding="gb18030"), as_csv([GOOD], encoding="utf-8-sig"), as_workbook([GOOD])],
    ids=["utf8", "gb18030", "bom", "excel"],
)
def test_a_row_is_read_alike_from_csv_and_excel(content: bytes) -> None:
    assert read(content) == [
        Row(2, DocumentKind.HMT_PERMIT, number_of_nobody(1), "陈嘉欣", date(1950, 1, 2), "S1")
    ]  # fmt: skip


def test_a_row_that_was_kept_is_the_row_that_was_read() -> None:
    (row,) = read(as_csv([GOOD]))
    assert Row.from_json(row.to_json()) == row


def test_columns_that_may_be_missing_may_be_missing_and_stand_in_any_order() -> None:
    assert read(as_csv([("陈嘉欣", number_of_nobody(1), "hmt_permit")], ("name", "number", "kind"))) == [
        Row(2, DocumentKind.HMT_PERMIT, number_of_nobody(1), "陈嘉欣")
    ]


def test_every_wrong_cell_is_named_with_its_row_and_column_and_nothing_of_what_it_holds() -> None:
    lines: list[Line] = [
        GOOD,
        ("护照", number_of_nobody(2), "陈嘉欣", "", ""),
        ("居住证", "810000199001010079", "", "2030-01-01", "x" * 41),
        ("居住证", number_of_nobody(3), "陈\u202e嘉欣", "01/02/03", ""),
        ("", "", "", "", "S5"),
    ]
    code, wrong = refused(as_csv(lines))
    assert code == "bulk.rows_wrong"
    assert wrong == [
        ("rows.3.kind", "bulk.kind_unknown"),
        ("rows.4.name", "bulk.cell_missing"),
        ("rows.4.number", "numbers.wrong_check_digit"),
        ("rows.4.birth_date", "bulk.born_later"),
        ("rows.4.reference", "bulk.cell_too_long"),
        ("rows.5.birth_date", "importing.day_ambiguous"),
        ("rows.5.name", "bulk.cell_unprintable"),
        ("rows.6.kind", "bulk.cell_missing"),
        ("rows.6.number", "bulk.cell_missing"),
        ("rows.6.name", "bulk.cell_missing"),
    ]


def test_a_number_that_a_spreadsheet_has_rounded_is_refused_and_not_filled_in() -> None:
    assert refused(as_workbook([("居住证", int(number_of_nobody(1)[:17]) * 10, "陈嘉欣", "", "")]))[1] == [
        ("rows.2.number", "importing.digits_lost")
    ]


@pytest.mark.parametrize(
    ("headings", "wrong"),
    [
        (("证件类型", "姓名"), [("number", "bulk.column_missing")]),
        ((*HEADINGS, "电话"), [("column_6", "bulk.column_unknown")]),
        ((*HEADINGS, "name"), [("name", "bulk.column_twice")]),
    ],
    ids=["missing", "unknown", "twice"],
)
def test_headings_that_lack_something_or_bring_more_than_is_needed_are_refused(
    headings: Sequence[str], wrong: list[tuple[str, str]]
) -> None:
    assert refused(as_csv([], headings)) == ("bulk.headings_wrong", wrong)


def test_a_birth_date_is_refused_where_the_purpose_compares_none() -> None:
    assert refused(as_csv([GOOD]), ("number", "name")) == (
        "bulk.headings_wrong",
        [("birth_date", "bulk.column_not_for_purpose")],
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "importing.list_empty"),
        (as_csv([]), "bulk.no_rows"),
        (b"PK\x03\x04 no workbook", "importing.list_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "importing.old_excel"),
    ],
    ids=["empty", "no_rows", "broken", "old_excel"],
)
def test_a_file_that_is_no_list_is_refused(content: bytes, code: str) -> None:
    assert refused(content)[0] == code


def test_a_file_that_is_too_large_or_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "MOST_ROWS", 2)
    assert len(read(as_csv([GOOD, GOOD]))) == 2
    assert refused(as_csv([GOOD, GOOD, GOOD]))[0] == "bulk.too_many_rows"
    monkeypatch.setattr(rows_module, "LARGEST_BYTES", 10)
    assert refused(as_csv([GOOD]))[0] == "bulk.file_too_large"
