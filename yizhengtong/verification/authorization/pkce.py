"""Proof Key for Code Exchange (RFC 7636), by S256 alone."""

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

METHOD = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(text: str) -> bool:
    """Whether this is a SHA-256 in base64url (RFC 7636 4.2)."""
    return bool(_CHALLENGE.fullmatch(text))


def matches(verifier: str, challenge: str) -> bool:
    """Whether a verifier is the one of a challenge; one that is malformed (RFC 7636 4.1) is not."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
