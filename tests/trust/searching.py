"""Looking for personal data in bytes, in every encoding that a table, a dump or a file could show them in."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

_CHANCE = 11
_WINDOW_BYTES = 64
_WINDOWS_A_PICTURE = 24
_MAGIC = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n", b"%PDF-1.")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something was found: what kind of thing, in which encoding, in which haystack."""

    kind: str
    encoding: str
    place: str


def find(haystacks: Iterable[tuple[str, bytes]], things: Iterable[tuple[str, bytes | str]]) -> set[Hit]:
    """Return every hit of `things` (kind, text or bytes) in `haystacks` (place, content)."""
    needles = {(kind, encoding, needle) for kind, thing in things for encoding, needle in written(thing)}
    return {
        Hit(kind, encoding, place)
        for place, content in haystacks
        for kind, encoding, needle in needles
        if needle in content and _stands_by_itself(needle, content)
    }


def _stands_by_itself(needle: bytes, content: bytes) -> bool:
    """Whether a short row of digits is more than chance: bytes in hexadecimal hold any eight digits at times."""
    if len(needle) > _CHANCE or not needle.isdigit():
        return True
    return re.search(rb"(?<![0-9a-fA-F])" + needle + rb"(?![0-9a-fA-F])", content) is not None


def written(thing: bytes | str) -> Iterator[tuple[str, bytes]]:
    """Yield every form of a thing with its name."""
    if isinstance(thing, bytes):
        yield from _carried("bytes", thing)
        return
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "gbk", "big5"):
        encoded = thing.encode(codec, "ignore")
        if encoded.decode(codec) == thing:  # big5 has no simplified characters
            yield from _carried(codec, encoded)
    escaped = thing.encode("unicode-escape").decode()
    yield "escaped", escaped.encode()
    yield "escaped, upper case", escaped.upper().replace("\\U", "\\u").encode()
    yield "escaped twice", escaped.replace("\\", "\\\\").encode()
    yield "percent", quote(thing, safe="").encode()
    yield "percent, lower case", quote(thing, safe="").lower().encode()


def _carried(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield bytes as they are, in hexadecimal, and in base64 at each of the three positions they can begin at."""
    yield name, content
    yield f"{name}, hexadecimal", content.hex().encode()
    yield f"{name}, hexadecimal, upper case", content.hex().upper().encode()
    for shift in range(3):
        if len(content) >= 8:  # shorter ones lose too much at their ends
            whole = base64.b64encode(bytes(shift) + content)
            inner = whole[-(-shift * 4 // 3) + (1 if shift else 0) : (len(content) + shift) * 8 // 6]
            yield f"{name}, base64 at {shift}", inner
            yield f"{name}, base64 for addresses at {shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))


def texts_of(kind: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each text that is long enough to mean something, as it is and without spaces."""
    for text in texts:
        yield kind, text
        if " " in text:
            yield kind, text.replace(" ", "")


def days(kind: str, day: date) -> Iterator[tuple[str, str]]:
    """Yield a birth date in the forms in which it identifies."""
    yield kind, day.isoformat()
    yield kind, f"{day:%Y%m%d}"
    yield kind, f"{day.year}年{day.month}月{day.day}日"
    yield kind, f"{day:%Y/%m/%d}"


def windows(kind: str, picture: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield pieces of a picture from its whole length, past the head that all of its sort share."""
    step = max((len(picture) - 1024) // _WINDOWS_A_PICTURE, 1)
    for start in range(1024, len(picture) - _WINDOW_BYTES, step):
        yield kind, picture[start : start + _WINDOW_BYTES]


def magic() -> Iterator[tuple[str, bytes]]:
    """Yield what pictures and papers begin with."""
    yield from (("magic", start) for start in _MAGIC)


def kinds(hits: Iterable[Hit]) -> Mapping[str, set[str]]:
    """Return the encodings in which each kind of thing was found."""
    found: dict[str, set[str]] = {}
    for hit in hits:
        found.setdefault(hit.kind, set()).add(hit.encoding)
    return found
