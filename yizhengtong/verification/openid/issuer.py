"""Who we are as an OpenID provider, and what we sign: ES256 alone, by keys of their own use."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from yizhengtong.credentials.formats.jose import open_compact, sign_compact
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.keys.queries import Use, checkers, published_jwks, signers
from yizhengtong.credentials.keys.suites import algorithms
from yizhengtong.verification.authorization.jwts import BadToken
from yizhengtong.verification.authorization.problems import OAuthProblem

PATH = "/openid"


def issuer() -> str:
    """Return our name: the address below which everything of this provider lies."""
    return f"{settings.YZT_ADDRESS}{PATH}"


def is_offered() -> bool:
    """Whether this deployment can sign anybody in so: not where it signs by SM2 alone."""
    return ES256 in algorithms()


def signed(claims: Mapping[str, Any], *, typ: str = "JWT") -> str:
    """Return claims signed as a compact JWS. Raises OAuthProblem where this deployment signs by SM2 alone.

    No register names SM2 for JOSE, and no application could check it (docs/adr/0058).
    """
    found = [each for each in signers(Use.OPENID) if each.algorithm == ES256]
    if not found:
        raise OAuthProblem("temporarily_unavailable", "This deployment has no key that applications could check")
    return sign_compact({"typ": typ}, claims, found[0])


def opened(token: str) -> Mapping[str, Any]:
    """Return the claims of an ID token that we signed, over or not. Raises BadToken."""
    try:
        _header, claims = open_compact(token, checkers(Use.OPENID), typ="JWT")
    except FormatProblem as problem:
        raise BadToken("it is none of ours") from problem
    if claims.get("iss") != issuer() or "sid" not in claims:
        raise BadToken("it is none of ours")
    return claims


def jwks() -> list[dict[str, str]]:
    """Return our public keys, those that sign no more but whose tokens may still be about, too."""
    return [each for each in published_jwks(Use.OPENID) if each["alg"] == ES256]
