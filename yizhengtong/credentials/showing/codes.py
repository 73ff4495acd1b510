"""The code on the phone: random, short enough to be typed, kept as a keyed hash alone."""

import secrets
from datetime import timedelta

from yizhengtong.foundation.vault.indexes import blind_index

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LETTERS = 12  # 60 bits, good for seconds and once: whoever guesses a million a second needs centuries for one
_GROUP = 4

CHANGES_AFTER = timedelta(seconds=30)
GRACE = timedelta(seconds=15)
"""For the way from the phone's screen to the checker's button, and for clocks of several servers that differ."""
LASTS = timedelta(minutes=5)
"""How long a permit is held out before its holder is asked again. Three of ours; 亮码 practice has the first."""


def new_code() -> str:
    """Return a code in groups of four."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)))


def normal(text: str) -> str:
    """Return a code as somebody typed it in its one form; empty when it cannot be one."""
    letters = "".join(text.split()).replace("-", "").lower()
    return grouped(letters) if len(letters) == LETTERS and set(letters) <= set(ALPHABET) else ""


def code_hash(code: str) -> bytes:
    """Return what the table finds a code by."""
    return blind_index("showing.code", code)


def grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
