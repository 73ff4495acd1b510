"""Draws papers, and signs them, in a process of its own that ends when nobody asks for a while.

Fonts of a hundred megabytes and the libraries of signing stay out of the processes that answer pages. It gets fonts
(paths of files), a sheet and certificates; a key it never has: it asks back for each signature (frames.py).
"""

import json
import os
import re
import select
import sys
from base64 import b64decode
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # it is run as a script, apart from any surroundings

os.environ.setdefault("RAYON_NUM_THREADS", "1")  # a paper is too small to be shared among threads

import typst

from yizhengtong.credentials.papers.frames import Broken, Frame, packed, read_frame

IDLE_SECONDS = 20.0
"""Ours: a paper a second keeps it; a quiet office does not hold its memory."""
_TEMPLATE = Path(__file__).with_name("paper.typ")
_STANDARDS: tuple[Literal["a-2a", "ua-1"], ...] = ("a-2a", "ua-1")
"""To be kept for long and read aloud; under them typst refuses a character without a glyph."""
_LONG = re.compile(r"[0-9A-Za-z/_.-]{24,}")
_PORTRAIT, _CODE = "portrait.svg", "code.png"
_FRAME = (
    "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 30 40'>"
    "<image width='30' height='40' xlink:href='data:image/jpeg;base64,{}'/></svg>"
)
"""A photograph stands within an SVG: so its JPEG goes into the PDF as it is, and typst never decodes its pixels.

Within, and not named by it as a file of its own: typst takes an SVG of the same text for the same picture, and would
print the face of the paper before.
"""
_PAGES = re.compile(rb"/Type\s*/Pages\s*/Count\s+(\d+)")
_GLYPH_WORDS = ("could not be displayed", "glyph", "tofu", "no font")


class NoGlyph(Exception):
    """A character that no font here has."""


class Failed(Exception):
    """It was not drawn. What typst says may hold what stands in the paper: it is told only where it is asked for."""


