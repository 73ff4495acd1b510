"""From a sheet to pages: the parts of sheet.py, each as paper.typ draws it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yizhengtong.credentials.papers.ofd.page import (
    ACROSS,
    BODY,
    BOTTOM,
    HEIGHT,
    LEADING,
    LEFT,
    PAD_X,
    RIGHT,
    SMALL,
    TINY,
    Align,
    Cell,
    Ink,
    Line,
    Page,
    Pages,
    box,
    broken,
)

Values = Mapping[str, Any]
CODE, PORTRAIT = "code", "portrait"
LABEL = 30.0
_CODE_SIDE = 24.0
_PORTRAIT = (30.0, 40.0)
_BESIDE = 5
"""So many fields stand beside the photograph."""
_FOOT = BOTTOM + 5
_LINE = "＿" * 8
_DAY = "　　年　　月　　日"


def laid_out(sheet: Values) -> list[Page]:
    """Return a sheet's pages. It takes what paper.typ takes; the pictures are named, not held."""
    pages = Pages()
    _head(pages, sheet)
    for part in sheet["parts"]:
        _PARTS[part["kind"]](pages, part)
    _signed(pages, sheet)
    for at, page in enumerate(pages.all, 1):
        _foot(page, sheet, f"{at} / {len(pages.all)}" if len(pages.all) > 1 else "")
    return pages.all


def _head(pages: Pages, sheet: Values) -> None:
    pages.lines(_middle(sheet["issuer"], BODY, Ink.GREY))
    pages.space(2)
    pages.lines(_middle(sheet["title"], 6.0, Ink.BOLD))
    pages.lines(_middle(sheet["title_second"], SMALL, Ink.GREY))
    pages.space(2)
    pages.lines(broken(sheet["number"], ACROSS, align=Align.RIGHT))
    pages.space(1)


def _signed(pages: Pages, sheet: Values) -> None:
    if sheet["signed_by"]:
        told = [*_right(sheet["signed_by"]), *_right(sheet["signed_on"])]
        pages.space(10)
        pages.room(_sum(told))
        pages.lines(told)
    if sheet["sealed"]:
        width = ACROSS
        told = broken(sheet["sealed"], width - 2 * PAD_X, size=SMALL)
        told += broken(sheet["sealed_second"], width - 2 * PAD_X, size=TINY, ink=Ink.GREY)
        pages.space(5)
        pages.room(_sum(told) + 3)
        pages.page.rules.append(box(RIGHT - width, pages.top, width, _sum(told) + 3))
        pages.space(1.5)
        pages.lines(told, left=RIGHT - width + PAD_X, width=width - 2 * PAD_X)


def _foot(page: Page, sheet: Values, number: str) -> None:
    page.rules.append(f"M {LEFT} {_FOOT} L {RIGHT} {_FOOT}")
    wide = ACROSS - _CODE_SIDE - 4
    top = _FOOT + 2
    for words in (*sheet["footer"], number):
        for line in broken(words, wide, size=TINY, ink=Ink.GREY):
            if top + line.height <= HEIGHT - 4:
                page.texts.append((LEFT, top, line))
                top += line.height
    if sheet["code"]:
        page.pictures.append((CODE, RIGHT - _CODE_SIDE, _FOOT + 2, _CODE_SIDE, _CODE_SIDE))


# ---- parts ----


def _row(pages: Pages, part: Values) -> None:
    pairs = part["pairs"]
    narrow = 15.0 if len(pairs) > 2 else 24.0
    wide = (ACROSS - LABEL - narrow * (len(pairs) - 1)) / len(pairs)
    cells: list[Cell] = []
    for at, pair in enumerate(pairs):
        cells += [_label(pair, narrow if at else LABEL), _cell(pair["value"], wide)]
    pages.row(cells)


def _cells(pages: Pages, part: Values) -> None:
    wide = (ACROSS - LABEL) / max(1, len(part["cells"]))
    cells = [Cell(wide, [Line(each)] if each else [], Align.MIDDLE) for each in part["cells"]]
    # A narrow box has no room for margins: its one character stands in the middle of it.
    pages.row([_label(part, LABEL), *(_narrow(each) for each in cells)])


