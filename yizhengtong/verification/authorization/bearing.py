"""Access tokens as they come to a protected address: bare, or with a proof of their key (RFC 6750, RFC 9449 7)."""

import time
from collections.abc import Mapping

from yizhengtong.verification.authorization.dpop import check_proof
from yizhengtong.verification.authorization.jwts import BadToken
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_request, refused_at_resource
from yizhengtong.verification.authorization.sent import DPOP, ensure_first_shown, ensure_nonce

_LONGEST_HEADER = 512


def brought(url: str, headers: Mapping[str, str]) -> tuple[str, str]:
    """Return scheme (`DPoP` or `Bearer`) and token that a request brings.

    `url`: with its query. Raises OAuthProblem: 401 with WWW-Authenticate, 400 for a token in the address.
    """
    if "access_token" in url.partition("?")[2]:
        raise invalid_request("An access token does not belong into an address")
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    known = {"dpop": DPOP, "bearer": "Bearer"}.get(scheme.lower())
    if known is None:
        raise refused_at_resource("", "")
    if not secret or len(secret) > _LONGEST_HEADER or "," in secret or " " in secret:
        raise refused_at_resource("invalid_token", "The access token is malformed", scheme=known)
    return known, secret


def ensure_key(thumbprint: str, method: str, url: str, headers: Mapping[str, str], secret: str) -> None:
    """Raise OAuthProblem unless a proof of a token's own key came along, made for this request."""
    now = time.time()
    try:
        if not headers.get(DPOP, ""):
            raise BadToken("there is none")
        proof = check_proof(headers[DPOP], method=method, url=url, now=now, access_token=secret)
        if proof.thumbprint != thumbprint:
            raise BadToken("its key is not the token's")
        ensure_nonce(proof, now)
        ensure_first_shown(proof)
    except BadToken as bad:
        raise refused_at_resource("invalid_dpop_proof", f"The DPoP proof is not good: {bad}") from bad
    except OAuthProblem as problem:
        raise refused_at_resource(problem.error, problem.description, nonce=problem.nonce) from problem
