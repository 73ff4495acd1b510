"""Proof of possession of a key for each request (RFC 9449). Needs no database: replays are noticed elsewhere."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit

from yizhengtong.verification.authorization.jwts import BadToken, number_of, open_jwt, public_key, text_of, thumbprint

TYP = "dpop+jwt"
LATE_SECONDS = 120
EARLY_SECONDS = 30
"""How old a proof may be and how far in the future: ours; RFC 9449 11.1 asks for seconds or minutes."""
_MOST_JTI = 256
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that fits its request: the key's thumbprint, what names the proof, when it is over, its nonce."""

    thumbprint: str
    jti: str
    expires_at: float
    nonce: str


def check_proof(proof: str, *, method: str, url: str, now: float, access_token: str = "") -> Proof:
    """Return what a proof shows for a request (RFC 9449 4.3, but for its nonce and replays). Raises BadToken.

    `url`: as clients address us; query and fragment do not count. `now`: Unix seconds. `access_token`: at a resource.
    """
    opened = open_jwt(proof, typ=TYP, key_for=lambda header, _claims: public_key(header.get("jwk")))
    claims = opened.claims
    if text_of(claims, "htm") != method:
        raise BadToken("its htm is another method")
    if _normal(text_of(claims, "htu", 2048)) != _normal(url):
        raise BadToken("its htu is another address")
    issued_at = number_of(claims, "iat")
    if not now - LATE_SECONDS <= issued_at <= now + EARLY_SECONDS:
        raise BadToken("its iat is not about now")
    if access_token and not hmac.compare_digest(text_of(claims, "ath").encode(), ath_of(access_token).encode()):
        raise BadToken("its ath is of another token")
    nonce = text_of(claims, "nonce") if "nonce" in claims else ""
    expires_at = issued_at + LATE_SECONDS
    return Proof(thumbprint(opened.key), text_of(claims, "jti", _MOST_JTI), expires_at, nonce)


def ath_of(access_token: str) -> str:
    """Return the hash of an access token that a proof for it holds (RFC 9449 4.2)."""
    return urlsafe_b64encode(sha256(access_token.encode(errors="replace")).digest()).rstrip(b"=").decode()


def _normal(url: str) -> str:
    """Return an address in the normal form of RFC 3986 6.2.2 and 6.2.3, without query and fragment. Raises BadToken."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise BadToken("its htu is no address") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host or "@" in parts.netloc:
        raise BadToken("its htu is no address")
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None and port != _PORTS[scheme] else ""
    return urlunsplit((scheme, place, parts.path or "/", "", ""))
