"""OpenID Connect: code flow with PKCE, state and nonce; discovery and keys from the issuer; RS256 and ES256 only.

OpenID Connect Core 1.0 sections 3.1 and 5.3, Discovery 1.0, RFC 7636, RFC 9207. Keys and tokens are read by PyJWT.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt

from yizhengtong.foundation.accounts.identity.contract import (
    Asking,
    Proven,
    day_of,
    ensure_same,
    known_kind,
    read_object,
    refused,
    text_of,
    unavailable,
)
from yizhengtong.kernel.outbound import Answer, OutboundProblem, Service

ALGORITHMS = ("ES256", "RS256")
LEEWAY_SECONDS = 30
KEPT_SECONDS = 300
"""How long the description and keys of an issuer are believed; for a key that is unknown they are asked for anew."""
_LEAST_BETWEEN_SECONDS = 30
_OK = 200


class OpenIDService:
    """An OpenID provider. `levels`: the `acr` that count, empty for any."""

    def __init__(
        self,
        code: str,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        scope: str = "openid profile",
        levels: Sequence[str] = (),
        private_networks: Sequence[str] = (),
    ) -> None:
        self.code, self.issuer, self.client_id, self.scope = code, issuer.rstrip("/"), client_id, scope
        self.levels = tuple(levels)
        self._client_secret = client_secret
        parts = urlsplit(issuer)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._service = Service(self._origin, private_networks=private_networks)
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def ask(self, *, back: str) -> Asking:
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": self.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _hashed(verifier),
            "code_challenge_method": "S256",
            **({"acr_values": " ".join(self.levels)} if self.levels else {}),
        }
        address = text_of(self._described(), "authorization_endpoint")
        if not address.startswith(f"{self._origin}/"):
            raise unavailable()
        joined = "&" if "?" in address else "?"
        return Asking(f"{address}{joined}{urlencode(asked)}", {"state": state, "nonce": nonce, "verifier": verifier})

    def prove(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str) -> Proven:
        ensure_same(kept.get("state", ""), answer.get("state", ""))
        if answer.get("iss", self.issuer).rstrip("/") != self.issuer or not answer.get("code"):
            raise refused()
        given = self._exchange(answer["code"], kept["verifier"], back)
        claims = self._read(text_of(given, "id_token", 20_000), kept["nonce"])
        level = text_of(claims, "acr")
        if self.levels and level not in self.levels:
            raise refused()
        told = {**self._told(text_of(given, "access_token", 20_000), claims["sub"]), **claims}
        kind = known_kind(text_of(told, "document_kind"))
        return Proven(
            service=self.code,
            subject=claims["sub"],
            name=text_of(told, "name"),
            kind=kind,
            number=text_of(told, "document_number") if kind else "",
            birth_date=day_of(text_of(told, "birthdate")),
            level=level,
        )

    def _exchange(self, code: str, verifier: str, back: str) -> dict[str, Any]:
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        known = f"{quote(self.client_id, safe='')}:{quote(self._client_secret, safe='')}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(known.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        answer = self._ask("POST", text_of(self._described(), "token_endpoint"), urlencode(sent).encode(), headers)
        if answer.status in (400, 401, 403):
            raise refused()
        return _read_ok(answer)

    def _read(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that is signed by the issuer, for us, now, and for this asking."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise refused()
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(header),
                algorithms=[header["alg"]],
                audience=self.client_id,
                issuer=text_of(self._described(), "issuer"),
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise refused() from error
        ensure_same(nonce, str(claims.get("nonce", "")))
        others = claims["aud"] if isinstance(claims["aud"], list) else []
        if claims.get("azp", self.client_id if len(others) < 2 else "") != self.client_id:
            raise refused()
        if not text_of(claims, "sub"):  # nobody's: all who have none would share one account
            raise refused()
        return claims

    def _key(self, header: Mapping[str, Any]) -> Any:
        for is_anew in (False, True):
            keys = self._keys(is_anew=is_anew)
            for key in keys:
                is_named = header.get("kid") in (None, key.get("kid"))
                if is_named and key.get("use", "sig") == "sig" and key.get("alg", header["alg"]) == header["alg"]:
                    return jwt.PyJWK(key, header["alg"])
        raise refused()

    def _told(self, token: str, subject: str) -> dict[str, Any]:
        """Return what the issuer tells of its user besides; nothing where it has no such address."""
        address = text_of(self._described(), "userinfo_endpoint")
        if not address or not token:
            return {}
        told = _read_ok(self._ask("GET", address, b"", {"Authorization": f"Bearer {token}"}))
        if told.get("sub") != subject:
            raise refused()
        return told

    def _described(self) -> dict[str, Any]:
        described = self._believed(f"{self.issuer}/.well-known/openid-configuration")
        if text_of(described, "issuer").rstrip("/") != self.issuer:
            raise unavailable()
        return described

    def _keys(self, *, is_anew: bool) -> list[dict[str, Any]]:
        found = self._believed(text_of(self._described(), "jwks_uri"), is_anew=is_anew).get("keys")
        if not isinstance(found, list):
            raise unavailable()
        return [key for key in found if isinstance(key, dict)]

    def _believed(self, address: str, *, is_anew: bool = False) -> dict[str, Any]:
        at, known = self._kept.get(address, (0.0, {}))
        longest = _LEAST_BETWEEN_SECONDS if is_anew else KEPT_SECONDS
        if not known or time.monotonic() - at > longest:
            known = _read_ok(self._ask("GET", address, b"", {"Accept": "application/json"}))
            self._kept[address] = (time.monotonic(), known)
        return known

    def _ask(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Ask the issuer's own host, and no other that its description names."""
        if not address.startswith(f"{self._origin}/"):
            raise unavailable()
        try:
            return self._service.ask(method, address.removeprefix(self._origin), body, headers)
        except OutboundProblem as problem:
            raise unavailable() from problem


def _read_ok(answer: Answer) -> dict[str, Any]:
    if answer.status != _OK:
        raise unavailable()
    return read_object(answer.body)


def _hashed(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
