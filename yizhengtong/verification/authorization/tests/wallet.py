"""A wallet as tests play it: a key of its own, proofs, attestations, and the endpoints over HTTP."""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from joserfc import jws
from joserfc.jwk import ECKey

from yizhengtong.verification.authorization.dpop import ath_of
from yizhengtong.verification.authorization.tokens import PRE_AUTHORIZED

TOKEN, PAR, AUTHORIZE, REVOKE = "/oauth/token", "/oauth/par", "/oauth/authorize", "/oauth/revoke"
REDIRECT = "https://wallet.example/back"


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", {}, private=True)


def signed(key: ECKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "ES256", **header}, json.dumps(claims), key, algorithms=["ES256"])


def signed_oddly(key: ECKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Sign whatever header: one that a library would refuse to write."""
    head = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    body = urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signature = signed(key, {}, {}).rpartition(".")[2]
    return f"{head.decode()}.{body.decode()}.{signature}"


def proof_of(key: ECKey, method: str, url: str, *, jwk: Any = None, header: Any = None, **claims: Any) -> str:
    """Return a DPoP proof; `header` and claims replace what a good one has, None leaves out."""
    said = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url, "iat": int(time.time()), **claims}
    head = {"typ": "dpop+jwt", "jwk": jwk or key.as_dict(private=False), **(header or {})}
    return signed(key, head, {name: value for name, value in said.items() if value is not None})


def challenge_of(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Wallet:
    """Speaks to the platform through Django's client; every request with a proof of its key unless told otherwise."""

    client_id: str = "https://wallet.example"
    key: ECKey = field(default_factory=new_key)
    http: Client = field(default_factory=Client)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    attested: dict[str, Any] | None = None
    """Headers of a client attestation, made anew for each request by `attest` where it is a maker."""
    attest: Any = None

    def url(self, path: str) -> str:
        return f"{settings.YZT_ADDRESS}{path}"

    def proof(self, path: str, method: str = "POST", **more: Any) -> str:
        return proof_of(self.key, method, self.url(path), **more)

    def post(self, path: str, form: dict[str, Any] | str, *, proof: str | None = "", **headers: str) -> HttpResponse:
        """Send a form. `proof` empty: a good one; None: none."""
        brought = dict(self.attest() if self.attest else {}) | headers
        if proof is not None:
            brought["DPoP"] = proof or self.proof(path)
        body = form if isinstance(form, str) else urlencode(form)
        return self.http.post(path, body, content_type="application/x-www-form-urlencoded", headers=brought)  # type: ignore[return-value]

    def push(self, *, proof: str | None = "", headers: dict[str, str] | None = None, **changed: Any) -> HttpResponse:
        form = {
            "client_id": self.client_id, "response_type": "code", "redirect_uri": REDIRECT, "state": "s-1",
            "scope": "zhejiang_permit_sd_jwt", "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256", **changed,
        }  # fmt: skip
        return self.post(PAR, {k: v for k, v in form.items() if v is not None}, proof=proof, **(headers or {}))

    def redeem(self, shown: str, *, proof: str | None = "", **changed: Any) -> HttpResponse:
        form = {
            "grant_type": "authorization_code", "code": shown, "code_verifier": self.verifier, "redirect_uri": REDIRECT,
            "client_id": self.client_id, **changed,
        }  # fmt: skip
        return self.post(TOKEN, {k: v for k, v in form.items() if v is not None}, proof=proof)

    def redeem_offer(self, code: str, tx_code: str, *, proof: str | None = "", **changed: Any) -> HttpResponse:
        form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": tx_code, **changed}
        return self.post(TOKEN, {k: v for k, v in form.items() if v is not None}, proof=proof)

    def refresh(self, token: str, *, proof: str | None = "", **changed: Any) -> HttpResponse:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client_id, **changed}
        return self.post(TOKEN, {k: v for k, v in form.items() if v is not None}, proof=proof)

    def bearing(self, token: str, path: str = "/wallet/credential", **more: Any) -> dict[str, str]:
        """Return the headers of a request to a protected address."""
        proof = self.proof(path, ath=ath_of(token), **more)
        return {"Authorization": f"DPoP {token}", "DPoP": proof}


def error_of(response: HttpResponse) -> str:
    found: str = json.loads(response.content)["error"]
    return found


def answer_of(response: HttpResponse) -> dict[str, Any]:
    assert response.status_code in {200, 201}, response.content
    found: dict[str, Any] = json.loads(response.content)
    return found


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
