"""Identifiers: time-ordered UUIDs made by the application, and the opaque ids outsiders see.

A row's key is known before the row exists, so that an encrypted field can be bound to it (docs/adr/0006).
"""

import os
import time
from uuid import UUID

from yizhengtong.kernel.errors import NotFound

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u to misread
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26  # 26 letters of 5 bits hold a UUID's 128 bits


def new_id() -> UUID:
    """Return a UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 64 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=value)


def public_id(prefix: str, key: UUID) -> str:
    """Return the id outsiders see: `apl_` and 26 letters for an application."""
    value = key.int
    letters = []
    for _ in range(_LENGTH):
        value, digit = divmod(value, 32)
        letters.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(letters))}"


def parse_public_id(prefix: str, text: str) -> UUID:
    """Return the key inside a public id. Raises NotFound: a malformed id is an id of nothing."""
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != _LENGTH or not set(letters) <= _VALUES.keys():
        raise NotFound("not_found")
    value = 0
    for letter in letters:
        value = value * 32 + _VALUES[letter]
    if value >> 128:
        raise NotFound("not_found")
    return UUID(int=value)
