"""The signature of an OFD: what it covers, and its value as `SignedData`.

GB/T 33190 names the parts, GM/T 0099-2020 7.2 what stands in them, here with two profiles: by SM2 a SignedData of
GB/T 35275 that holds the SM3 hash of Signature.xml and signs it; by ES256, which neither names, a detached CMS
SignedData (RFC 5652) over Signature.xml itself. Type `Sign`: it is no electronic seal (GB/T 38540), which an authority
of seals would have to issue. Hash algorithms are named by their object identifiers, as GM/T 0099 does: MD5 and SHA-1,
the only two that the format's schema lists, protect nothing.
"""

from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from yizhengtong.credentials.formats.signing import SM2, Signer
from yizhengtong.credentials.papers.ofd.parts import DOCUMENT, HEAD, OFD
from yizhengtong.kernel.dates import CHINA

PROVIDER = "Yizhengtong"
_HALF = 32


@dataclass(frozen=True, slots=True)
class Profile:
    """How one algorithm signs: object identifiers in dots and in DER, and the hash."""

    digest: str
    method: str
    digest_der: bytes
    method_der: bytes
    data_der: bytes
    signed_data_der: bytes
    algorithm: hashes.HashAlgorithm
    holds_hash: bool


_SM = Profile(
    digest="1.2.156.10197.1.401",
    method="1.2.156.10197.1.501",
    digest_der=bytes.fromhex("06082a811ccf55018311"),
    method_der=bytes.fromhex("06092a811ccf5501822d01"),  # 1.2.156.10197.1.301.1, as GM/T 0010 has it here
    data_der=bytes.fromhex("060a2a811ccf550601040201"),
    signed_data_der=bytes.fromhex("060a2a811ccf550601040202"),
    algorithm=hashes.SM3(),
    holds_hash=True,
)
_EC = Profile(
    digest="2.16.840.1.101.3.4.2.1",
    method="1.2.840.10045.4.3.2",
    digest_der=bytes.fromhex("0609608648016503040201"),
    method_der=bytes.fromhex("06082a8648ce3d040302"),
    data_der=bytes.fromhex("06092a864886f70d010701"),
    signed_data_der=bytes.fromhex("06092a864886f70d010702"),
    algorithm=hashes.SHA256(),
    holds_hash=False,
)


def profile_of(algorithm: str) -> Profile:
    """Return how an algorithm of `credentials.formats.signing` signs an OFD."""
    return _SM if algorithm == SM2 else _EC


def listed(count: int) -> str:
    """Signatures.xml: the signatures of the document."""
    told = "".join(f'<ofd:Signature ID="s{at}" Type="Sign" BaseLoc="Sign_{at}/Signature.xml"/>' for at in range(count))
    return f"{HEAD}<ofd:Signatures {OFD}>{told}</ofd:Signatures>"


def described(parts: Mapping[str, bytes], algorithm: str, at: datetime, number: int) -> str:
    """Signature.xml: the hash of every part that is signed."""
    how = profile_of(algorithm)
    checked = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>{b64encode(_hash(how, content)).decode()}</ofd:CheckValue>'
        f"</ofd:Reference>"
        for name, content in parts.items()
    )
    moment = at.astimezone(CHINA).strftime("%Y%m%d%H%M%S.000+0800")
    return (
        f'{HEAD}<ofd:Signature {OFD}><ofd:SignedInfo><ofd:Provider ProviderName="{PROVIDER}" Version="1.0" '
        f'Company="{PROVIDER}"/><ofd:SignatureMethod>{how.method}</ofd:SignatureMethod>'
        f"<ofd:SignatureDateTime>{moment}</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{how.digest}">{checked}</ofd:References></ofd:SignedInfo>'
        f"<ofd:SignedValue>/{DOCUMENT}/Signs/Sign_{number}/SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    )


def signed_value(description: bytes, signer: Signer) -> bytes:
    """SignedValue.dat: the SignedData over Signature.xml, with the signer's certificates.

    A key without one is named by its id, RFC 5652 5.3: SM2, for which nobody here certifies (docs/adr/0057).
    """
    how = profile_of(signer.algorithm)
    signed = _hash(how, description) if how.holds_hash else description
    raw = signer.sign(signed)
    value = encode_dss_signature(int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:]))
    held = _der(0xA0, _der(0x04, signed)) if how.holds_hash else b""
    digest = _der(0x30, how.digest_der)
    version, named = _signer_of(signer)
    about = _der(0x30, version, named, digest, _der(0x30, how.method_der), _der(0x04, value))
    chain = _der(0xA0, *sorted(signer.certificates)) if signer.certificates else b""
    signed_data = _der(
        0x30, version, _der(0x31, digest), _der(0x30, how.data_der, held), chain, _der(0x31, about)
    )  # fmt: skip
    return _der(0x30, how.signed_data_der, _der(0xA0, signed_data))


_ONE, _THREE = bytes.fromhex("020101"), bytes.fromhex("020103")


def _signer_of(signer: Signer) -> tuple[bytes, bytes]:
    """Return version and name of the signer: of its certificate, else of its key, which is published under its id."""
    if signer.certificates:
        return _ONE, _named(signer.certificates[0])
    return _THREE, _der(0x80, urlsafe_b64decode(signer.key_id + "=" * (-len(signer.key_id) % 4)))


@lru_cache(maxsize=16)
def _named(certificate: bytes) -> bytes:
    """Return IssuerAndSerialNumber."""
    opened = x509.load_der_x509_certificate(certificate)
    serial = opened.serial_number
    return _der(0x30, opened.issuer.public_bytes(), _der(0x02, serial.to_bytes(serial.bit_length() // 8 + 1)))


def _der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    count = len(content)
    if count < 0x80:
        return bytes((tag, count)) + content
    length = count.to_bytes((count.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _hash(how: Profile, content: bytes) -> bytes:
    digest = hashes.Hash(how.algorithm)
    digest.update(content)
    return digest.finalize()
