"""How the web process and the process that draws speak over a pipe: a letter, a length, that many bytes.

Standard library only: the drawing process loads neither Django nor a key.
"""

from collections.abc import Callable
from enum import StrEnum

_HEAD = 5
MOST_BYTES = 64 * 1024 * 1024


class Frame(StrEnum):
    """What follows. DRAW: what to draw, as JSON. SIGN and STAMP ask back: 64 bytes of signature over the data, a
    time-stamp response (RFC 3161) to a request; ANSWER holds it, empty for none. PAPER ends well, the others do not."""

    DRAW = "D"
    SIGN = "S"
    STAMP = "T"
    ANSWER = "A"
    PAPER = "P"
    NO_GLYPH = "G"
    FAILED = "F"


class Broken(Exception):
    """The other side is gone, late, or says what is no frame."""


def packed(frame: Frame, content: bytes = b"") -> bytes:
    """Return a frame as it goes over the pipe."""
    return frame.encode() + len(content).to_bytes(4) + content


def read_frame(read: Callable[[int], bytes]) -> tuple[Frame, bytes]:
    """Return the next frame. `read` gives at most so many bytes, none at the end. Raises Broken."""
    head = _exactly(read, _HEAD)
    length = int.from_bytes(head[1:])
    try:
        frame = Frame(head[:1].decode("ascii", "replace"))
    except ValueError:
        raise Broken from None
    if length > MOST_BYTES:
        raise Broken
    return frame, _exactly(read, length)


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        piece = read(count - len(found))
        if not piece:
            raise Broken
        found += piece
    return bytes(found)
