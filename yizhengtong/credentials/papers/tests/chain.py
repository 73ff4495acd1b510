"""A root, what it says of a key that signs papers, and that key: made anew for each run."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from yizhengtong.credentials.formats.signing import ES256

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PaperSigner:
    """An ES256 key with a certificate."""

    key: ec.EllipticCurvePrivateKey
    certificates: tuple[bytes, ...]
    key_id: str = "cGFwZXI"
    algorithm: str = ES256

    @property
    def public_jwk(self) -> dict[str, str]:
        return {}

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


@dataclass(frozen=True)
class Chain:
    """A root that strangers know, and a signer below it."""

    root: x509.Certificate
    signer: PaperSigner

    @property
    def root_der(self) -> bytes:
        return self.root.public_bytes(Encoding.DER)


def a_chain(name: str = "papers") -> Chain:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(f"{name} root", root_key, None, root_key)
    own = _certificate(name, key, root, root_key)
    return Chain(root, PaperSigner(key, (own.public_bytes(Encoding.DER),)))


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None, by: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    told = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, is_root = datetime.now(UTC), issuer is None
    built = (
        x509.CertificateBuilder()
        .subject_name(told)
        .issuer_name(issuer.subject if issuer else told)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 365 * _DAY)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(_usage(is_root=is_root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return built.sign(by, hashes.SHA256())


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
