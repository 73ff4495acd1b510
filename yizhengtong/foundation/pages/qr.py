"""A text as a QR code, drawn into the page: no file, no inline style, no request to elsewhere."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString


def qr_code(text: str, *, scale: int = 5, border: int = 4, error: str = "l") -> SafeString:
    """Return a QR code as SVG, black on white. `scale`: CSS pixels a module; `border`: modules around it.

    `error`: how much of it may be lost, at least: l for screens, m for paper.
    """
    rows = [bytes(row) for row in segno.make(text, error=error, micro=False).matrix_iter(border=border)]
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    side = len(rows)
    return format_html(
        '<svg width="{size}" height="{size}" viewBox="0 0 {side} {side}" aria-hidden="true"'
        ' shape-rendering="crispEdges">'
        '<rect width="{side}" height="{side}" fill="#fff"></rect><path d="{dark}" fill="#000"></path></svg>',
        size=side * scale,
        side=side,
        dark=dark,
    )