class Drawer:
    """A compiler with its fonts, used for one paper after the other."""

    def __init__(self, fonts: Iterable[str], folder: Path) -> None:
        """`folder`: to be made, for typst takes folders, and the other fonts beside these are not wanted."""
        folder.mkdir()
        for path in fonts:
            (folder / Path(path).name).symlink_to(path)
        self._fonts = typst.Fonts(False, False, [str(folder)])
        self.families = frozenset(self._fonts.families())
        root = folder / "root"
        root.mkdir()
        (root / _TEMPLATE.name).symlink_to(_TEMPLATE)
        self._pictures = {name: _Picture(root / name) for name in (_PORTRAIT, _CODE)}
        self._compiler = typst.Compiler(root=root, font_paths=self._fonts)

    def draw(self, sheet: Mapping[str, Any], form: Literal["pdf", "png"] = "pdf", ppi: float | None = None) -> bytes:
        """Return a sheet as PDF, or its pages as PNG one after the other. Raises NoGlyph, Failed."""
        if sheet["fonts"][0] not in self.families:
            raise Failed("fonts")
        try:
            set_sheet = self._with_pictures_aside({**sheet, "parts": _breakable(sheet["parts"])})
            drawn = self._pages({**set_sheet, "is_numbered": False}, form, ppi)
            if _has_more_than_one(drawn):
                drawn = self._pages({**set_sheet, "is_numbered": True}, form, ppi)
        except typst.TypstError as error:
            told = f"{error.message} {' '.join(error.hints)}".lower()
            if any(words in told for words in _GLYPH_WORDS):
                raise NoGlyph from None
            raise Failed(error.diagnostic) from None
        finally:
            for picture in self._pictures.values():
                picture.keep(b"")
        return b"".join(drawn)

    def _pages(self, sheet: Mapping[str, Any], form: Literal["pdf", "png"], ppi: float | None) -> list[bytes]:
        """Return the PDF, or a PNG for each page. Raises TypstError."""
        drawn = self._compiler.compile(
            _document(sheet),
            format=form,
            ppi=ppi,
            pdf_standards=list(_STANDARDS) if form == "pdf" else None,
        )
        return [page or b"" for page in (drawn if isinstance(drawn, list) else [drawn])]

    def _with_pictures_aside(self, sheet: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a sheet that names its pictures, which then need not be read as text; there is one of each at most."""
        parts = list(sheet["parts"])
        for at, part in enumerate(parts):
            if part.get("portrait"):
                self._pictures[_PORTRAIT].keep(_FRAME.format(part["portrait"]).encode("ascii"))
                parts[at] = {**part, "portrait": f"/{_PORTRAIT}"}
        self._pictures[_CODE].keep(bytes(sheet["code"]))
        return {**sheet, "parts": parts, "code": f"/{_CODE}" if sheet["code"] else ""}


class _Picture:
    """A file for typst to read, in memory alone: a face is never written to a disk."""

    def __init__(self, path: Path) -> None:
        self._file = os.memfd_create(path.name)
        path.symlink_to(f"/proc/self/fd/{self._file}")

    def __del__(self) -> None:
        os.close(self._file)

    def keep(self, content: bytes) -> None:
        """Put a content in the place of the one before."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, content, 0)


def _has_more_than_one(drawn: list[bytes]) -> bool:
    """Return whether there are several pages, which then bear numbers.

    Asked here, for to ask it in the template has typst lay every paper out twice.
    """
    told = _PAGES.search(drawn[0])
    return len(drawn) > 1 or (told is not None and told[1] != b"1")


def _document(sheet: Mapping[str, Any]) -> bytes:
    """Return what typst is to set: the template's function with the sheet as one literal of ASCII.

    In it a quotation mark and a backslash are escaped, which is all that a literal of typst needs. Passed as an input,
    the sheet would have the whole template evaluated anew.
    """
    told = json.dumps(sheet).replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "{_TEMPLATE.name}": paper\n#paper(json(bytes("{told}")))'.encode("ascii")


def _breakable(part: Any) -> Any:
    """Return a part whose long values may break anywhere, so that no number or name runs out of its cell.

    A space of no width does it. Here and not in the template, where looking at each value costs more than setting it.
    """
    if isinstance(part, str):
        return _LONG.sub(lambda found: "\u200b".join(found[0]), part)
    if isinstance(part, list):
        return [_breakable(each) for each in part]
    if isinstance(part, dict):
        return {name: each if name == "portrait" else _breakable(each) for name, each in part.items()}
    return part


def main() -> int:
    drawers: dict[tuple[str, ...], Drawer] = {}
    with TemporaryDirectory() as folder:
        while select.select([0], [], [], IDLE_SECONDS)[0]:
            try:
                frame, content = read_frame(_read)
            except Broken:
                return 0
            if frame is not Frame.DRAW:
                return 1
            asked = json.loads(content)
            try:
                fonts = tuple(asked["fonts"])
                if fonts not in drawers:
                    drawers[fonts] = Drawer(fonts, Path(folder, str(len(drawers))))
                _tell(Frame.PAPER, _made(drawers[fonts], asked))
            except NoGlyph:
                _tell(Frame.NO_GLYPH)
            except Failed as error:
                _tell(Frame.FAILED, str(error).encode() if asked.get("explain") else b"")
    return 0


def _made(drawer: Drawer, asked: Mapping[str, Any]) -> bytes:
    drawn = drawer.draw(asked["sheet"], asked["format"], asked.get("ppi"))
    if not asked.get("certificates"):
        return drawn
    from yizhengtong.credentials.papers.pades import sign_pdf  # 50 MB, only where something is signed

    return sign_pdf(
        drawn,
        certificates=[b64decode(each) for each in asked["certificates"]],
        authority=asked["authority"],
        sign=lambda data: _asked_back(Frame.SIGN, data),
        stamp=(lambda request: _asked_back(Frame.STAMP, request)) if asked.get("is_stamped") else None,
    )


def _asked_back(frame: Frame, content: bytes) -> bytes:
    _tell(frame, content)
    answer, told = read_frame(_read)
    if answer is not Frame.ANSWER:
        raise Broken
    return told


def _read(count: int) -> bytes:
    return os.read(0, count)


def _tell(frame: Frame, content: bytes = b"") -> None:
    left = memoryview(packed(frame, content))
    while left:
        left = left[os.write(1, left) :]


if __name__ == "__main__":
    sys.exit(main())
