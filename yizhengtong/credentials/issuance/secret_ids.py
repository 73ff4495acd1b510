"""Ids that open something to whoever has them: drawn at random, kept as hashes."""

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Return 256 random bits in base64url."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> bytes:
    """Return what stands for a secret in a table, 32 bytes: nothing with 256 random bits can be guessed from it."""
    return hashlib.sha256(secret.encode("utf-8", errors="replace")).digest()
