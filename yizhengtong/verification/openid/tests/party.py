"""A relying party as tests play it: registered with a key, a secret and addresses, asking by pages and endpoints."""

import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client
from django.utils import timezone
from joserfc import jws
from joserfc.jwk import ECKey

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.verification.authorization.dpop import ath_of
from yizhengtong.verification.authorization.tests.wallet import challenge_of, new_key, proof_of, signed
from yizhengtong.verification.openid.issuer import issuer
from yizhengtong.verification.openid.parties import client_id_of
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyAddress, RelyingPartyKey
from yizhengtong.verification.relying_parties.services import register_relying_party

Response = Any
"""Of Django's test client: it has `json()`, and its types do not say so."""
PAR, TOKEN, USERINFO = "/openid/par", "/openid/token", "/openid/userinfo"
AUTHORIZE, CONSENT, LOGOUT = "/openid/authorize", "/openid/consent", "/openid/logout"
BACK, TOLD_AT = "https://bank.example/back", "https://bank.example/told"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Party:
    """Asks with a signed assertion unless told otherwise."""

    party: RelyingParty
    secret: str
    key: ECKey
    http: Client = field(default_factory=Client)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    purpose: str = "bank"

    @property
    def client_id(self) -> str:
        return client_id_of(self.party)

    def assertion(self, **changed: Any) -> str:
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": issuer(), "jti": secrets.token_urlsafe(12),
            "exp": int(time.time()) + 60, **changed,
        }  # fmt: skip
        return signed(self.key, {"kid": "k1"}, claims)

    def proven(self, **changed: Any) -> dict[str, str]:
        return {"client_assertion_type": JWT_BEARER, "client_assertion": self.assertion(**changed)}

    def request(self, **changed: Any) -> dict[str, str]:
        """Return a request's parameters; None leaves one out."""
        form = {
            "client_id": self.client_id, "response_type": "code", "redirect_uri": BACK, "state": "s-1", "nonce": "n-1",
            "scope": f"openid purpose:{self.purpose}", "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256", **changed,
        }  # fmt: skip
        return {name: value for name, value in form.items() if value is not None}

    def post(self, path: str, form: dict[str, str], **headers: str) -> Response:
        kind = "application/x-www-form-urlencoded"
        return self.http.post(path, urlencode(form), content_type=kind, headers=headers)

    def push(self, *, proof: str = "", **changed: Any) -> Response:
        headers = {"DPoP": proof} if proof else {}
        return self.post(PAR, {**self.request(**changed), **self.proven()}, **headers)

    def pushed(self, **changed: Any) -> str:
        """Push a request and return the address to which the browser is sent."""
        name = answer_of(self.push(**changed))["request_uri"]
        return f"{AUTHORIZE}?{urlencode({'client_id': self.client_id, 'request_uri': name})}"

    def plain(self, **changed: Any) -> str:
        """Return the address of a request that was not pushed."""
        return f"{AUTHORIZE}?{urlencode(self.request(**changed))}"

    def redeem(self, code: str, *, proof: str = "", **changed: Any) -> Response:
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": self.verifier, "redirect_uri": BACK,
            **self.proven(), **changed,
        }  # fmt: skip
        headers = {"DPoP": proof} if proof else {}
        return self.post(TOKEN, {name: value for name, value in form.items() if value is not None}, **headers)

    def userinfo(self, token: str, **headers: str) -> Response:
        brought = {"Authorization": f"Bearer {token}", **headers}
        return self.http.get(USERINFO, headers=brought)

    def dpop(self, key: ECKey, method: str, path: str, token: str = "") -> str:
        more = {"ath": ath_of(token)} if token else {}
        return proof_of(key, method, f"{issuer().removesuffix('/openid')}{path}", **more)


def a_party(*purposes: str, name: str = "示范银行", addresses: tuple[tuple[str, str], ...] = ()) -> Party:
    """Return an approved party with a secret, a key called k1, an address to go back to and one to be told at."""
    party, secret = register_relying_party(
        name=name, legal_basis="反洗钱法第二十九条", purposes=list(purposes or ("bank",)), by=SYSTEM
    )
    key, now = new_key(), timezone.now()
    RelyingPartyKey.objects.create(
        relying_party=party, kind="jwk", environment="production", name="k1", public=key.as_dict(private=False),
        fingerprint=secrets.token_bytes(32), not_before=now - timedelta(hours=1), not_after=now + timedelta(days=1),
    )  # fmt: skip
    for kind, uri in addresses or (("redirect", BACK), ("logout", TOLD_AT)):
        RelyingPartyAddress.objects.create(relying_party=party, kind=kind, uri=uri)
    return Party(party, secret, key, purpose=(purposes or ("bank",))[0])


def answer_of(response: Response) -> dict[str, Any]:
    assert response.status_code in {200, 201}, response.content
    found: dict[str, Any] = json.loads(response.content)
    return found


def error_of(response: Response) -> tuple[int, str]:
    return response.status_code, json.loads(response.content).get("error", "")


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def opened(token: str) -> dict[str, Any]:
    """Return the claims of a token that one of the published keys signed by ES256."""
    keys = {each["kid"]: each for each in Client().get("/openid/jwks").json()["keys"]}
    found = jws.extract_compact(token.encode())
    key = ECKey.import_key(keys[found.headers()["kid"]])
    claims: dict[str, Any] = json.loads(jws.deserialize_compact(token, key, algorithms=["ES256"]).payload)
    return claims
