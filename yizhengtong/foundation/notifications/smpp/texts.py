"""Texts as short messages: the GSM alphabet where it serves, else UCS-2, cut into parts (3GPP TS 23.038, 23.040)."""

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {"^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
_ESCAPE = 0x1B
_GSM = {letter: bytes([code]) for code, letter in enumerate(_BASIC) if letter != "\x1b"} | {
    letter: bytes([_ESCAPE, code]) for letter, code in _EXTENSION.items()
}
GSM7, UCS2 = 0x00, 0x08
_SEPTETS, _SEPTETS_OF_PART = 160, 153
_OCTETS, _OCTETS_OF_PART = 140, 134
MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class Coded:
    """A text as it travels: its data coding, and the parts without their headers."""

    data_coding: int
    parts: tuple[bytes, ...]


def coded(text: str) -> Coded:
    """Return a text in the alphabet that serves, in parts that each fit. Raises ValueError for more than MOST_PARTS."""
    letters = [_GSM.get(letter, b"") for letter in text]
    if all(letters):
        found = Coded(GSM7, _cut(letters, _SEPTETS, _SEPTETS_OF_PART))
    else:
        units = [letter.encode("utf-16-be", "replace") for letter in text]
        found = Coded(UCS2, _cut(units, _OCTETS, _OCTETS_OF_PART))
    if len(found.parts) > MOST_PARTS:
        raise ValueError("a text is too long for a short message")
    return found


def whole(text: str) -> tuple[int, bytes]:
    """Return a text's data coding and its bytes in one, for message_payload."""
    letters = [_GSM.get(letter, b"") for letter in text]
    return (GSM7, b"".join(letters)) if all(letters) else (UCS2, text.encode("utf-16-be", "replace"))


def text_of(data_coding: int, content: bytes) -> str:
    """Read a text back. Receipts are plain ASCII under most codings; what is not readable is replaced."""
    if data_coding == UCS2:
        return content.decode("utf-16-be", "replace")
    if data_coding != GSM7:
        return content.decode("latin-1")
    read, is_escaped = [], False
    extension = {code: letter for letter, code in _EXTENSION.items()}
    for code in content:
        if code == _ESCAPE and not is_escaped:
            is_escaped = True
            continue
        read.append(extension.get(code, "?") if is_escaped else _BASIC[code] if code < len(_BASIC) else "?")
        is_escaped = False
    return "".join(read)


def headers(number: int, reference: int) -> list[bytes]:
    """Return the user data header of each of `number` parts: concatenation with an 8-bit reference (9.2.3.24.1)."""
    return [bytes([5, 0, 3, reference & 0xFF, number, each + 1]) for each in range(number)]


def _cut(letters: list[bytes], one: int, part: int) -> tuple[bytes, ...]:
    """Cut between letters: neither an escaped letter nor a surrogate pair is ever split."""
    if sum(map(len, letters)) <= one:
        return (b"".join(letters),)
    parts = [b""]
    for letter in letters:
        if len(parts[-1]) + len(letter) > part:
            parts.append(b"")
        parts[-1] += letter
    return tuple(parts)
