"""A QR code in a page says what was asked for, and brings no markup of its own along."""

import re

import segno

from yizhengtong.foundation.pages.qr import qr_code


def test_every_dark_module_is_drawn_where_it_stands_and_no_other() -> None:
    drawn = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", qr_code("https://a.example/x", border=3))}
    rows = segno.make("https://a.example/x", micro=False).matrix_iter(border=3)
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module}


def test_what_is_drawn_holds_neither_the_text_nor_a_style() -> None:
    picture = qr_code('"><script>alert(1)</script>')
    assert "script" not in picture
    assert "style" not in picture
