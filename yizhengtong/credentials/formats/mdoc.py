"""Writing ISO 18013-5 mdoc: IssuerSigned, whose elements are disclosed one by one, bound to a device key.

ISO/IEC 18013-5:2021, 8.3.2.1.2.2 and 9.1.2.4; `status` as draft-ietf-oauth-status-list-21 puts it into the mobile
security object. Reading stands in `mdoc_reading`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from os import urandom
from typing import Any

from cbor2 import CBORTag, dumps

from yizhengtong.credentials.formats.cose import byte_string, cose_key, sign1
from yizhengtong.credentials.formats.signing import Signer

VERSION, DIGEST_ALGORITHM = "1.0", "SHA-256"
EMBEDDED, TDATE, FULL_DATE = 24, 0, 1004
"""Tags: CBOR inside a byte string, an instant as RFC 3339 text, a day as RFC 8943 text."""

_RANDOM_BYTES = 24  # 9.1.2.5: at least 16
_ITEM_HEAD = b"\xa4" + dumps("random") + b"\x58" + bytes((_RANDOM_BYTES,))
_DIGEST_ID, _VALUE, _IDENTIFIER = dumps("digestID"), dumps("elementValue"), dumps("elementIdentifier")
_EMBEDDED_HEAD = b"\xd8\x18"
_DIGEST_HEAD = b"\x58\x20"


def issue(
    namespace_items: Mapping[str, Mapping[str, Any]],
    *,
    doctype: str,
    signer: Signer,
    device_key_jwk: Mapping[str, Any],
    signed_at: datetime,
    valid_from: datetime,
    valid_until: datetime,
    status: Mapping[str, Any] | None = None,
) -> bytes:
    """Return IssuerSigned in CBOR, with every element.

    `namespace_items`: values by namespace and element; a `date` becomes full-date, a `datetime` tdate. Instants are
    cut to whole seconds; round them, lest they tell that two credentials of a batch belong together. `status`: the
    whole claim. Raises FormatProblem `jwk.malformed`, `jwk.private`, `cose.algorithm_refused`, ValueError for an
    instant without a time zone.
    """
    written = sorted(((name, _items(elements)) for name, elements in namespace_items.items()), key=_by_encoding)
    signed, begins, ends = _instant(signed_at), _instant(valid_from), _instant(valid_until)
    mso = b"".join(
        (
            b"\xa7" if status is not None else b"\xa6",
            *(() if status is None else (_STATUS, dumps(dict(status), canonical=True))),
            _DOCTYPE, dumps(doctype),
            _MSO_VERSION,
            _VALIDITY, b"\xa3", _SIGNED, signed, _VALID_FROM, begins, _VALID_UNTIL, ends,
            _VALUE_DIGESTS, _head(_MAP, len(written)),
            *(dumps(name) + digests for name, (_, digests) in written),
            _DEVICE_KEY_INFO, cose_key(device_key_jwk),
            _MSO_ALGORITHM,
        )
    )  # fmt: skip
    shown = [dumps(name) + _head(_ARRAY, len(items)) + b"".join(items) for name, (items, _) in written]
    auth = sign1(_EMBEDDED_HEAD + byte_string(mso), signer)
    return b"".join((b"\xa2", _NAMESPACES, _head(_MAP, len(shown)), *shown, _ISSUER_AUTH, auth))


def tdate(at: datetime) -> CBORTag:
    """Return an instant as tdate: UTC, no fraction of a second (7.2.1). Raises ValueError without a time zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return CBORTag(TDATE, at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


@lru_cache(maxsize=64)
def _instant(at: datetime) -> bytes:
    return dumps(tdate(at))


def _by_encoding(pair: tuple[str, Any]) -> bytes:
    """Return what keys of a map are sorted by (RFC 8949 4.2.1)."""
    return dumps(pair[0])


def as_element(value: Any) -> Any:
    """Return a value as it stands in CBOR: days and instants tagged, inside lists and maps too."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return tdate(value)
    if isinstance(value, date):
        return CBORTag(FULL_DATE, value.isoformat())
    if isinstance(value, Mapping):
        return {name: as_element(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_element(inner) for inner in value]
    return value


def _items(elements: Mapping[str, Any]) -> tuple[list[bytes], bytes]:
    """Return the elements as IssuerSignedItemBytes, and their digests by digest id in CBOR.

    Ids are given in random order: an element that is not there, or not shown, leaves no gap to guess from.
    """
    drawn = urandom(_RANDOM_BYTES * len(elements))
    randoms = [drawn[at : at + _RANDOM_BYTES] for at in range(0, len(drawn), _RANDOM_BYTES)]
    numbers = {random: _head(_UNSIGNED, number) for number, random in enumerate(sorted(randoms))}
    digests: dict[bytes, bytes] = {}
    items: list[bytes] = []
    for random, (name, value) in zip(randoms, elements.items(), strict=True):
        number = numbers[random]
        written = dumps(value if type(value) in _PLAIN else as_element(value))
        parts = (_ITEM_HEAD, random, _DIGEST_ID, number, _VALUE, written, _IDENTIFIER, dumps(name))
        item = _EMBEDDED_HEAD + byte_string(b"".join(parts))
        items.append(item)
        digests[number] = sha256(item).digest()
    pairs = [number + _DIGEST_HEAD + digests[number] for number in numbers.values()]
    return items, _head(_MAP, len(pairs)) + b"".join(pairs)


def _head(major: int, number: int) -> bytes:
    """Return the head of an item of CBOR, for numbers below 65,536."""
    if number < _SHORT:
        return bytes((major | number,))
    return bytes((major | 24, number)) if number < _BYTE else bytes((major | 25,)) + number.to_bytes(2, "big")


_PLAIN = frozenset({str, bytes, bool, int, float})
_UNSIGNED, _ARRAY, _MAP = 0x00, 0x80, 0xA0
_SHORT, _BYTE = 24, 0x100
_NAMESPACES, _ISSUER_AUTH = dumps("nameSpaces"), dumps("issuerAuth")
_STATUS, _DOCTYPE = dumps("status"), dumps("docType")
_MSO_VERSION = dumps("version") + dumps(VERSION)
_VALIDITY, _SIGNED = dumps("validityInfo"), dumps("signed")
_VALID_FROM, _VALID_UNTIL = dumps("validFrom"), dumps("validUntil")
_VALUE_DIGESTS = dumps("valueDigests")
_DEVICE_KEY_INFO = dumps("deviceKeyInfo") + b"\xa1" + dumps("deviceKey")
_MSO_ALGORITHM = dumps("digestAlgorithm") + dumps(DIGEST_ALGORITHM)
