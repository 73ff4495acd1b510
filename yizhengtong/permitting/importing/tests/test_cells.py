"""What a cell says, and what it must not be made to say."""

from datetime import date, datetime

import pytest

from yizhengtong.foundation.lists.cells import Cell, cell_of, day_written, number_written, written
from yizhengtong.kernel.errors import Invalid

MARCH_5 = date(2021, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-05", "2021-3-5", "2021/3/5", "2021.3.5", "20210305", "2021年3月5日", "2021年03月05",
        "２０２１－０３－０５", "２０２１年３月５日", "二〇二一年三月五日", "二零二一年三月五日",
        " 2021-03-05 ", "'2021-03-05", '="2021-03-05"', "2021-03-05 00:00:00", "2021/3/5 0:00",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_form_with_the_year_first(text: str) -> None:
    assert day_written(Cell(text=text)) == MARCH_5


@pytest.mark.parametrize(
    ("text", "day"),
    [("二〇一八年十月十日", date(2018, 10, 10)), ("二〇一八年十二月三十一日", date(2018, 12, 31)),
     ("二〇一八年一月二十日", date(2018, 1, 20))],
)  # fmt: skip
def test_chinese_tens_are_read(text: str, day: date) -> None:
    assert day_written(Cell(text=text)) == day


def test_a_spreadsheets_own_day_is_taken_as_it_is() -> None:
    assert day_written(cell_of(datetime(2021, 3, 5))) == day_written(cell_of(MARCH_5)) == MARCH_5


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Cell(text="3/5/2021"), "importing.day_ambiguous"),
        (Cell(text="05.03.21"), "importing.day_ambiguous"),
        (Cell(text="21-03-05"), "importing.day_ambiguous"),
        (Cell(number=44260), "importing.day_stored_as_number"),
        (Cell(text="2021-02-29"), "importing.day_unreadable"),
        (Cell(text="2021年13月1日"), "importing.day_unreadable"),
        (Cell(text="二〇二一年十三月一日"), "importing.day_unreadable"),
        (Cell(text="2021-03-05 14:30:00"), "importing.day_unreadable"),
        (Cell(text="去年"), "importing.day_unreadable"),
        (Cell(text="长期"), "importing.day_unreadable"),
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused(cell: Cell, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        day_written(cell)


def test_without_end_is_a_day_only_where_there_may_be_none() -> None:
    assert day_written(Cell(text="长期"), may_be_without_end=True) == date.max


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(text="'810000199001010019"), "810000199001010019"),
        (Cell(text="\u2018H12345678"), "H12345678"),
        (Cell(text="Ｈ１２３４５６７８"), "H12345678"),
        (Cell(text='="810000199001010019"'), "810000199001010019"),
        (Cell(text="\t810000199001010019"), "810000199001010019"),
        (Cell(number=12345678), "12345678"),
        (Cell(number=12345678.0), "12345678"),
        (Cell(number=10**15 - 1), "999999999999999"),
    ],
)
def test_a_number_is_read_without_the_dress_of_a_spreadsheet(cell: Cell, text: str) -> None:
    assert number_written(cell) == text


@pytest.mark.parametrize(
    "cell",
    [Cell(number=8.10000199001010e17), Cell(number=10**15), Cell(text="8.1E+17"), Cell(text="8.10000199E+17")],
)
def test_a_number_that_lost_its_digits_is_refused_and_never_filled_up(cell: Cell) -> None:
    with pytest.raises(Invalid, match=r"importing\.digits_lost"):
        number_written(cell)


def test_a_name_stays_as_printed_but_for_what_stands_around_it() -> None:
    assert written(Cell(text=" '歐陽 詠詩 ")) == "歐陽 詠詩"
    assert written(Cell(text="O'Brien")) == "O'Brien"
    assert written(Cell(text="")) == ""