def _narrow(cell: Cell) -> Cell:
    free = cell.width - 2 * PAD_X
    lines = [Line(each.words, each.size, indent=(free - each.size / 2) / 2) for each in cell.lines]
    return Cell(cell.width, lines)


def _choices(pages: Pages, part: Values) -> None:
    wide = ACROSS - LABEL
    told = "　".join(_tick(each) for each in part["choices"])
    pages.row([_label(part, LABEL), _cell(told, wide)])


def _tick(choice: Values) -> str:
    second = f" {choice['second']}" if choice["second"] else ""
    return f"{'√' if choice['ticked'] else ''}□ {choice['words']}{second}"


def _columns(pages: Pages, part: Values) -> None:
    shares = [each["width"] for each in part["columns"]]
    wide = (ACROSS - LABEL) / sum(shares)
    cells = [_label(part, LABEL)]
    for column, share in zip(part["columns"], shares, strict=True):
        free = wide * share - 2 * PAD_X
        lines = broken(column["label"], free, ink=Ink.BOLD, align=Align.MIDDLE)
        for group in column["groups"]:
            lines += broken(group["label"], free)
            indent = 3.0 if group["label"] else 0.0
            lines += [line for each in group["choices"] for line in broken(_tick(each), free, indent=indent)]
        cells.append(Cell(wide * share, lines))
    pages.row(cells)


def _words(pages: Pages, part: Values) -> None:
    wide = ACROSS - LABEL
    free = wide - 2 * PAD_X
    lines = broken(part["words"], free) + broken(part["words_second"], free, size=SMALL, ink=Ink.GREY)
    if part["signed"]:
        lines += [Line(""), *_signature(part["signed"], part["day"], free)]
    elif part["day"]:
        lines += broken(part["day"], free, align=Align.RIGHT)
    pages.row([_label(part, LABEL), Cell(wide, lines)])


def _opinions(pages: Pages, part: Values) -> None:
    wide = ACROSS - LABEL
    free = wide - 2 * PAD_X
    for at, given in enumerate(part["opinions"]):
        lines = broken(f"{given['label']}{given['words']}", free)
        lines += [Line(""), *_signature("", given["day"], free)]
        label = broken("" if at else part["label"], LABEL - 2 * PAD_X)
        pages.row([Cell(LABEL, label), Cell(wide, lines)])


def _signature(words: str, on: str, width: float) -> list[Line]:
    return broken(f"{words}{_LINE}　{on or _DAY}", width, align=Align.RIGHT)


def _text(pages: Pages, part: Values) -> None:
    pages.space(2.5)
    indent = "　　" if part["indented"] else ""
    pages.lines(broken(f"{indent}{part['words']}", ACROSS))
    pages.lines(broken(part["second"], ACROSS, size=SMALL, ink=Ink.GREY))
    pages.space(1)


def _list(pages: Pages, part: Values) -> None:
    for at, each in enumerate(part["items"], 1):
        pages.space(3)
        pages.lines(broken(f"{at}. {each['head']}", ACROSS, ink=Ink.BOLD))
        for words in each["lines"]:
            pages.lines(broken(words, ACROSS, indent=5))
        pages.lines(broken(each["second"], ACROSS, size=SMALL, ink=Ink.GREY, indent=5))
        pages.lines(broken(each["source"], ACROSS, size=SMALL, indent=5))
    pages.space(3)


def _table(pages: Pages, part: Values) -> None:
    unit = ACROSS / sum(part["widths"])
    widths = [unit * share for share in part["widths"]]
    pages.row([_label(each, width, Ink.BOLD) for each, width in zip(part["headings"], widths, strict=True)])
    for row in part["rows"]:
        pages.row([_cell(words, width) for words, width in zip(row, widths, strict=True)])


