"""Requests and answers encrypted beyond TLS (OpenID4VCI 1.0, section 10): ECDH-ES with P-256, AES-GCM.

The key that requests are encrypted to is derived from the vault's key: every process has it, no table holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from yizhengtong.credentials.formats.jwk import es256_key, jwk_of, public_part, thumbprint
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.strict import read_object, write_json
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem
from yizhengtong.foundation.vault.indexes import keyed_digest

AGREEMENT = "ECDH-ES"
CIPHERS = ("A128GCM", "A256GCM")
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_REGISTRY = jwe.JWERegistry(algorithms=[AGREEMENT, *CIPHERS])


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an answer goes: the wallet's key, and the cipher it wants."""

    jwk: Mapping[str, str]
    key_id: str
    cipher: str


def request_key() -> dict[str, str]:
    """Return the public key that requests are encrypted to."""
    jwk = jwk_of(_private_key().public_key())
    return {**jwk, "kid": thumbprint(jwk), "alg": AGREEMENT, "use": "enc"}


def open_request(token: bytes) -> dict[str, Any]:
    """Return what an encrypted request holds. Raises IssuanceProblem `invalid_encryption_parameters`."""
    try:
        opened = jwe.decrypt_compact(token, _own_key(), registry=_REGISTRY)
        is_expected = opened.protected.get("alg") == AGREEMENT and "zip" not in opened.protected
        if not is_expected or opened.plaintext is None or opened.protected.get("kid") != request_key()["kid"]:
            raise _invalid("the request is encrypted to another key or in another way")
        return read_object(opened.plaintext, "request.malformed")
    except (JoseError, FormatProblem, ValueError, KeyError, TypeError) as error:
        raise _invalid("the encrypted request cannot be opened") from error


def read_recipient(payload: Mapping[str, Any], *, was_encrypted: bool) -> Recipient | None:
    """Return whom the answer is encrypted to; None where it is not. Raises IssuanceProblem.

    Only what came encrypted may name a recipient: else who stands in between would name another (section 8.2).
    """
    wanted = payload.get("credential_response_encryption")
    if wanted is None:
        return None
    if not was_encrypted:
        raise _invalid("a request that names credential_response_encryption must be encrypted itself")
    if not isinstance(wanted, Mapping) or not isinstance(wanted.get("jwk"), Mapping) or "zip" in wanted:
        raise _invalid("jwk and enc must be there, and no zip")
    jwk, cipher = wanted["jwk"], wanted.get("enc")
    if cipher not in CIPHERS or jwk.get("alg") != AGREEMENT:
        raise _invalid("alg or enc is not supported")
    try:
        es256_key(jwk)  # the point lies on the curve
        return Recipient(public_part(jwk), str(jwk.get("kid", "")), str(cipher))
    except FormatProblem as problem:
        raise _invalid("the key is not a public key on P-256") from problem


def seal_answer(answer: Mapping[str, Any], to: Recipient) -> str:
    """Return an answer as a JWT encrypted to a wallet."""
    header = {"alg": AGREEMENT, "enc": to.cipher, "typ": "JWT", **({"kid": to.key_id} if to.key_id else {})}
    return jwe.encrypt_compact(header, write_json(answer), ECKey.import_key(dict(to.jwk)), registry=_REGISTRY)


def _private_key() -> ec.EllipticCurvePrivateKey:
    digest = keyed_digest("issuance.request_key", b"1")
    return ec.derive_private_key(int.from_bytes(digest, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _own_key() -> ECKey:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ECKey.import_key(_private_key().private_bytes(*form))


def _invalid(description: str) -> IssuanceProblem:
    return IssuanceProblem(Fault.INVALID_ENCRYPTION, description)
