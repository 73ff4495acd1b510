"""From a sheet to a PDF, signed where somebody signs. The same sheet with the same fonts gives the same bytes before
the signature."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from yizhengtong.credentials.formats.signing import Signer
from yizhengtong.credentials.papers.fonts import FAMILIES, font_files
from yizhengtong.credentials.papers.frames import Broken, Frame, packed, read_frame
from yizhengtong.credentials.papers.stamping import is_wanted, time_stamp
from yizhengtong.kernel.errors import Conflict

_SCRIPT = Path(__file__).with_name("drawing.py")
_SECONDS = 30.0
_AT_A_TIME = BoundedSemaphore(2)
"""A paper takes a processor and some 200 MB while it is drawn: two at a time in a process, the others wait a little."""
_WAIT_SECONDS = 5.0
"""Then one is told to try again: whoever asks for hundreds must not hold every thread that answers pages."""


def render(
    sheet: Mapping[str, Any],
    *,
    form: str = "pdf",
    pixels_per_inch: int | None = None,
    signer: Signer | None = None,
    authority: str = "",
) -> bytes:
    """Return a sheet as PDF, or its only page as PNG (`form="png"`).

    `signer`: an ES256 key with its certificates, for `authority`; without one the PDF is not signed. Raises Conflict
    `papers.fonts_missing`, `papers.character_missing` for a character that no font here has: a paper with a gap in a
    name is none; `papers.not_drawn`.
    """
    asked = {
        "fonts": [str(path) for path in font_files()],
        "sheet": {**sheet, "fonts": list(FAMILIES)},
        "format": form,
        "ppi": pixels_per_inch,
        "certificates": [b64encode(each).decode() for each in signer.certificates] if signer else [],
        "authority": authority,
        "is_stamped": signer is not None and is_wanted(),
    }
    if not _AT_A_TIME.acquire(timeout=_WAIT_SECONDS):
        raise Conflict("papers.not_drawn")
    try:
        frame, content = _drawn(json.dumps(asked).encode(), signer)
    finally:
        _AT_A_TIME.release()
    if frame is Frame.NO_GLYPH:
        raise Conflict("papers.character_missing")
    if frame is not Frame.PAPER or not content:
        raise Conflict("papers.not_drawn")
    return content


def _drawn(asked: bytes, signer: Signer | None) -> tuple[Frame, bytes]:
    """Ask a drawing process that is warm, else a new one. One that ended of itself in between is no failure."""
    while (warm := _taken()) is not None:
        with suppress(Broken):
            return _answered(warm, asked, signer)
    try:
        return _answered(_Drawing(), asked, signer)
    except Broken as error:
        raise Conflict("papers.not_drawn") from error


def _answered(drawing: "_Drawing", asked: bytes, signer: Signer | None) -> tuple[Frame, bytes]:
    try:
        answer = drawing.ask(asked, signer)
    except BaseException:
        drawing.end()
        raise
    with _LOCK:
        _WARM.append(drawing)
    return answer


def _taken() -> "_Drawing | None":
    with _LOCK:
        while _WARM:
            drawing = _WARM.pop()
            if drawing.is_alive():
                return drawing
            drawing.end()
    return None


class _Drawing:
    """A drawing process. It ends when it is left alone, and with the process that started it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 a script of ours, never a shell
            [sys.executable, "-I", str(_SCRIPT)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._pipes = [pipe for pipe in (self._process.stdin, self._process.stdout) if pipe is not None]
        self._to, self._from = (pipe.fileno() for pipe in self._pipes)
        self._until = 0.0

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, asked: bytes, signer: Signer | None) -> tuple[Frame, bytes]:
        """Return the frame that ends a paper, answering on the way what is asked back. Raises Broken."""
        self._until = time.monotonic() + _SECONDS
        self._write(packed(Frame.DRAW, asked))
        answers: dict[Frame, Callable[[bytes], bytes]] = {Frame.STAMP: time_stamp}
        if signer is not None:
            answers[Frame.SIGN] = signer.sign
        while True:
            frame, content = read_frame(self._read)
            if frame not in answers:
                return frame, content
            self._write(packed(Frame.ANSWER, answers[frame](content)))

    def end(self) -> None:
        self._process.kill()
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.close()
        self._process.wait()

    def _read(self, count: int) -> bytes:
        poll = select.poll()
        poll.register(self._from, select.POLLIN)
        if not poll.poll(max(0.0, self._until - time.monotonic()) * 1000):
            raise Conflict("papers.not_drawn")  # late: another process would be as late
        return os.read(self._from, count)

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        try:
            while left:
                left = left[os.write(self._to, left) :]
        except OSError as error:
            raise Broken from error


_LOCK = threading.Lock()
_WARM: list[_Drawing] = []
