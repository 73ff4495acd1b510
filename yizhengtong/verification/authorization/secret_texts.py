"""Codes and tokens: 256 random bits each, of which only a hash is kept. Whoever reads the tables can use none.

A plain SHA-256 serves: nothing of 256 bits is guessed. What a person types (a transaction code) is short and gets a
keyed one, bound to the code it belongs to.
"""

import secrets
from hashlib import sha256

from yizhengtong.foundation.vault.indexes import blind_index

_BYTES = 32
TX_CODE_DIGITS = 6


def new_secret() -> str:
    """Return 43 URL-safe letters."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> bytes:
    """Return 32 bytes, what is kept of a secret."""
    return sha256(secret.encode(errors="replace")).digest()


def new_tx_code() -> str:
    """Return six digits for a person to type."""
    return "".join(secrets.choice("0123456789") for _ in range(TX_CODE_DIGITS))


def hash_of_tx_code(tx_code: str, code_hash: bytes) -> bytes:
    """Return 16 bytes, what is kept of a transaction code beside its pre-authorized code."""
    return blind_index("authorization.tx_code", f"{code_hash.hex()} {tx_code}")
