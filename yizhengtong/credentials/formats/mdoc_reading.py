"""Checking ISO 18013-5 mdoc: whether an issuer said it (9.3.1), and whether the device it is bound to shows it (9.3.3).

The transcript of the session is given: `transcripts` makes the ones of OpenID4VP.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, TypeVar

from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric import ec

from yizhengtong.credentials.formats.cbor_reading import Tagged, read_cbor
from yizhengtong.credentials.formats.chains import MDOC_SIGNER, check_chain, checker_of_certificate
from yizhengtong.credentials.formats.cose import PROTECTED_ALGORITHMS, X5CHAIN, byte_string, signed_bytes
from yizhengtong.credentials.formats.jwk import ES256Checker
from yizhengtong.credentials.formats.mdoc import EMBEDDED, FULL_DATE, TDATE, VERSION
from yizhengtong.credentials.formats.problems import FormatProblem

LEEWAY = timedelta(seconds=60)
"""Ours: what clocks may differ by."""

_T = TypeVar("_T")
_LEAST_RANDOM_BYTES = 16
_DIGESTS = {"SHA-256": hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}
_MALFORMED = "mdoc.malformed"
_EC2_P256 = (2, 1)
_TDATE_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class OpenedMdoc:
    """What an mdoc says. `elements`: by namespace, days as text. `status`: the whole claim, not asked here."""

    doctype: str
    elements: Mapping[str, Mapping[str, Any]] = field(repr=False)
    signed_at: datetime
    valid_from: datetime
    valid_until: datetime
    status: Mapping[str, Any] | None = field(repr=False)
    device_key: ES256Checker = field(repr=False)
    issuer_key: ES256Checker = field(repr=False)
    is_device_signed: bool


def open_issuer_signed(
    data: bytes | Mapping[Any, Any], roots: Sequence[bytes], *, at: datetime, doctype: str
) -> OpenedMdoc:
    """Return what IssuerSigned says, in CBOR or read, after every check but that of its status.

    `roots`: certificates of the issuing authorities, in DER. Raises FormatProblem `mdoc.malformed`,
    `mdoc.signature_wrong`, `mdoc.wrong_doctype`, `mdoc.digest_wrong`, `mdoc.digest_unknown`, `mdoc.element_twice`,
    `mdoc.random_too_short`, `mdoc.expired`, `mdoc.not_yet_valid`, `mdoc.signed_in_future`,
    `mdoc.signed_outside_certificate`, `cose.algorithm_refused`, `chain.*`, `cbor.*`.
    """
    issued = read_cbor(data) if isinstance(data, bytes) else data
    auth = _sign1(_at(issued, "issuerAuth", list))
    chain = auth.unprotected.get(X5CHAIN)
    certificate = check_chain(_chain(chain), roots, at=at, purpose=MDOC_SIGNER)
    payload = auth.payload
    issuer_key = checker_of_certificate(certificate)
    if payload is None or not issuer_key.check(signed_bytes(auth.protected, payload), auth.signature):
        raise FormatProblem("mdoc.signature_wrong")
    mso = _embedded(read_cbor(payload))
    if mso.get("version") != VERSION or mso.get("docType") != doctype:
        raise FormatProblem("mdoc.wrong_doctype" if mso.get("version") == VERSION else "mdoc.wrong_version")
    validity = _at(mso, "validityInfo", dict)
    signed, begins, ends = (_instant(validity.get(name)) for name in ("signed", "validFrom", "validUntil"))
    _ensure_current(signed, begins, ends, at)
    if not certificate.not_valid_before_utc <= signed <= certificate.not_valid_after_utc:
        raise FormatProblem("mdoc.signed_outside_certificate")
    status = mso.get("status")
    return OpenedMdoc(
        doctype, _elements(issued, mso), signed, begins, ends, status if isinstance(status, dict) else None,
        _device_key(mso), issuer_key, is_device_signed=False,
    )  # fmt: skip


def open_device_response(
    data: bytes, roots: Sequence[bytes], *, at: datetime, doctype: str, transcript: bytes
) -> OpenedMdoc:
    """Return what the only document of a DeviceResponse says, signed by the device for this session.

    `transcript`: SessionTranscript in CBOR. Raises what `open_issuer_signed` does, and `mdoc.device_signature_missing`,
    `mdoc.device_signature_wrong`, `mdoc.device_elements_refused`, `mdoc.refused_by_device`.
    """
    response = read_cbor(data)
    documents = _at(response, "documents", list)
    if response.get("status") != 0:
        raise FormatProblem("mdoc.refused_by_device")
    if response.get("version") != VERSION or len(documents) != 1:
        raise FormatProblem(_MALFORMED)
    document = documents[0]
    if not isinstance(document, dict) or document.get("docType") != doctype:
        raise FormatProblem("mdoc.wrong_doctype")
    opened = open_issuer_signed(_at(document, "issuerSigned", dict), roots, at=at, doctype=doctype)
    _ensure_device_signed(_at(document, "deviceSigned", dict), opened, transcript)
    return OpenedMdoc(
        opened.doctype, opened.elements, opened.signed_at, opened.valid_from, opened.valid_until, opened.status,
        opened.device_key, opened.issuer_key, is_device_signed=True,
    )  # fmt: skip


def device_authentication(doctype: str, device_namespaces: bytes, transcript: bytes) -> bytes:
    """Return DeviceAuthenticationBytes (9.1.3.4): what the device signs. The names spaces: the CBOR of their map."""
    head = b"\x84" + dumps("DeviceAuthentication")
    inner = b"".join((head, transcript, dumps(doctype), b"\xd8\x18", byte_string(device_namespaces)))
    return b"\xd8\x18" + byte_string(inner)


@dataclass(frozen=True, slots=True)
class _Sign1:
    protected: bytes
    unprotected: Mapping[Any, Any]
    payload: bytes | None
    signature: bytes


def _sign1(parts: Sequence[Any]) -> _Sign1:
    """Return COSE_Sign1, by ES256. Raises FormatProblem."""
    try:
        protected, unprotected, payload, signature = parts
    except ValueError as error:
        raise FormatProblem(_MALFORMED) from error
    if not isinstance(protected, bytes) or not isinstance(unprotected, dict) or not isinstance(signature, bytes):
        raise FormatProblem(_MALFORMED)
    if not isinstance(payload, (bytes, type(None))):
        raise FormatProblem(_MALFORMED)
    if protected not in PROTECTED_ALGORITHMS:
        raise FormatProblem("cose.algorithm_refused")
    return _Sign1(protected, unprotected, payload, signature)


def _ensure_device_signed(signed: Mapping[Any, Any], opened: OpenedMdoc, transcript: bytes) -> None:
    names = _at(signed, "nameSpaces", Tagged)
    if names.tag != EMBEDDED or not isinstance(names.value, bytes):
        raise FormatProblem(_MALFORMED)
    if read_cbor(names.value) != {}:  # no key of ours is authorized to say anything itself (9.1.2.4)
        raise FormatProblem("mdoc.device_elements_refused")
    written = _at(signed, "deviceAuth", dict).get("deviceSignature")
    if not isinstance(written, list):
        raise FormatProblem("mdoc.device_signature_missing")
    auth = _sign1(written)
    detached = device_authentication(opened.doctype, names.value, transcript)
    if auth.payload is not None or not opened.device_key.check(signed_bytes(auth.protected, detached), auth.signature):
        raise FormatProblem("mdoc.device_signature_wrong")


def _elements(issued: Mapping[Any, Any], mso: Mapping[Any, Any]) -> dict[str, dict[str, Any]]:
    """Return the elements whose digests the issuer signed. Raises FormatProblem."""
    digest = _DIGESTS.get(str(mso.get("digestAlgorithm")))
    if digest is None:
        raise FormatProblem("mdoc.digest_algorithm_refused")
    signed = _at(mso, "valueDigests", dict)
    found: dict[str, dict[str, Any]] = {}
    # 8.3.2.1.2.2: a document that says nothing but its type has no `nameSpaces`.
    spaces = {} if issued.keys() == {"issuerAuth"} else _at(issued, "nameSpaces", dict)
    for namespace, items in spaces.items():
        digests = signed.get(namespace)
        if not isinstance(items, list) or not isinstance(digests, dict):
            raise FormatProblem("mdoc.digest_unknown")
        found[namespace] = _of_namespace(items, digests, digest)
    return found


def _of_namespace(items: Sequence[Any], digests: Mapping[Any, Any], digest: Any) -> dict[str, Any]:
    elements: dict[str, Any] = {}
    met: set[int] = set()
    for written in items:
        item = _embedded(written)
        number, name = _item_names(item)
        if number in met or name in elements:
            raise FormatProblem("mdoc.element_twice")
        expected = digests.get(number)
        if not isinstance(expected, bytes):
            raise FormatProblem("mdoc.digest_unknown")
        if not compare_digest(digest(b"\xd8\x18" + byte_string(written.value)).digest(), expected):
            raise FormatProblem("mdoc.digest_wrong")
        met.add(number)
        elements[name] = _plain(item["elementValue"])
    return elements


def _item_names(item: Mapping[Any, Any]) -> tuple[int, str]:
    """Return digest id and name of an element, which is salted enough. Raises FormatProblem."""
    number, name = item.get("digestID"), item.get("elementIdentifier")
    if type(number) is not int or not isinstance(name, str) or "elementValue" not in item:
        raise FormatProblem(_MALFORMED)
    random = item.get("random")
    if not isinstance(random, bytes) or len(random) < _LEAST_RANDOM_BYTES:
        raise FormatProblem("mdoc.random_too_short")
    return number, name


def _ensure_current(signed: datetime, begins: datetime, ends: datetime, at: datetime) -> None:
    if signed > at + LEEWAY:
        raise FormatProblem("mdoc.signed_in_future")
    if begins > at + LEEWAY:
        raise FormatProblem("mdoc.not_yet_valid")
    if ends < at - LEEWAY:
        raise FormatProblem("mdoc.expired")


def _device_key(mso: Mapping[Any, Any]) -> ES256Checker:
    """Return the P-256 key the mdoc is bound to (RFC 9053 7.1.1). Raises FormatProblem."""
    key = _at(_at(mso, "deviceKeyInfo", dict), "deviceKey", dict)
    x, y = key.get(-2), key.get(-3)
    if (key.get(1), key.get(-1)) != _EC2_P256 or not isinstance(x, bytes) or not isinstance(y, bytes):
        raise FormatProblem("mdoc.device_key_refused")
    try:
        point = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
        return ES256Checker("", point.public_key())
    except ValueError as error:
        raise FormatProblem("mdoc.device_key_refused") from error


def _chain(written: Any) -> list[bytes]:
    """RFC 9360 2: one certificate stands alone, several in an array."""
    chain = [written] if isinstance(written, bytes) else written
    if not isinstance(chain, list) or not all(isinstance(each, bytes) for each in chain):
        raise FormatProblem("chain.malformed")
    return chain


def _embedded(value: Any) -> dict[Any, Any]:
    """Return the map inside a byte string. Raises FormatProblem."""
    if not isinstance(value, Tagged) or value.tag != EMBEDDED or not isinstance(value.value, bytes):
        raise FormatProblem(_MALFORMED)
    found = read_cbor(value.value)
    if not isinstance(found, dict):
        raise FormatProblem(_MALFORMED)
    return found


def _instant(value: Any) -> datetime:
    """Return a tdate. Raises FormatProblem."""
    if not isinstance(value, Tagged) or value.tag != TDATE or not isinstance(value.value, str):
        raise FormatProblem(_MALFORMED)
    if not _TDATE_FORM.fullmatch(value.value):  # 7.2.1: UTC, without fractions of a second
        raise FormatProblem(_MALFORMED)
    try:
        return datetime.fromisoformat(value.value)
    except ValueError as error:
        raise FormatProblem(_MALFORMED) from error


def _plain(value: Any) -> Any:
    """Return days and instants as their text, inside lists and maps too."""
    if isinstance(value, Tagged):
        if value.tag not in (TDATE, FULL_DATE):
            raise FormatProblem(_MALFORMED)
        return _plain(value.value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def _at(source: Any, name: str, kind: type[_T]) -> _T:
    found = source.get(name) if isinstance(source, dict) else None
    if not isinstance(found, kind):
        raise FormatProblem(_MALFORMED)
    return found
