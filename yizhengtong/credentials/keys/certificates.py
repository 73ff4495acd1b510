"""X.509: a root of our own, what it says of our keys, and the list of what it took back. No Django.

The profile is that of ISO/IEC 18013-5, annex B: the root is an IACA (table B.1), a key that signs mdocs has a document
signer's certificate (B.3). Keys that sign SD-JWT VCs, status lists and metadata have one whose dNSName is the
issuer's host (HAIP 1.0, x5c); keys that sign papers one for documents (RFC 9336). Each names where the list is.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from yizhengtong.credentials.formats import jwk
from yizhengtong.credentials.formats.signing import Signer
from yizhengtong.credentials.keys.software import der_signature

COUNTRY = "CN"
ROOT_LASTS = timedelta(days=15 * 365)
"""Ours; table B.1 allows 20 years."""
DOCUMENT_SIGNER_LASTS = timedelta(days=457)
"""ISO/IEC 18013-5, table B.3: the longest."""
OTHERS_LAST = timedelta(days=3 * 365)
"""Ours."""
LIST_LASTS = timedelta(days=30)
"""Ours; ISO/IEC 18013-5, B.1.1.3 allows 90 days."""
CLOCKS_DIFFER = timedelta(minutes=5)
DOCUMENT_SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
"""id-mdl-kp-mdlDS, ISO/IEC 18013-5 B.1.4."""
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning, RFC 9336."""
MDOC, PAPER = "mdoc", "paper"
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
_LONGEST_NAME = 64
"""ub-common-name, RFC 5280 A.1."""


@dataclass(frozen=True, slots=True)
class Root:
    """The authority: its certificate and what signs as it. `address`: the platform's origin."""

    certificate: x509.Certificate
    signer: Signer
    address: str


def make_root(signer: Signer, *, address: str, now: datetime) -> x509.Certificate:
    """Return a root that says of itself what table B.1 asks of an IACA. `now` is aware."""
    name = _name(f"{_host(address)} root {signer.key_id[:8]}")
    key = jwk.es256_key(signer.public_jwk)
    builder = _builder(name, name, key, now, now + ROOT_LASTS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    return _with_addresses(builder, address, signer.key_id).sign(_AsPrivateKey(signer), hashes.SHA256())


def certify(root: Root, use: str, public: Mapping[str, str], *, now: datetime) -> x509.Certificate:
    """Return the certificate of one of our keys for its use. It never outlives the root."""
    key = jwk.es256_key(public)
    lasts = DOCUMENT_SIGNER_LASTS if use == MDOC else OTHERS_LAST
    until = min(now - CLOCKS_DIFFER + lasts, root.certificate.not_valid_after_utc)
    name = _name(f"{_host(root.address)} {use} {public['kid'][:8]}")
    builder = _builder(name, root.certificate.subject, key, now, until)
    builder = builder.add_extension(_authority_of(root), critical=False)
    usage = _usage(digital_signature=True, content_commitment=use == PAPER)
    builder = builder.add_extension(usage, critical=True)
    for extension, is_critical in _of_use(use, root.address):
        builder = builder.add_extension(extension, critical=is_critical)
    return _with_addresses(builder, root.address, root.signer.key_id).sign(_AsPrivateKey(root.signer), hashes.SHA256())


def revocation_list(
    root: Root, revoked: Iterable[tuple[str, datetime]], *, number: int, now: datetime
) -> x509.CertificateRevocationList:
    """Return the list of serial numbers (hexadecimal) taken back and since when, all because their key was seen."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    builder = builder.last_update(now).next_update(now + LIST_LASTS)
    builder = builder.add_extension(_authority_of(root), critical=False)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for serial, since in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(since)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(entry.add_extension(reason, critical=False).build())
    return builder.sign(_AsPrivateKey(root.signer), hashes.SHA256())


def list_address(address: str, root_key_id: str) -> str:
    """Return where a root's list is published, by which every certificate names it."""
    return f"{address}/keys/{root_key_id}.crl"


def address_of(certificate: x509.Certificate) -> str:
    """Return the address by which a certificate of ours says its issuer is reached."""
    names = certificate.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)[0]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - CLOCKS_DIFFER).not_valid_after(until)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _with_addresses(builder: x509.CertificateBuilder, address: str, root_key_id: str) -> x509.CertificateBuilder:
    """Add how the issuer is reached, and where its list is (B.1: both mandatory, neither critical)."""
    issuer = x509.IssuerAlternativeName([x509.UniformResourceIdentifier(address)])
    place = [x509.UniformResourceIdentifier(list_address(address, root_key_id))]
    points = x509.CRLDistributionPoints([x509.DistributionPoint(place, None, None, None)])
    return builder.add_extension(issuer, critical=False).add_extension(points, critical=False)


def _of_use(use: str, address: str) -> list[tuple[Any, bool]]:
    if use == MDOC:
        return [(x509.ExtendedKeyUsage([DOCUMENT_SIGNER]), True)]
    if use == PAPER:
        return [(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), False)]
    return [(x509.SubjectAlternativeName(_names(_host(address))), False)]


def _names(host: str) -> list[x509.GeneralName]:
    """Return the host as verifiers look for it: as a name, and as an address where it is one."""
    try:
        return [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address(host))]
    except ValueError:
        return [x509.DNSName(host)]


def _authority_of(root: Root) -> x509.AuthorityKeyIdentifier:
    own = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _usage(**used: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: used.get(name, False) for name in _USAGES})


def _name(common: str) -> x509.Name:
    """Return a name with what B.1 asks for: country and common name."""
    parts = ((NameOID.COUNTRY_NAME, COUNTRY), (NameOID.COMMON_NAME, common[-_LONGEST_NAME:]))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


class _AsPrivateKey(ec.EllipticCurvePrivateKey):
    """A signer in the shape that `cryptography` asks for; one in a token has no other."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    @property
    def curve(self) -> ec.EllipticCurve:
        return ec.SECP256R1()

    @property
    def key_size(self) -> int:
        return self.curve.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return jwk.es256_key(self._signer.public_jwk)

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # noqa: ARG002 one
        return der_signature(self._signer.sign(bytes(data)))

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        raise NotImplementedError

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> NoReturn:  # noqa: A002 its name
        raise NotImplementedError

    def __copy__(self) -> "_AsPrivateKey":
        return self

    def __deepcopy__(self, memo: Any) -> "_AsPrivateKey":
        return self
