"""Identifiers: time-ordered UUIDs made by the application, and the opaque ids outsiders see.

A row's key is known before the row exists, so that an encrypted field can be bound to it (docs/adr/0006).
"""

import os
import threading
import time
from uuid import UUID

from yizhengtong.kernel.errors import NotFound

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u to misread
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26  # 26 letters of 5 bits hold a UUID's 128 bits
_MOST_AHEAD_MS = 60_000
"""A clock that is put right by more was wrong: the ids follow it, or the day they tell of would be wrong too."""


class _Ticks:
    """Numbers that grow: 48 bits of Unix milliseconds and a count of 12 bits within one of them."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def after(self, now_ms: int, seed: int) -> int:
        """Return the next number: that of a new millisecond with its seed, else one more than the last."""
        with self._lock:
            is_ahead = 0 <= (self._last >> 12) - now_ms <= _MOST_AHEAD_MS
            self._last = self._last + 1 if is_ahead else now_ms << 12 | seed
            return self._last

    def unlock(self) -> None:
        """Forget a lock that a thread held when this process was forked off, and not what was given out."""
        self._lock = threading.Lock()


_ticks = _Ticks()
os.register_at_fork(after_in_child=_ticks.unlock)


def new_id() -> UUID:
    """Return a UUID of version 7 (RFC 9562, section 6.2, method 1), greater than those this process made before.

    48 bits of Unix milliseconds, 12 bits that count, 62 random bits. The count starts anew in each millisecond,
    somewhere in its lower half, so that 2048 ids fit; past them, or when the clock steps back, the ids run ahead of it:
    by a minute at most. Safe for threads and after a fork. Between processes the order is that of their clocks.
    """
    drawn = int.from_bytes(os.urandom(10), "big")
    tick = _ticks.after(time.time_ns() // 1_000_000, drawn >> 62 & 0x7FF)
    return UUID(int=tick >> 12 << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | drawn & (1 << 62) - 1)


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
