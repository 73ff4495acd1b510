"""The letters of a share code, and the secret of a look that its browser keeps: random, kept as keyed hashes alone."""

import secrets

from yizhengtong.foundation.vault.indexes import blind_index

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O, U, which are read as 1, 1, 0 and V."""
LETTERS = 10
"""50 bits. The limit of all tries together, without a key or by one relying party, lets 2^27 through in the longest
life of a code, 90 days: of a million codes alive at once, one is met with a chance of 1 in 9, and then the birth date
is still unknown (docs/adr/0067)."""
_GROUP = 5
_READ_AS = str.maketrans("ILO", "110")
_VIEW_BYTES = 32


def new_code() -> str:
    """Return a code in groups of five, such as 7K2M9-QXDH4."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)))


def normal(text: str) -> str:
    """Return a code as somebody typed it in its one form; empty when it cannot be one."""
    letters = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    return _grouped(letters) if len(letters) == LETTERS and set(letters) <= set(ALPHABET) else ""


def code_hash(code: str) -> bytes:
    """Return what the table finds a code by."""
    return blind_index("sharing.code", code)


def new_view() -> str:
    """Return the secret by which a browser sees again what it was told."""
    return secrets.token_urlsafe(_VIEW_BYTES)


def view_hash(secret: str) -> bytes:
    """Return what the table finds a look by."""
    return blind_index("sharing.view", secret)


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
