"""The token endpoint: a code becomes an ID token and an access token, once (OpenID Connect Core 1.0, 3.1.3).

What fails must leave its mark: a replay has ended the sign-in. So what is wrong comes out of the transaction as a value
and is raised after it.
"""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.utils import timezone

from yizhengtong.foundation.transactions import use_case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.authorization.dpop import Proof
from yizhengtong.verification.authorization.pkce import matches
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_dpop_proof, invalid_grant
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret
from yizhengtong.verification.authorization.sent import DPOP, Sent
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.links.pairwise import pairwise_id
from yizhengtong.verification.openid import lifetimes
from yizhengtong.verification.openid.issuer import issuer, signed
from yizhengtong.verification.openid.models import SignIn
from yizhengtong.verification.openid.parties import authenticate, client_id_of
from yizhengtong.verification.openid.reading import principal_of, sign_in_of_code
from yizhengtong.verification.openid.services import end_replayed
from yizhengtong.verification.openid.standing import permit_behind
from yizhengtong.verification.relying_parties.models import RelyingParty

GRANT_TYPE = "authorization_code"
_UNKNOWN = "The code is not known, over, used, or another client's"
Answer = dict[str, Any]


def answer_token_request(sent: Sent) -> Answer:
    """Return the JSON answer of the token endpoint. Raises OAuthProblem by RFC 6749 5.2 and RFC 9449."""
    if sent.needed("grant_type") != GRANT_TYPE:
        raise OAuthProblem("unsupported_grant_type", "This grant type is not supported")
    party = authenticate(sent)
    outcome = _use_code(sent=sent, party=party, proof=sent.proof())
    if isinstance(outcome, OAuthProblem):
        raise outcome
    return outcome


@use_case
def _use_code(*, sent: Sent, party: RelyingParty, proof: Proof | None) -> Answer | OAuthProblem:
    verifier, redirect_uri = sent.needed("code_verifier"), sent.needed("redirect_uri")
    sign_in = sign_in_of_code(hash_of(sent.needed("code")))
    if sign_in is None or sign_in.relying_party_id != party.pk:
        return invalid_grant(_UNKNOWN)
    sign_in.relying_party = party  # read already, as who asks
    if not matches(verifier, sign_in.challenge):
        return invalid_grant("The code_verifier is wrong")
    if sign_in.redirect_uri != redirect_uri:
        return invalid_grant("The redirect_uri is another than in the request")
    if sign_in.dpop_thumbprint and (proof is None or proof.thumbprint != sign_in.dpop_thumbprint):
        return invalid_dpop_proof("A proof of the key of the request is needed")
    if sign_in.begun_at is not None:  # asked last: who merely saw the code ends nothing by showing it
        end_replayed(sign_in=sign_in, by=principal_of(sign_in))
        return invalid_grant(_UNKNOWN)
    permit = permit_behind(sign_in)
    if sign_in.code_expires_at <= datetime.fromtimestamp(sent.now, UTC) or permit is None:
        return invalid_grant(_UNKNOWN)
    return _give(sign_in, permit, proof)


def _give(sign_in: SignIn, permit: Permit, proof: Proof | None) -> Answer:
    """Give the tokens, and write the sign-in into the holder's history: from here on the claims can be collected."""
    now, secret = timezone.now(), new_secret()
    sign_in.begun_at, sign_in.access_hash = now, hash_of(secret)
    sign_in.access_expires_at = now + lifetimes.ACCESS
    sign_in.dpop_thumbprint = proof.thumbprint if proof is not None else ""
    sign_in.save(update_fields=["begun_at", "access_hash", "access_expires_at", "dpop_thumbprint"])
    record_check(
        party=sign_in.relying_party, way="openid", purpose=sign_in.consent.purpose, person_id=sign_in.person_id,
        outcome="told", claims=sign_in.claims, at=now, permit_id=permit.pk,
    )  # fmt: skip
    return {
        "access_token": secret,
        "token_type": DPOP if proof is not None else "Bearer",
        "expires_in": int(lifetimes.ACCESS.total_seconds()),
        "scope": sign_in.scope,
        "id_token": _id_token(sign_in, secret, now),
    }


def _id_token(sign_in: SignIn, access_token: str, now: datetime) -> str:
    """OpenID Connect Core 1.0, 2 and 3.1.3.6: who signed in, when, how; nothing of the permit."""
    claims: dict[str, Any] = {
        "iss": issuer(),
        "sub": pairwise_id(sign_in.person_id, str(sign_in.relying_party_id)),
        "aud": client_id_of(sign_in.relying_party),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetimes.ID_TOKEN).timestamp()),
        "auth_time": int(sign_in.proved_at.timestamp()),
        "acr": acr_of(sign_in.acr),
        "at_hash": at_hash_of(access_token),
        "sid": sign_in.sid,
    }
    if sign_in.nonce:
        claims["nonce"] = sign_in.nonce
    return signed(claims)


def acr_of(level: str) -> str:
    """Return how strongly a resident proved who they are, as an address of ours (OpenID Connect Core 1.0, 2)."""
    return f"{issuer()}/acr/{level}"


def at_hash_of(access_token: str) -> str:
    """Return the left half of the SHA-256 of an access token in base64url (OpenID Connect Core 1.0, 3.1.3.6)."""
    digest = sha256(access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
