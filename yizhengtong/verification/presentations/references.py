"""Nonce, state, addresses and codes of a presentation: each a keyed hash of its id, so that no table holds them.

Whoever knows an id, which grows with time, knows none of them.
"""

from hmac import compare_digest
from uuid import UUID

from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.foundation.vault.indexes import keyed_digest
from yizhengtong.kernel.errors import NotFound

REQUEST, ANSWER = "request", "answer"
"""What an address is for: where the wallet fetches the request, where it posts its answer."""
_HEX = 32


def nonce_of(key: UUID) -> str:
    """Return the nonce, fresh with every presentation (OpenID4VP 1.0, 5.2)."""
    return _derived("nonce", key)


def state_of(key: UUID) -> str:
    """Return the state that the answer must bear."""
    return _derived("state", key)


def response_code_of(key: UUID) -> str:
    """Return what only the browser knows that the wallet sent it back with (14.2)."""
    return _derived("response_code", key)


def is_same(known: str, given: str) -> bool:
    """Whether two such texts are the same, in a time that does not tell where they differ."""
    return compare_digest(known.encode(), given.encode("utf-8", "replace"))


def reference_to(use: str, key: UUID) -> str:
    """Return the last part of an address."""
    return f"{key.hex}{_derived(use, key)}"


def read_reference(use: str, text: str) -> UUID:
    """Return whose address it is. Raises NotFound for one that was not made here."""
    try:
        key = UUID(hex=text[:_HEX])
    except ValueError:
        raise NotFound("not_found") from None
    if not is_same(reference_to(use, key), text):
        raise NotFound("not_found")
    return key


def _derived(use: str, key: UUID) -> str:
    return encode_base64url(keyed_digest(f"presentations.{use}", key.bytes))