def _flow(pages: Pages, part: Values) -> None:
    wide = ACROSS * 0.86
    left, free = LEFT + ACROSS * 0.07, wide - 2 * PAD_X
    for at, step in enumerate(part["steps"]):
        if at:
            pages.lines(_middle("↓", BODY, Ink.BOLD))
        _frame(pages, left, wide, [
            *broken(step["words"], free, ink=Ink.BOLD),
            *(line for words in step["details"] for line in broken(words, free, size=SMALL)),
            *broken(step["source"], free, size=TINY, ink=Ink.GREY),
        ])  # fmt: skip
        if step["otherwise"]:
            pages.space(1)
            _frame(pages, left + 12, wide - 12, broken(f"→ {step['otherwise']}", free - 12, size=SMALL))


def _frame(pages: Pages, left: float, width: float, lines: Sequence[Line], *, is_thick: bool = False) -> None:
    height = _sum(lines) + 3
    pages.room(height)
    into = pages.page.thick if is_thick else pages.page.rules
    into.append(box(left, pages.top, width, height))
    pages.space(1.5)
    pages.lines(lines, left=left + PAD_X, width=width - 2 * PAD_X)
    pages.space(1.5)


def _heading(pages: Pages, part: Values) -> None:
    pages.space(3)
    pages.lines(broken(part["words"], ACROSS, size=4.1, ink=Ink.BOLD))
    pages.space(1.5)


def _person(pages: Pages, part: Values) -> None:
    """Fields beside the photograph; below it they have the whole width."""
    beside = part["lines"][:_BESIDE] if part["portrait"] else []
    if beside:
        portrait_width = _PORTRAIT[0] + 4
        wide = ACROSS - LABEL - portrait_width
        rows = [(_label(each, LABEL), _cell(each["value"], wide)) for each in beside]
        each_at_least = (_PORTRAIT[1] + 4) / len(rows)
        pages.room(sum(max(each_at_least, _high(row)) for row in rows))
        top = pages.top
        for row in rows:
            pages.row([_filled(cell, each_at_least) for cell in row])
        height = pages.top - top
        pages.page.rules.append(box(RIGHT - portrait_width, top, portrait_width, height))
        pages.picture(PORTRAIT, RIGHT - portrait_width + 2, top + (height - _PORTRAIT[1]) / 2, *_PORTRAIT)
    for each in part["lines"][len(beside) :]:
        pages.row([_label(each, LABEL), _cell(each["value"], ACROSS - LABEL)])


def _high(cells: Sequence[Cell]) -> float:
    return max(_sum(cell.lines) for cell in cells) + 4


def _filled(cell: Cell, height: float) -> Cell:
    """Return a cell with empty lines above and below, so that its row is at least so high."""
    missing = (height - 4 - _sum(cell.lines)) / 2
    if missing <= 0:
        return cell
    empty = Line("", missing / LEADING)
    return Cell(cell.width, [empty, *cell.lines, empty], cell.align)


def _mark(pages: Pages, part: Values) -> None:
    free = ACROSS - 2 * PAD_X
    lines = broken(part["words"], free, ink=Ink.BOLD, align=Align.MIDDLE)
    lines += broken(part["second"], free, size=SMALL, align=Align.MIDDLE)
    _frame(pages, LEFT, ACROSS, lines, is_thick=True)
    pages.space(3)


_PARTS: Mapping[str, Callable[[Pages, Values], None]] = {
    "row": _row, "cells": _cells, "choices": _choices, "columns": _columns, "words": _words, "opinions": _opinions,
    "text": _text, "list": _list, "table": _table, "flow": _flow, "heading": _heading, "person": _person,
    "mark": _mark,
}  # fmt: skip


# ---- words ----


def _label(part: Values, width: float, ink: Ink = Ink.PLAIN) -> Cell:
    free = width - 2 * PAD_X
    lines = broken(part["label"], free, ink=ink)
    return Cell(width, lines + broken(part.get("second", ""), free, size=TINY, ink=Ink.GREY))


def _cell(words: str, width: float) -> Cell:
    return Cell(width, broken(words, width - 2 * PAD_X))


def _middle(words: str, size: float, ink: Ink) -> list[Line]:
    return broken(words, ACROSS, size=size, ink=ink, align=Align.MIDDLE)


def _right(words: str) -> list[Line]:
    return broken(words, ACROSS, align=Align.RIGHT)


def _sum(lines: Sequence[Line]) -> float:
    return sum(line.height for line in lines)
