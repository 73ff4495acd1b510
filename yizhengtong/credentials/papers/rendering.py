"""From a sheet to a PDF. The same sheet with the same fonts gives the same bytes."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from yizhengtong.credentials.papers.fonts import FAMILIES, font_files
from yizhengtong.kernel.errors import Conflict

_SCRIPT = Path(__file__).with_name("drawing.py")
_SECONDS = 30
_NO_GLYPH = 3  # as drawing.py says it
_AT_A_TIME = BoundedSemaphore(2)
"""A paper takes a processor and some 150 MB while it is drawn: two at a time in a process, the others wait a little."""
_WAIT_SECONDS = 5.0
"""Then one is told to try again: whoever asks for hundreds must not hold every thread that answers pages."""


def render(sheet: Mapping[str, Any], *, form: str = "pdf", pixels_per_inch: int | None = None) -> bytes:
    """Return a sheet as PDF, or its only page as PNG (`form="png"`).

    Raises Conflict `papers.fonts_missing`, `papers.character_missing` for a character that no font here has: a paper
    with a gap in a name is none; `papers.not_drawn`.
    """
    asked = {
        "fonts": [str(path) for path in font_files()],
        "sheet": {**sheet, "fonts": list(FAMILIES)},
        "format": form,
        "ppi": pixels_per_inch,
    }
    if not _AT_A_TIME.acquire(timeout=_WAIT_SECONDS):
        raise Conflict("papers.not_drawn")
    try:
        drawn = _draw(json.dumps(asked).encode())
    finally:
        _AT_A_TIME.release()
    if drawn.returncode == _NO_GLYPH:
        raise Conflict("papers.character_missing")
    if drawn.returncode or not drawn.stdout:
        raise Conflict("papers.not_drawn")
    return drawn.stdout


def _draw(asked: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 a script of ours, never a shell
            [sys.executable, "-I", str(_SCRIPT)],
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Conflict("papers.not_drawn") from error
