"""Answers encrypted beyond TLS (OpenID4VP 1.0, 8.3): ECDH-ES with P-256, AES-GCM, a key for each presentation.

The key is derived from the vault's: every process has it, no table holds it.
"""

from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from yizhengtong.credentials.formats.jwk import jwk_of, thumbprint
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.strict import read_object
from yizhengtong.foundation.vault.indexes import keyed_digest

AGREEMENT = "ECDH-ES"
CIPHERS = ("A256GCM", "A128GCM")
"""HAIP 1.0, 5: both are offered."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_REGISTRY = jwe.JWERegistry(algorithms=[AGREEMENT, *CIPHERS])


def answer_key(key: UUID) -> dict[str, str]:
    """Return the public key that the answer to a presentation is encrypted to."""
    jwk = jwk_of(_private(key).public_key())
    return {**jwk, "kid": thumbprint(jwk), "alg": AGREEMENT, "use": "enc"}


def open_answer(token: str, key: UUID) -> dict[str, Any]:
    """Return what an encrypted answer holds. Raises FormatProblem `answer.not_opened`."""
    try:
        opened = jwe.decrypt_compact(token, _own(key), registry=_REGISTRY)
        is_expected = opened.protected.get("alg") == AGREEMENT and "zip" not in opened.protected
        if not is_expected or opened.plaintext is None or opened.protected.get("kid") != answer_key(key)["kid"]:
            raise FormatProblem("answer.not_opened")
        return read_object(opened.plaintext, "answer.not_opened")
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise FormatProblem("answer.not_opened") from error


def _private(key: UUID) -> ec.EllipticCurvePrivateKey:
    digest = keyed_digest("presentations.answer_key", key.bytes)
    return ec.derive_private_key(int.from_bytes(digest, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _own(key: UUID) -> ECKey:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ECKey.import_key(_private(key).private_bytes(*form))
