"""Reading a PDF back: its text, its pages, the fonts in it, and a picture of a page."""

import io
import re
from collections.abc import Iterator

import pikepdf


def pages_of(content: bytes) -> int:
    """Return the number of pages."""
    with pikepdf.open(io.BytesIO(content)) as found:
        return len(found.pages)


def text_of(content: bytes) -> str:
    """Return what the pages say, by the fonts' own tables from glyph to character, without spaces and line ends."""
    with pikepdf.open(io.BytesIO(content)) as found:
        told = "".join("".join(_said(page)) for page in found.pages)
    return "".join(told.split()).replace("\u200b", "")


def fonts_of(content: bytes) -> dict[str, bool]:
    """Return each font and whether its glyphs are embedded."""
    with pikepdf.open(io.BytesIO(content)) as found:
        return {name: is_embedded for page in found.pages for name, is_embedded in _fonts(page)}


def has_gaps(content: bytes) -> bool:
    """Whether any glyph shown is glyph 0, the box that stands for a character no font has."""
    with pikepdf.open(io.BytesIO(content)) as found:
        return any(code == 0 for page in found.pages for _, code in _glyphs(page))


def is_tagged(content: bytes) -> bool:
    """Whether the document has a structure that can be read aloud, a language and a title to show."""
    with pikepdf.open(io.BytesIO(content)) as found:
        root = found.Root
        return bool(root.MarkInfo.Marked) and "/StructTreeRoot" in root and str(root.Lang).startswith("zh")


def _said(page: pikepdf.Page) -> Iterator[str]:
    tables = {name: _characters(font) for name, font in _fonts_by_name(page)}
    for name, code in _glyphs(page):
        yield tables[name].get(code, "")


def _glyphs(page: pikepdf.Page) -> Iterator[tuple[str, int]]:
    """Yield the name of the font and the number of each glyph shown, the page's and those of what it draws."""
    font = ""
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "Tf":
            font = str(instruction.operands[0])
        elif operator in ("Tj", "TJ"):
            shown = instruction.operands[0]
            for piece in shown if operator == "TJ" else [shown]:
                if isinstance(piece, pikepdf.String):
                    raw = bytes(piece)
                    yield from ((font, int.from_bytes(raw[at : at + 2])) for at in range(0, len(raw), 2))


def _fonts_by_name(page: pikepdf.Page) -> Iterator[tuple[str, pikepdf.Object]]:
    yield from page.resources.get("/Font", {}).items()


def _fonts(page: pikepdf.Page) -> Iterator[tuple[str, bool]]:
    for _, font in _fonts_by_name(page):
        descriptor = font.DescendantFonts[0].FontDescriptor
        yield str(font.BaseFont), any(f"/FontFile{kind}" in descriptor for kind in ("2", "3"))


def _characters(font: pikepdf.Object) -> dict[int, str]:
    """Return glyph → character of a font's ToUnicode table."""
    table = bytes(font.ToUnicode.read_bytes()).decode("ascii", "replace")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
        found |= {int(a, 16): _text(b) for a, b in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block)}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, start in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            base = _text(start)
            for at in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + at] = base[:-1] + chr(ord(base[-1]) + at)
    return found


def _text(hexadecimal: str) -> str:
    return bytes.fromhex(hexadecimal).decode("utf-16-be")
