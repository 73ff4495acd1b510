"""The XML parts of an OFD, written by hand (GB/T 33190-2016). Pure: the same pages give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yizhengtong.credentials.papers.ofd.measuring import deltas, width_of
from yizhengtong.credentials.papers.ofd.page import HEIGHT, WIDTH, Ink, Line, Page

NAMESPACE = "http://www.ofdspec.org/2016"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
OFD = f'xmlns:ofd="{NAMESPACE}"'
DOCUMENT = "Doc_0"
ROOT = f"{DOCUMENT}/Document.xml"
SIGNATURES = f"{DOCUMENT}/Signs/Signatures.xml"
FONT = 1
_FONT_NAME = "宋体"
_FIRST_PICTURE = 10
_FIRST_OBJECT = 100
_ASCENT = 0.86
"""From the top of a line of characters to their base line, in ems: 宋体 has 0.859."""
_GREY = '<ofd:FillColor Value="90 90 90"/>'
_WHOLE_PAGE = f"0 0 {WIDTH:g} {HEIGHT:g}"
_PRESENT = {9, 10, 13}
_ESCAPED = {
    **{code: "\ufffd" for code in range(32) if code not in _PRESENT},
    **dict.fromkeys((0x7F, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd"),
    ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of a document apart from its pages. `identity`: 32 hexadecimal digits."""

    identity: str
    title: str
    author: str
    dated: date
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the document: its name, its file and its format as OFD names it (PNG, JPEG)."""

    name: str
    filename: str
    kind: str
    content: bytes


def escaped(words: str) -> str:
    """Return words as XML has them; what XML 1.0 cannot hold becomes U+FFFD."""
    return words.translate(_ESCAPED) if not words.isalnum() else words


def entry(told: Described, *, is_signed: bool) -> str:
    """OFD.xml: where the document is and what is said of it."""
    signatures = f"<ofd:Signatures>{SIGNATURES}</ofd:Signatures>" if is_signed else ""
    custom = f'<ofd:CustomData Name="reference">{escaped(told.reference)}</ofd:CustomData>' if told.reference else ""
    custom = f"<ofd:CustomDatas>{custom}</ofd:CustomDatas>" if custom else ""
    return (
        f'{HEAD}<ofd:OFD {OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{told.identity}</ofd:DocID><ofd:Title>{escaped(told.title)}</ofd:Title>"
        f"<ofd:Author>{escaped(told.author)}</ofd:Author>"
        f"<ofd:CreationDate>{told.dated.isoformat()}</ofd:CreationDate><ofd:Creator>Yizhengtong</ofd:Creator>{custom}"
        f"</ofd:DocInfo><ofd:DocRoot>{ROOT}</ofd:DocRoot>{signatures}</ofd:DocBody></ofd:OFD>"
    )


def document(pages: int, most_id: int, *, has_pictures: bool) -> str:
    """Document.xml: the size of the page, the resources, the pages."""
    listed = "".join(f'<ofd:Page ID="{2 + at}" BaseLoc="Pages/Page_{at}/Content.xml"/>' for at in range(pages))
    resources = "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>" if has_pictures else ""
    return (
        f"{HEAD}<ofd:Document {OFD}><ofd:CommonData><ofd:MaxUnitID>{most_id}</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>{_WHOLE_PAGE}</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{resources}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )


PUBLIC_RESOURCES = (
    f'{HEAD}<ofd:Res {OFD} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="{FONT}" FontName="{_FONT_NAME}" '
    f'FamilyName="{_FONT_NAME}" Serif="true"/></ofd:Fonts></ofd:Res>'
)
"""PublicRes.xml: the one font, by name. A reader without it takes its own in the places that the file gives."""


def resources(pictures: Sequence[Picture]) -> str:
    """DocumentRes.xml: the images."""
    listed = "".join(
        f'<ofd:MultiMedia ID="{_FIRST_PICTURE + at}" Type="Image" Format="{each.kind}">'
        f"<ofd:MediaFile>{each.filename}</ofd:MediaFile></ofd:MultiMedia>"
        for at, each in enumerate(pictures)
    )
    return f'{HEAD}<ofd:Res {OFD} BaseLoc="Res"><ofd:MultiMedias>{listed}</ofd:MultiMedias></ofd:Res>'


def content(page: Page, pictures: Sequence[Picture], first_id: int) -> tuple[str, int]:
    """Content.xml of a page, and the last id in it."""
    at = max(first_id, _FIRST_OBJECT)
    told = [f'{HEAD}<ofd:Page {OFD}><ofd:Content><ofd:Layer ID="{at}">']
    for paths, width in ((page.rules, 0.18), (page.thick, 0.42)):
        if paths:
            at += 1
            told.append(_path(at, paths, width))
    for name, *place in page.pictures:
        at += 1
        told.append(_image(at, [each.name for each in pictures].index(name), place))
    for left, top, line in page.texts:
        at += 1
        told.append(_text(at, left, top, line))
    told.append("</ofd:Layer></ofd:Content></ofd:Page>")
    return "".join(told), at


def _path(at: int, paths: Sequence[str], width: float) -> str:
    return (
        f'<ofd:PathObject ID="{at}" Boundary="{_WHOLE_PAGE}" LineWidth="{width}">'
        f"<ofd:AbbreviatedData>{' '.join(paths)}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _image(at: int, picture: int, place: Sequence[float]) -> str:
    left, top, width, height = place
    return (
        f'<ofd:ImageObject ID="{at}" Boundary="{left:.2f} {top:.2f} {width:.2f} {height:.2f}" '
        f'CTM="{width:.2f} 0 0 {height:.2f} 0 0" ResourceID="{_FIRST_PICTURE + picture}"/>'
    )


def _text(at: int, left: float, top: float, line: Line) -> str:
    size, words = line.size, line.words
    delta = deltas(words, size)
    spaced = f' DeltaX="{delta}"' if delta else ""
    weight = ' Weight="700"' if line.ink is Ink.BOLD else ""
    # Its words are an element's: a reader keeps the spaces at their ends.
    return (
        f'<ofd:TextObject ID="{at}" Boundary="{left:.2f} {top:.2f} {width_of(words) * size + size / 4:.2f} '
        f'{line.height:.2f}" Font="{FONT}" Size="{size:g}"{weight}>{_GREY if line.ink is Ink.GREY else ""}'
        f'<ofd:TextCode X="0" Y="{(line.height - size) / 2 + _ASCENT * size:.2f}"{spaced}>{escaped(words)}'
        f"</ofd:TextCode></ofd:TextObject>"
    )
