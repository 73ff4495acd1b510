"""Nonces for DPoP proofs (RFC 9449 8): kept nowhere, each process knows those of every other.

A nonce says when it was made and bears a keyed hash. Whether they are asked is a setting: without them a proof could
have been made beforehand by who held the key for a moment.
"""

import hmac
from base64 import urlsafe_b64encode

from django.conf import settings

from yizhengtong.foundation.vault.indexes import blind_index

SECONDS = 300


def nonces_are_asked() -> bool:
    """Whether a proof needs a nonce of ours."""
    asked: bool = settings.YZT_WALLETS["dpop_nonces"]
    return asked


def new_nonce(now: float) -> str:
    """Return a nonce that is good for five minutes."""
    at = str(int(now))
    return f"{at}.{_mark(at)}"


def is_ours(nonce: str, now: float) -> bool:
    """Whether a nonce was made here, not too long ago."""
    at, _, mark = nonce.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 12):
        return False
    return hmac.compare_digest(mark.encode(), _mark(at).encode()) and 0 <= now - int(at) <= SECONDS


def _mark(at: str) -> str:
    return urlsafe_b64encode(blind_index("authorization.dpop_nonce", at)).rstrip(b"=").decode()
