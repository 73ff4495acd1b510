"""Certificates of issuers: a chain in a header, checked up to a root that the reader trusts (RFC 5280, in its least).

For `x5c` (RFC 7515 4.1.6) and `x5chain` (RFC 9360): the signer's certificate first, its issuers after it.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    ExtendedKeyUsage,
    ExtensionNotFound,
    KeyUsage,
    ObjectIdentifier,
    load_der_x509_certificate,
)

from yizhengtong.credentials.formats.jwk import ES256Checker
from yizhengtong.credentials.formats.problems import FormatProblem

MDOC_SIGNER = ObjectIdentifier("1.0.18013.5.1.2")
"""The purpose a document signer's certificate is made for (ISO 18013-5, table B.3)."""

_LONGEST_CHAIN = 4
_LONGEST_CERTIFICATE = 8192


def check_chain(
    chain: Sequence[bytes], roots: Sequence[bytes], *, at: datetime, purpose: ObjectIdentifier | None = None
) -> Certificate:
    """Return the first certificate of a chain in DER that leads to one of the roots, all good at an instant.

    `roots`: certificates in DER; the chain may end with the root or with what it signed. `purpose`: an extended use
    the first one must be made for. Raises FormatProblem `chain.malformed`, `chain.expired`, `chain.not_yet_valid`,
    `chain.untrusted`, `chain.wrong_use`.
    """
    certificates = [_loaded(each) for each in chain]
    if not 1 <= len(certificates) <= _LONGEST_CHAIN:
        raise FormatProblem("chain.malformed")
    trusted = [_loaded(each) for each in roots]
    _ensure_signer(certificates[0], purpose)
    for certificate, issuer in zip(certificates, [*certificates[1:], None], strict=True):
        _ensure_current(certificate, at)
        for root in trusted:
            if _is_issued_by(certificate, root):
                _ensure_current(root, at)
                return certificates[0]
        if issuer is None or not _is_issued_by(certificate, issuer):
            break
    raise FormatProblem("chain.untrusted")


def resolver(roots: Sequence[bytes], *, at: datetime) -> Callable[[Mapping[str, Any]], ES256Checker]:
    """Return what finds the signer of a JWS by the `x5c` of its header, for `jose.open_compact`."""

    def resolve(header: Mapping[str, Any]) -> ES256Checker:
        return checker_of_certificate(check_chain(certificates_of(header), roots, at=at))

    return resolve


def certificates_of(header: Mapping[str, Any]) -> list[bytes]:
    """Return the chain in a JWS header (standard base64, RFC 7515 4.1.6). Raises FormatProblem `chain.malformed`."""
    written = header.get("x5c")
    if not isinstance(written, list) or not written or not all(isinstance(each, str) for each in written):
        raise FormatProblem("chain.malformed")
    try:
        return [b64decode(each, validate=True) for each in written]
    except (NotBase64, ValueError) as error:
        raise FormatProblem("chain.malformed") from error


def checker_of_certificate(certificate: Certificate) -> ES256Checker:
    """Return what checks ES256 by a certificate's key, which is P-256. Raises FormatProblem `chain.malformed`."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise FormatProblem("chain.malformed") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise FormatProblem("chain.malformed")
    return ES256Checker(f"{certificate.serial_number:x}", key)


def _loaded(data: bytes) -> Certificate:
    if len(data) > _LONGEST_CERTIFICATE:
        raise FormatProblem("chain.malformed")
    try:
        return load_der_x509_certificate(data)
    except ValueError as error:
        raise FormatProblem("chain.malformed") from error


def _ensure_current(certificate: Certificate, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise FormatProblem("chain.not_yet_valid")
    if at > certificate.not_valid_after_utc:
        raise FormatProblem("chain.expired")


def _ensure_signer(certificate: Certificate, purpose: ObjectIdentifier | None) -> None:
    """The first certificate signs data and no certificates; where a purpose is asked, it is made for it."""
    usage, basic = _extension(certificate, KeyUsage), _extension(certificate, BasicConstraints)
    extended = _extension(certificate, ExtendedKeyUsage)
    signs = usage is None or usage.digital_signature
    if (basic is not None and basic.ca) or not signs:
        raise FormatProblem("chain.wrong_use")
    if purpose is not None and (extended is None or purpose not in extended):
        raise FormatProblem("chain.wrong_use")


def _is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether an authority's key signed a certificate in its name."""
    usage, basic = _extension(issuer, KeyUsage), _extension(issuer, BasicConstraints)
    if basic is None or not basic.ca or (usage is not None and not usage.key_cert_sign):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _extension(certificate: Certificate, kind: type[Any]) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except ExtensionNotFound:
        return None
    except ValueError as error:
        raise FormatProblem("chain.malformed") from error
