"""Issuers of credentials for tests: keys in memory, an authority and the certificates it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from yizhengtong.credentials.formats.chains import MDOC_SIGNER
from yizhengtong.credentials.formats.jwk import ES256Checker, jwk_of
from yizhengtong.credentials.formats.signing import ES256

_HASH = ec.ECDSA(SHA256())
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Key:
    """A P-256 key, the Signer of an issuer or a holder."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    key_id: str = "key-1"
    certificates: tuple[bytes, ...] = ()
    algorithm: str = ES256

    @property
    def public_jwk(self) -> Mapping[str, str]:
        return {**jwk_of(self.private.public_key()), "kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    @property
    def jwk(self) -> dict[str, str]:
        """The point alone, as a wallet sends it."""
        return jwk_of(self.private.public_key())

    @property
    def checker(self) -> ES256Checker:
        return ES256Checker(self.key_id, self.private.public_key())

    @property
    def checkers(self) -> dict[str, ES256Checker]:
        return {self.key_id: self.checker}

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(data, _HASH))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@dataclass(frozen=True)
class Authority:
    """An issuing authority: a root that certifies signers of documents."""

    key: Key = field(default_factory=Key)
    name: str = "Test IACA"
    begins: datetime = field(default_factory=lambda: datetime.now(UTC) - _DAY)
    lasts: timedelta = timedelta(days=3650)

    @property
    def root(self) -> bytes:
        """The certificate of the authority itself, in DER."""
        public = self.key.private.public_key()
        return _certificate(
            self.name, self.name, public, self.key, self.begins, self.begins + self.lasts,
            (x509.BasicConstraints(ca=True, path_length=1), True), (_usage(signs_certificates=True), True),
            (x509.SubjectKeyIdentifier.from_public_key(public), False),
        )  # fmt: skip

    def signer(
        self, *, begins: datetime | None = None, lasts: timedelta = timedelta(days=90), is_for_mdoc: bool = True,
        key: Key | None = None, is_authority: bool = False,
    ) -> Key:  # fmt: skip
        """Return a key with a certificate of this authority's."""
        signing, since = key or Key(key_id="signer-1"), begins or self.begins
        public = signing.private.public_key()
        purpose = [(x509.ExtendedKeyUsage([MDOC_SIGNER]), True)] if is_for_mdoc else []
        basic = [(x509.BasicConstraints(ca=True, path_length=0), True)] if is_authority else []
        made = _certificate(
            "Test signer", self.name, public, self.key, since, since + lasts,
            (_usage(signs_certificates=is_authority), True),
            (x509.SubjectAlternativeName([x509.UniformResourceIdentifier("https://issuer.example")]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.private.public_key()), False),
            *purpose, *basic,
        )  # fmt: skip
        return replace(signing, certificates=(made,))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _certificate(
    subject: str, issuer: str, public: ec.EllipticCurvePublicKey, by: Key, begins: datetime, ends: datetime,
    *extensions: tuple[x509.ExtensionType, bool],
) -> bytes:  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(by.private, SHA256()).public_bytes(Encoding.DER)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, common)])
