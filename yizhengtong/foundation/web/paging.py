"""Cursor pages: a list is read on from where it ended, whatever was added meanwhile."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from yizhengtong.kernel.errors import FieldError, Invalid

PAGE_LIMIT = 100


def encode_cursor(position: Sequence[str]) -> str:
    """Return the opaque cursor of a row: the values that order it."""
    return base64.urlsafe_b64encode(json.dumps(list(position)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[str]:
    """Return the `length` values in a cursor. Raises Invalid `web.cursor_wrong`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        position = None
    if not isinstance(position, list) or len(position) != length or not all(isinstance(x, str) for x in position):
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")])
    return position


def decode_moment(cursor: str, *, field: str = "cursor") -> tuple[datetime, UUID]:
    """Return the instant and the row in a cursor. Raises Invalid `web.cursor_wrong` at `field`."""
    at, key = decode_cursor(cursor, 2)
    try:
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError("no time zone")
        return instant, UUID(key)
    except ValueError:
        raise Invalid("web.fields_wrong", errors=[FieldError(field, "web.cursor_wrong")]) from None
