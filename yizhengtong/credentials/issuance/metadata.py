"""The credential issuer's metadata (OpenID4VCI 1.0, section 12.2): what is issued here, how, and where to ask."""

import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from yizhengtong.credentials.catalogue.queries import CredentialType, Format, credential_types
from yizhengtong.credentials.catalogue.types import ClaimType
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.issuance.encryption import AGREEMENT, CIPHERS, request_key
from yizhengtong.credentials.issuance.proofs import PROOF_ALGORITHMS
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.foundation.texts import PAGE_LANGUAGES, say

WELL_KNOWN = "/.well-known/openid-credential-issuer"
CREDENTIAL, DEFERRED = "/wallet/credential", "/wallet/deferred"
NONCE, NOTIFICATION = "/wallet/nonce", "/wallet/notification"
SIGNED_TYPE = "openidvci-issuer-metadata+jwt"
SIGNED_LASTS_SECONDS = 3600
_ES256_IN_COSE = (-7, -9)
"""ECDSA with SHA-256, and the same with P-256 said in full (appendix A.2.2)."""


def issuer_metadata(*, has_attesters: bool = False) -> dict[str, Any]:
    """Return the metadata as JSON. `has_attesters`: some wallet provider's key attestations are believed."""
    address = settings.YZT_ADDRESS
    return {
        "credential_issuer": address,
        "authorization_servers": [address],
        "credential_endpoint": address + CREDENTIAL,
        "nonce_endpoint": address + NONCE,
        "deferred_credential_endpoint": address + DEFERRED,
        "notification_endpoint": address + NOTIFICATION,
        "credential_request_encryption": {
            "jwks": {"keys": [request_key()]}, "enc_values_supported": list(CIPHERS), "encryption_required": False,
        },
        "credential_response_encryption": {
            "alg_values_supported": [AGREEMENT], "enc_values_supported": list(CIPHERS), "encryption_required": False,
        },
        "batch_credential_issuance": {"batch_size": settings.YZT_CREDENTIAL_BATCH},
        "display": [{"name": say("issuance.issuer", language), "locale": language} for language in PAGE_LANGUAGES],
        "credential_configurations_supported": {
            name: _configuration(kind, has_attesters=has_attesters) for name, kind in credential_types().items()
            if _is_issued(kind)
        },
    }  # fmt: skip


def signed_metadata(metadata: Mapping[str, Any]) -> str:
    """Return the metadata as a signed JWT (section 12.2.3), by the key of `Use.METADATA` and its certificates."""
    by, now = signer(Use.METADATA), int(time.time())
    header: dict[str, Any] = {"typ": SIGNED_TYPE}
    if by.certificates:
        header["x5c"] = [b64encode(each).decode() for each in by.certificates]
    claims = {"iss": settings.YZT_ADDRESS, "sub": settings.YZT_ADDRESS, "iat": now, "exp": now + SIGNED_LASTS_SECONDS}
    return sign_compact(header, {**metadata, **claims}, by)


def _is_issued(kind: CredentialType) -> bool:
    """COSE names no SM2: where that alone signs, there are no mdocs."""
    return kind.format != Format.MDOC or signer(Use.MDOC).algorithm == ES256


def _configuration(kind: CredentialType, *, has_attesters: bool) -> dict[str, Any]:
    proof = {"proof_signing_alg_values_supported": list(PROOF_ALGORITHMS)}
    shared = {
        "format": str(kind.format),
        "scope": kind.configuration_id,
        "proof_types_supported": {"jwt": proof, **({"attestation": proof} if has_attesters else {})},
        "credential_metadata": {"display": _display(kind), "claims": [_claim(each) for each in kind.claims]},
    }
    if kind.format == Format.MDOC:
        return {
            **shared, "doctype": kind.doctype, "cryptographic_binding_methods_supported": ["cose_key"],
            "credential_signing_alg_values_supported": list(_ES256_IN_COSE),
        }  # fmt: skip
    return {
        **shared, "vct": kind.vct, "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": [signer(Use.SD_JWT).algorithm],
    }  # fmt: skip


def _display(kind: CredentialType) -> list[dict[str, Any]]:
    return [
        {"name": kind.title(language), "locale": language, "description": kind.descriptions[language],
         "background_color": "#12355b", "text_color": "#ffffff"}
        for language in PAGE_LANGUAGES
    ]  # fmt: skip


def _claim(claim: ClaimType) -> dict[str, Any]:
    words = [{"name": claim.words[language], "locale": language} for language in PAGE_LANGUAGES]
    return {"path": list(claim.path), "mandatory": claim.is_open, "display": words}
