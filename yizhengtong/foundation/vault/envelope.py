"""The envelope around a personal value: one byte of version, four of key id, nonce (12), content and tag (16).

Key 0 means that the content lies open, as release 0.1.0 left it; it opens until its values have been sealed anew
(docs/adr/0023). The place a value belongs to is authenticated with it.
"""

import logging
import os
from dataclasses import dataclass

from yizhengtong.foundation.vault.errors import UnknownEnvelope
from yizhengtong.foundation.vault.keyring import OPEN_KEY, ring_for_sealing, ring_with
from yizhengtong.foundation.vault.suites import NONCE_BYTES, TAG_BYTES, InvalidTag

__all__ = ["Place", "UnknownEnvelope", "is_sealed_with_the_key_in_use", "key_of", "open_envelope", "seal"]

log = logging.getLogger(__name__)

VERSION = 1
HEADER_BYTES = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs. Moved to another row, column or table it no longer opens."""

    table: str
    column: str
    key: str


def seal(content: bytes, place: Place) -> bytes:
    """Return the envelope around `content`, sealed with the key in use. Raises KeyProblem."""
    ring = ring_for_sealing()
    key = ring.sealing
    header = header_of(key.id)
    if key.id == OPEN_KEY:
        return header + content
    nonce = os.urandom(NONCE_BYTES)
    aead = ring.aead(key.id, place.table, place.column)
    return header + nonce + aead.encrypt(nonce, content, _bound(header, place))


def open_envelope(envelope: bytes, place: Place) -> bytes:
    """Return the content. Raises UnknownEnvelope; what it says holds nothing of the content."""
    key_id = key_of(envelope)
    header, body = envelope[:HEADER_BYTES], envelope[HEADER_BYTES:]
    ring = ring_with(key_id)
    if key_id == OPEN_KEY:
        ring.opening(OPEN_KEY)
        return body
    try:
        aead = ring.aead(key_id, place.table, place.column)
        if len(body) < NONCE_BYTES + TAG_BYTES:
            raise InvalidTag
        return aead.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(header, place))
    except InvalidTag:
        log.error("vault.does_not_open table=%s column=%s key=%s", place.table, place.column, key_id)
        raise UnknownEnvelope("vault.damaged", key=key_id) from None


def is_sealed_with_the_key_in_use(envelope: bytes) -> bool:
    """Whether sealing the same content again would use the same key."""
    return key_of(envelope) == ring_for_sealing().sealing.id


def key_of(envelope: bytes) -> int:
    """Return the id of the key that sealed an envelope. Raises UnknownEnvelope `vault.not_an_envelope`."""
    if len(envelope) < HEADER_BYTES or envelope[0] != VERSION:
        raise UnknownEnvelope("vault.not_an_envelope")
    return int.from_bytes(envelope[1:HEADER_BYTES], "big")


def header_of(key_id: int) -> bytes:
    """Return the bytes that every envelope of a key begins with."""
    return bytes([VERSION]) + key_id.to_bytes(4, "big")


def _bound(header: bytes, place: Place) -> bytes:
    """Return what is authenticated beside the content. No table or column has a NUL in its name."""
    return header + f"{place.table}\0{place.column}\0{place.key}".encode()
