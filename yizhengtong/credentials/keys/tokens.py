"""Issuer keys that stay in a token: made there, not extractable, signing there (PKCS#11, CKM_ECDSA; the hash is ours).

Tokens know no SM2 that the standard describes: such keys lie sealed in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error
from pkcs11.util.ec import encode_named_curve_parameters

from yizhengtong.credentials.formats import jwk
from yizhengtong.credentials.formats.signing import ES256, SIGNATURE_BYTES
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.software import published
from yizhengtong.foundation.vault.tokens import read_address, session_of
from yizhengtong.kernel.ids import new_id

_POINT_BYTES = 65
_STAYS = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True, Attribute.PRIVATE: True}


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """A private key in the token at an RFC 7512 address."""

    public_jwk: Mapping[str, str]
    address: str
    label: str
    certificates: tuple[bytes, ...] = ()

    @property
    def key_id(self) -> str:
        return self.public_jwk["kid"]

    @property
    def algorithm(self) -> str:
        return ES256

    def sign(self, data: bytes) -> bytes:
        """Sign in the token. Raises KeyProblem `vault.token_unusable`, `vault.master_unknown`, `keys.token_refused`."""
        digest = sha256(data).digest()

        def work(key: Any) -> bytes:
            return bytes(key.sign(digest, mechanism=Mechanism.ECDSA))

        try:
            signature = session_of(read_address(self.address)).with_key(ObjectClass.PRIVATE_KEY, self.label, work)
        except PKCS11Error as error:
            raise KeyProblem("keys.token_refused", what=type(error).__name__) from None
        if len(signature) != SIGNATURE_BYTES:
            raise KeyProblem("keys.token_refused", what="length")
        return signature


def new_signer(address: str) -> TokenSigner:
    """Make a key in the token. Raises KeyProblem."""
    label = f"yzt-{new_id().hex}"
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}

    def work(session: Any) -> bytes:
        parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
        public, _ = parameters.generate_keypair(store=True, label=label, private_template=_STAYS)
        return bytes(public[Attribute.EC_POINT])

    try:
        point = session_of(read_address(address)).with_writing(work)[-_POINT_BYTES:]  # behind an OCTET STRING's head
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (PKCS11Error, ValueError) as error:
        raise KeyProblem("keys.token_refused", what=type(error).__name__) from None
    return TokenSigner(published(jwk.jwk_of(key), ES256), address, label)


def destroy(address: str, label: str) -> None:
    """Remove a key that signs no more from its token, if it is still there. Raises KeyProblem."""

    def work(session: Any) -> None:
        for found in list(session.get_objects({Attribute.LABEL: label})):
            found.destroy()

    try:
        session_of(read_address(address)).with_writing(work)
    except PKCS11Error as error:
        raise KeyProblem("keys.token_refused", what=type(error).__name__) from None
