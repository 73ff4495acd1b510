"""Charts as SVG, written by the server beside the table that holds the numbers: no script, no style attribute.

The table is the data: a chart has a title and a description for who does not see it, and prints as it is. Two series
differ by filling, not by colour alone. Widths are in units of a picture 360 wide: words stay readable on a
phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 360
_LINE, _BAR, _COLUMNS_HIGH, _MARGIN = 34, 12, 150, 24
_FILLS = (("#0b4f4a", "#0b4f4a"), ("#ffffff", "#0b4f4a"))
"""Fill and edge of the first and the second series."""
_ROOM_FOR_NUMBER = 64
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """One line or column: its label, its values by series (None: not shown), and the values in words."""

    label: str
    values: tuple[float | None, ...]
    shown: tuple[str, ...]


def bars(name: str, title: str, description: str, marks: Sequence[Mark]) -> SafeString:
    """Return lying bars of one series: a label above each, its number behind. Empty without marks."""
    if not marks:
        return format_html("{}", "")
    most = max((mark.values[0] or 0 for mark in marks), default=0) or 1
    lines = format_html_join(
        "",
        '<text x="0" y="{}" font-size="12" fill="#1b1b1b">{}</text>'
        '<rect class="mark" x="0" y="{}" width="{}" height="{}" fill="#0b4f4a"></rect>'
        '<text x="{}" y="{}" font-size="12" font-weight="700" fill="#1b1b1b">{}</text>',
        (_bar(at, mark, most) for at, mark in enumerate(marks)),
    )
    return _picture(name, title, description, len(marks) * _LINE + 4, lines)


def _bar(at: int, mark: Mark, most: float) -> tuple[object, ...]:
    top, value = at * _LINE, mark.values[0] or 0
    width = round(value / most * (WIDTH - _ROOM_FOR_NUMBER), 1)
    return top + 12, mark.label, top + 17, width, _BAR, width + 5, top + 27, mark.shown[0]


def columns(
    name: str, title: str, description: str, marks: Sequence[Mark], series: Sequence[str]
) -> SafeString:  # fmt: skip
    """Return standing columns, up to two series beside each other, with a legend. Empty without marks."""
    if not marks:
        return format_html("{}", "")
    most = max((value or 0 for mark in marks for value in mark.values), default=0) or 1
    room = WIDTH / len(marks)
    step = -(-len(marks) // _MOST_LABELS)
    drawn = [
        _column(at * room, room / (len(series) + 0.6), number, value or 0, most)
        for at, mark in enumerate(marks)
        for number, value in enumerate(mark.values)
    ]
    rects = format_html_join(
        "", '<rect class="mark" x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}"></rect>', drawn
    )
    base = _MARGIN + _COLUMNS_HIGH
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" font-size="10" text-anchor="middle" fill="#1b1b1b">{}</text>',
        (
            (round((at + 0.5) * room, 1), base + 14, mark.label)
            for at, mark in enumerate(marks)
            if (len(marks) - 1 - at) % step == 0
        ),
    )
    axis = format_html('<path d="M0 {}H{}" stroke="#4a5560"></path>', base, WIDTH)
    whole = format_html("{}{}{}{}", _legend(series), rects, axis, labels)
    return _picture(name, title, description, base + 20, whole)


def _column(left: float, width: float, number: int, value: float, most: float) -> tuple[object, ...]:
    height = round(value / most * _COLUMNS_HIGH, 1)
    x, y = round(left + width * (number + 0.3), 1), round(_MARGIN + _COLUMNS_HIGH - height, 1)
    return x, y, round(width * 0.9, 1), height, *_FILLS[number % len(_FILLS)]


def _legend(series: Sequence[str]) -> SafeString:
    room = WIDTH / max(len(series), 1)
    return format_html_join(
        "",
        '<rect x="{}" y="2" width="12" height="12" fill="{}" stroke="{}"></rect>'
        '<text x="{}" y="12" font-size="12" fill="#1b1b1b">{}</text>',
        ((at * room + 1, *_FILLS[at % len(_FILLS)], at * room + 18, word) for at, word in enumerate(series)),
    )


def _picture(name: str, title: str, description: str, height: float, inside: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-desc">{description}</desc>{inside}</svg>',
        width=WIDTH,
        height=height,
        name=name,
        title=title,
        description=description,
        inside=inside,
    )
