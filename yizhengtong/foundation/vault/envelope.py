"""The envelope around a personal value: one byte of version, four of key id, then the content.

Key 0 means that the content lies open. A deployment that holds keys writes other ids; both are read side by side,
so that turning encryption on or rotating a key changes no column.
"""

from dataclasses import dataclass

_VERSION = 1
_OPEN_KEY = 0
_HEADER_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs. Moved to another row or column it no longer opens once it is sealed with a key."""

    table: str
    column: str
    key: str


class UnknownEnvelope(Exception):
    """The bytes are no envelope, or of a version or key this deployment does not hold."""


def seal(content: bytes, _place: Place) -> bytes:
    """Return the envelope around `content`."""
    return bytes([_VERSION]) + _OPEN_KEY.to_bytes(4, "big") + content


def open_envelope(envelope: bytes, _place: Place) -> bytes:
    """Return the content. Raises UnknownEnvelope."""
    if len(envelope) < _HEADER_LENGTH or envelope[0] != _VERSION:
        raise UnknownEnvelope("not an envelope of this version")
    if int.from_bytes(envelope[1:_HEADER_LENGTH], "big") != _OPEN_KEY:
        raise UnknownEnvelope("sealed with a key that this deployment does not hold")
    return envelope[_HEADER_LENGTH:]
