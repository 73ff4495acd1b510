"""Keys of relying parties: 256 random bits, so that a plain SHA-256 of one cannot be guessed and is quickly checked."""

import secrets
from hashlib import sha256

_KEY_BYTES = 32


def new_key() -> str:
    """Return a fresh key as URL-safe text."""
    return secrets.token_urlsafe(_KEY_BYTES)


def hash_of(key: str) -> bytes:
    """Return what is kept of a key."""
    return sha256(key.encode()).digest()
