"""The code on paper, byte by byte: a CBOR Web Token (RFC 8392) in COSE_Sign1 (RFC 9052), untagged, in base64url.

One module holds every label. Protected header: `alg` (1: -7, ES256; for SM2, which COSE does not register, the text
"SM2") and `kid` (4: the first 8 bytes of the key's RFC 7638 thumbprint). Claims: `exp` (4) and `iat` (6) in seconds,
and one of ours (-65537, private use) that maps small numbers to values: the purpose, the claims shown, the place in a
status list (16 bytes of the list's key, and the index). Days are counted from 1970-01-01. The issuer is the address
that the code is a part of.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2

from yizhengtong.credentials.formats.signing import ES256, SIGNATURE_BYTES
from yizhengtong.credentials.showing.claims import Value
from yizhengtong.credentials.status.models import PATH, PREFIX
from yizhengtong.kernel.dates import CHINA
from yizhengtong.kernel.ids import parse_public_id, public_id

MOST_BYTES = 1200
"""More than any code we make, and less than a QR code holds."""
KEY_ID_BYTES = 8
ALGORITHM, KEY_ID = 1, 4
EXPIRES, ISSUED, OURS = 4, 6, -65537
ES256_IN_COSE = -7
PURPOSE, STATUS = 0, 1
LABELS: Mapping[str, int] = {
    "kind": 2,
    "name": 3,
    "latin_name": 4,
    "name_masked": 5,
    "number": 6,
    "number_masked": 7,
    "birth_date": 8,
    "over_18": 9,
    "over_60": 10,
    "over_65": 11,
    "place": 12,
    "authority": 13,
    "last_day": 14,
    "paper": 15,
    "reference": 16,
    "dated": 17,
    "office": 18,
}
"""Numbers never change and are never given out twice: codes on paper live long."""
DAYS = frozenset({"birth_date", "last_day", "dated"})
_EPOCH = date(1970, 1, 1)
_NAMES = {label: name for name, label in LABELS.items()}


class Unreadable(Exception):
    """Raised for what is no code of ours at all."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a code says. `issued_at`, `expires_at`: seconds. `status`: address of a list without our origin,
    index; none in what is said of a paper, whose standing its reference tells."""

    purpose: str
    issued_at: int
    expires_at: int
    values: Mapping[str, Value] = field(repr=False)
    status: tuple[str, int] | None

    @property
    def last_day(self) -> date:
        """The last legal day on which the code is good."""
        return datetime.fromtimestamp(self.expires_at - 1, CHINA).date()


@dataclass(frozen=True, slots=True)
class Parts:
    """A code taken apart, not yet believed."""

    algorithm: str
    key_id: bytes
    payload: bytes = field(repr=False)
    signature: bytes
    signed: bytes = field(repr=False)


def payload_of(content: Content) -> bytes:
    """Return what is signed of a code; the same content gives the same bytes."""
    ours: dict[int, Any] = {PURPOSE: content.purpose}
    if content.status is not None:
        ours[STATUS] = [_list_key(content.status[0]), content.status[1]]
    for name, value in content.values.items():
        ours[LABELS[name]] = (value - _EPOCH).days if isinstance(value, date) else value
    return cbor2.dumps({EXPIRES: content.expires_at, ISSUED: content.issued_at, OURS: ours})


def header_of(algorithm: str, key_id: str) -> bytes:
    """Return the protected header for a key, whose id is its thumbprint in base64url."""
    return cbor2.dumps({ALGORITHM: ES256_IN_COSE if algorithm == ES256 else algorithm, KEY_ID: short_key_id(key_id)})


def short_key_id(key_id: str) -> bytes:
    """Return what of a key's id stands in a code."""
    return _decoded(key_id)[:KEY_ID_BYTES]


def to_sign(header: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052, section 4.4."""
    return cbor2.dumps(["Signature1", header, b"", payload])


def joined(header: bytes, payload: bytes, signature: bytes) -> str:
    """Return the text of a code."""
    return urlsafe_b64encode(cbor2.dumps([header, {}, payload, signature])).rstrip(b"=").decode()


def taken_apart(text: str) -> Parts:
    """Return the parts of a code. Raises Unreadable."""
    if len(text) > MOST_BYTES:
        raise Unreadable
    try:
        header, unprotected, payload, signature = cbor2.loads(_decoded(text))
        named = cbor2.loads(header)
        algorithm, key_id = named[ALGORITHM], named[KEY_ID]
    except (cbor2.CBORError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unreadable from error
    well_formed = isinstance(payload, bytes) and isinstance(key_id, bytes) and len(key_id) == KEY_ID_BYTES
    if not well_formed or unprotected != {} or not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise Unreadable
    return Parts(_algorithm(algorithm), key_id, payload, signature, to_sign(header, payload))


def content_of(payload: bytes) -> Content:
    """Return what a code says. Raises Unreadable."""
    try:
        claims = cbor2.loads(payload)
        ours = dict(claims[OURS])
        status = ours.pop(STATUS, None)
        return Content(
            purpose=str(ours.pop(PURPOSE)),
            issued_at=int(claims[ISSUED]),
            expires_at=int(claims[EXPIRES]),
            values={_NAMES[label]: _value(_NAMES[label], value) for label, value in ours.items()},
            status=None if status is None else (_list_address(status[0]), int(status[1])),
        )
    except (cbor2.CBORError, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise Unreadable from error


def _list_key(address: str) -> bytes:
    """Return the 16 bytes of a list's key: its address would be three times as long."""
    return parse_public_id(PREFIX, address.rpartition("/")[2]).bytes


def _list_address(key: object) -> str:
    if not isinstance(key, bytes):
        raise Unreadable
    return f"/{PATH}/{public_id(PREFIX, UUID(bytes=key))}"


def _value(name: str, value: Any) -> Value:
    if name in DAYS:
        return _EPOCH + timedelta(days=int(value))
    if not isinstance(value, str | bool):
        raise Unreadable
    return value


def _algorithm(named: object) -> str:
    if named == ES256_IN_COSE:
        return ES256
    if isinstance(named, str):
        return named
    raise Unreadable


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (BadBase64, UnicodeEncodeError) as error:
        raise Unreadable from error
