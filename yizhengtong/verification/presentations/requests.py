"""The signed request that a wallet fetches (OpenID4VP 1.0, 5; RFC 9101), and the link that leads there."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from yizhengtong.credentials.catalogue.queries import Format
from yizhengtong.credentials.formats import sd_jwt_names
from yizhengtong.credentials.formats.jose import sign_compact
from yizhengtong.credentials.formats.signing import ES256, Signer
from yizhengtong.credentials.formats.strict import encode_base64url
from yizhengtong.credentials.keys.queries import Use, signers
from yizhengtong.kernel.errors import Conflict
from yizhengtong.verification.presentations.carried import Wanted
from yizhengtong.verification.presentations.dcql import query_of
from yizhengtong.verification.presentations.encrypting import CIPHERS, answer_key
from yizhengtong.verification.presentations.models import Presentation
from yizhengtong.verification.presentations.references import ANSWER, REQUEST, nonce_of, reference_to, state_of

MEDIA_TYPE = "application/oauth-authz-req+jwt"
PATH = "wallet/presentations"
_TYPE = "oauth-authz-req+jwt"
_WALLETS = "https://self-issued.me/v2"
"""5.8: whom a request is for where the wallet is not known."""
_COSE_ES256 = (-7, -9)
FORMATS: Mapping[str, Any] = {
    sd_jwt_names.TYPE: {"sd-jwt_alg_values": [ES256], "kb-jwt_alg_values": [ES256]},
    str(Format.MDOC): {"issuerauth_alg_values": list(_COSE_ES256), "deviceauth_alg_values": list(_COSE_ES256)},
}
"""Annex B: what is read here."""


def reader() -> Signer:
    """Return what signs requests. Raises Conflict `presentations.not_offered`: only P-256 has certificates."""
    for each in signers(Use.READER):
        if each.algorithm == ES256 and each.certificates:
            return each
    raise Conflict("presentations.not_offered")


def client_id_of(signer: Signer) -> str:
    """Return who asks, by the hash of the certificate (5.9.3)."""
    return f"x509_hash:{encode_base64url(sha256(signer.certificates[0]).digest())}"


def link_to(asked: Presentation, scheme: str = "openid4vp://") -> str:
    """Return what opens a wallet on this device, or what another one reads as a QR code."""
    where = f"{settings.YZT_ADDRESS}/{PATH}/requests/{reference_to(REQUEST, asked.pk)}"
    return f"{scheme}?{urlencode({'client_id': asked.client_id, 'request_uri': where, 'request_uri_method': 'post'})}"


def response_uri_of(key: UUID) -> str:
    """Return where the wallet posts its answer."""
    return f"{settings.YZT_ADDRESS}/{PATH}/answers/{reference_to(ANSWER, key)}"


def signed_request(asked: Presentation, wanted: Sequence[Wanted], *, party: str, wallet_nonce: str = "") -> str:
    """Return the request as a JWT. `party`: the name of who asks, for the wallet to show.

    `wallet_nonce`: what the wallet sent so that nobody repeats an old request to it (5.10). Raises Conflict
    `presentations.over` where the reader's key is another one meanwhile.
    """
    signer = reader()
    if client_id_of(signer) != asked.client_id:
        raise Conflict("presentations.over")
    header = {"typ": _TYPE, "x5c": [b64encode(each).decode("ascii") for each in signer.certificates]}
    return sign_compact(header, _content(asked, wanted, party, wallet_nonce), signer)


def _content(asked: Presentation, wanted: Sequence[Wanted], party: str, wallet_nonce: str) -> dict[str, Any]:
    return {
        "iss": asked.client_id,
        "aud": _WALLETS,
        "iat": int(asked.made_at.timestamp()),
        "exp": int(asked.expires_at.timestamp()),
        "client_id": asked.client_id,
        "response_type": "vp_token",
        "response_mode": "direct_post.jwt" if asked.is_encrypted else "direct_post",
        "response_uri": response_uri_of(asked.pk),
        "nonce": nonce_of(asked.pk),
        "state": state_of(asked.pk),
        "dcql_query": query_of(wanted),
        "client_metadata": {"client_name": party, "vp_formats_supported": FORMATS, **_encryption(asked)},
        **({"wallet_nonce": wallet_nonce} if wallet_nonce else {}),
    }


def _encryption(asked: Presentation) -> Mapping[str, Any]:
    if not asked.is_encrypted:
        return {}
    return {"jwks": {"keys": [answer_key(asked.pk)]}, "encrypted_response_enc_values_supported": list(CIPHERS)}
