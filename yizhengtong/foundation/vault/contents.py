"""Whole contents, such as files: sealed in parts of a mebibyte, in order and to the last.

One byte of version, four of key id, then each part as nonce (12), content and tag (16). A part is bound to the place,
its number, and whether it is the last: parts cannot be left out, repeated, reordered or cut off.
"""

import logging
import os
from collections.abc import Iterator

from yizhengtong.foundation.vault.envelope import Place
from yizhengtong.foundation.vault.errors import UnknownEnvelope
from yizhengtong.foundation.vault.keyring import OPEN_KEY, ring_for_sealing, ring_with
from yizhengtong.foundation.vault.suites import NONCE_BYTES, TAG_BYTES, InvalidTag

log = logging.getLogger(__name__)

CONTENT_HEADER_BYTES = 5
_VERSION = 2
_PART_BYTES = 1024 * 1024
_OPEN_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"%PDF-")
"""What a file of release 0.1.0 begins with: JPEG, PNG or PDF as it came from re-encoding, without a header."""


def seal_content(content: bytes, place: Place) -> bytes:
    """Return a content sealed with the key in use."""
    ring = ring_for_sealing()
    key = ring.sealing
    if key.id == OPEN_KEY:
        return content
    header = bytes([_VERSION]) + key.id.to_bytes(4, "big")
    aead, sealed = ring.aead(key.id, place.table, place.column), [header]
    for number, part, is_last in _parts(content, _PART_BYTES):
        nonce = os.urandom(NONCE_BYTES)
        sealed += [nonce, aead.encrypt(nonce, bytes(part), _bound(header, place, number, is_last=is_last))]
    return b"".join(sealed)


def open_content(sealed: bytes, place: Place) -> bytes:
    """Return the content. Raises UnknownEnvelope with the codes of an envelope."""
    key_id = key_of_content(sealed)
    ring = ring_with(key_id)
    if key_id == OPEN_KEY:
        ring.opening(OPEN_KEY)
        return sealed
    header, aead = sealed[:CONTENT_HEADER_BYTES], ring.aead(key_id, place.table, place.column)
    opened = []
    try:
        for number, part, is_last in _parts(sealed[CONTENT_HEADER_BYTES:], NONCE_BYTES + _PART_BYTES + TAG_BYTES):
            nonce, rest = bytes(part[:NONCE_BYTES]), bytes(part[NONCE_BYTES:])
            if len(rest) < TAG_BYTES:
                raise InvalidTag
            opened.append(aead.decrypt(nonce, rest, _bound(header, place, number, is_last=is_last)))
    except InvalidTag:
        log.error("vault.content_does_not_open table=%s key=%s", place.table, key_id)
        raise UnknownEnvelope("vault.damaged", key=key_id) from None
    return b"".join(opened)


def key_of_content(sealed: bytes) -> int:
    """Return the id of the key that sealed a content, by its first bytes; 0 for what release 0.1.0 left open."""
    if sealed.startswith(_OPEN_STARTS):
        return OPEN_KEY
    if len(sealed) < CONTENT_HEADER_BYTES or sealed[0] != _VERSION:
        raise UnknownEnvelope("vault.not_an_envelope")
    return int.from_bytes(sealed[1:CONTENT_HEADER_BYTES], "big")


def _parts(content: bytes, size: int) -> Iterator[tuple[int, memoryview, bool]]:
    """Yield each part with its number and whether it is the last; one empty part for an empty content."""
    whole = memoryview(content)
    count = max(-(-len(content) // size), 1)
    for number in range(count):
        yield number, whole[number * size : (number + 1) * size], number == count - 1


def _bound(header: bytes, place: Place, number: int, *, is_last: bool) -> bytes:
    return header + f"{place.table}\0{place.column}\0{place.key}\0{number}\0{int(is_last)}".encode()
