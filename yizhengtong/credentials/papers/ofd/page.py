"""A page being filled, from top to bottom: what stands where, in millimetres from the upper left corner. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from yizhengtong.credentials.papers.ofd.measuring import lines_of, width_of

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 18.0, 192.0, 16.0, 256.0
ACROSS = RIGHT - LEFT
BODY, SMALL, TINY = 3.7, 3.0, 2.65
LEADING = 1.3
PAD_X, PAD_Y = 2.0, 1.3


class Ink(IntEnum):
    """How words are drawn."""

    PLAIN = 0
    GREY = 1
    BOLD = 2


class Align(IntEnum):
    LEFT = 0
    MIDDLE = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words. `size`: millimetres; `indent`: millimetres before it."""

    words: str
    size: float = BODY
    ink: Ink = Ink.PLAIN
    indent: float = 0.0
    align: Align = Align.LEFT

    @property
    def height(self) -> float:
        return self.size * LEADING


@dataclass(frozen=True, slots=True)
class Cell:
    """A box of a row: its lines, broken to its width already."""

    width: float
    lines: Sequence[Line]
    align: Align = Align.LEFT


@dataclass(slots=True)
class Page:
    """What stands on one page. `texts`: left, top, line; `rules`: boxes and lines as paths; `pictures`: by name."""

    texts: list[tuple[float, float, Line]] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    thick: list[str] = field(default_factory=list)
    pictures: list[tuple[str, float, float, float, float]] = field(default_factory=list)


def broken(
    words: str,
    width: float,
    *,
    size: float = BODY,
    ink: Ink = Ink.PLAIN,
    indent: float = 0.0,
    align: Align = Align.LEFT,
) -> list[Line]:
    """Return words in lines that fit a width."""
    return [Line(each, size, ink, indent, align) for each in lines_of(words, (width - indent) / size)] if words else []


def box(left: float, top: float, width: float, height: float) -> str:
    """Return the path of a rectangle."""
    right, bottom = left + width, top + height
    return (
        f"M {left:.2f} {top:.2f} L {right:.2f} {top:.2f} L {right:.2f} {bottom:.2f} L {left:.2f} {bottom:.2f} "
        f"L {left:.2f} {top:.2f}"
    )


class Pages:
    """Pages filled one after the other."""

    def __init__(self) -> None:
        self.all = [Page()]
        self.top = TOP

    @property
    def page(self) -> Page:
        return self.all[-1]

    def turn(self) -> None:
        self.all.append(Page())
        self.top = TOP

    def room(self, height: float) -> None:
        """Go to the next page where so much does not fit on this one."""
        if self.top + height > BOTTOM and self.top > TOP:
            self.turn()

    def space(self, height: float) -> None:
        self.top += height

    def lines(self, lines: Sequence[Line], *, left: float = LEFT, width: float = ACROSS) -> None:
        """Put lines below one another, on the next page where this one is full."""
        for line in lines:
            self.room(line.height)
            self._put(line, left, width, self.top, line.align)
            self.top += line.height

    def row(self, cells: Sequence[Cell]) -> None:
        """Put boxes side by side. One too high for a page goes on with its lines on the next one."""
        left = [list(cell.lines) for cell in cells]
        self.room(min(_height(left), BOTTOM - TOP))
        while True:
            here = [_fitting(each, BOTTOM - self.top - 2 * PAD_Y) for each in left]
            height = _height([each[:count] for each, count in zip(left, here, strict=True)])
            self._boxes(cells, [each[:count] for each, count in zip(left, here, strict=True)], height)
            self.top += height
            left = [each[count:] for each, count in zip(left, here, strict=True)]
            if not any(left):
                return
            self.turn()

    def picture(self, name: str, left: float, top: float, width: float, height: float) -> None:
        self.page.pictures.append((name, left, top, width, height))

    def _boxes(self, cells: Sequence[Cell], lines: Sequence[Sequence[Line]], height: float) -> None:
        at = LEFT
        for cell, told in zip(cells, lines, strict=True):
            self.page.rules.append(box(at, self.top, cell.width, height))
            down = self.top + (height - sum(line.height for line in told)) / 2
            for line in told:
                self._put(line, at + PAD_X, cell.width - 2 * PAD_X, down, line.align or cell.align)
                down += line.height
            at += cell.width

    def _put(self, line: Line, left: float, width: float, top: float, align: Align) -> None:
        at = left + line.indent
        if align:
            rest = max(0.0, width - line.indent - width_of(line.words) * line.size)
            at += rest / 2 if align is Align.MIDDLE else rest
        if line.words:
            self.page.texts.append((at, top, line))


def _height(cells: Sequence[Sequence[Line]]) -> float:
    return max(sum(line.height for line in each) for each in cells) + 2 * PAD_Y


def _fitting(lines: Sequence[Line], height: float) -> int:
    """Return how many lines fit a height: at least one, else nothing would ever end."""
    left, count = height, 0
    for line in lines:
        left -= line.height
        if left < 0 and count:
            break
        count += 1
    return count
