"""An issuer's tokens, forged in every way that is known: none proves anybody."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.identity.stand_ins import BACK, SECRET, answer_of, ticket_house
from yizhengtong.foundation.accounts.identity.contract import Proven
from yizhengtong.foundation.accounts.identity.oidc import OpenIDService
from yizhengtong.foundation.accounts.identity.tickets import TicketService
from yizhengtong.kernel.errors import Conflict, Forbidden
from yizhengtong.kernel.outbound import Answer

ISSUER = "https://id.example.test"
KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
Forged = dict[str, Any]


class Issuer:
    """Answers what an issuer is asked, from a table."""

    def __init__(self, token: str = "", described: Forged | None = None, told: Forged | None = None) -> None:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
        of_rsa = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key()))
        self.asked: list[str] = []
        described = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            **({"userinfo_endpoint": f"{ISSUER}/me"} if told else {}),
            **(described or {}),
        }
        self.answers = {
            "/.well-known/openid-configuration": described,
            "/keys": {"keys": [{**public, "kid": "k", "alg": "ES256"}, {**of_rsa, "kid": "r", "alg": "RS256"}]},
            "/token": {"id_token": token, "access_token": "a"},
            "/me": told,
        }

    def ask(self, _method: str, path: str, _body: bytes, _headers: Any) -> Answer:
        self.asked.append(path)
        return Answer(200, json.dumps(self.answers[path]).encode())


def proved(issuer: Issuer, make: Any = None, **more: Any) -> Proven:
    """Ask, have a token made for the nonce, and take it."""
    service = OpenIDService("province", issuer=ISSUER, client_id="us", client_secret=SECRET, **more)
    service._service = issuer  # type: ignore[assignment]
    asking = service.ask(back=BACK)
    if make is not None:
        issuer.answers["/token"] = {"id_token": make(asking.kept["nonce"]), "access_token": "a"}
    return service.prove(answer={"state": asking.kept["state"], "code": "c"}, kept=asking.kept, back=BACK)


def token(asked: str, key: Any = KEY, alg: str = "ES256", kid: str | None = "k", **changed: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "s", "aud": "us", "exp": now + 60, "iat": now, "nonce": asked, "acr": "L3"}
    claims |= changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, alg, headers={"kid": kid} if kid else {})


def test_the_right_token_is_taken() -> None:
    assert proved(Issuer(), token).subject == "s"
    assert proved(Issuer(), lambda nonce: token(nonce, RSA_KEY, "RS256", "r")).subject == "s"
    assert proved(Issuer(), lambda nonce: token(nonce, aud=["us", "them"], azp="us")).subject == "s"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "them"},
        {"aud": ["us", "them"]},
        {"aud": ["us", "them"], "azp": "them"},
        {"azp": "them"},
        {"nonce": "of another asking"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 99_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"acr": "L1"},
        {"acr": None},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_proves_nothing(changed: Forged) -> None:
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        proved(Issuer(), lambda nonce: token(nonce, **changed), levels=["L3"])


def test_a_token_signed_by_another_key_proves_nothing() -> None:
    for kid in ("k", "other", None):
        with pytest.raises(Forbidden, match=r"identity\.refused"):
            proved(Issuer(), lambda nonce, kid=kid: token(nonce, OTHER, kid=kid))


def test_an_unsigned_token_and_one_signed_with_a_public_secret_prove_nothing() -> None:
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        proved(Issuer(), lambda nonce: token(nonce, None, "none"))
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        proved(Issuer(), lambda nonce: token(nonce, SECRET, "HS256"))
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        proved(Issuer(), lambda nonce: token(nonce, kid="r"))  # the key is for another algorithm


@pytest.mark.parametrize("broken", ["", "a.b.c", "x" * 100])
def test_what_is_no_token_proves_nothing(broken: str) -> None:
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        proved(Issuer(), lambda _nonce: broken)


def test_an_unknown_key_asks_for_the_keys_anew_once_and_not_at_every_try() -> None:
    issuer = Issuer()
    with pytest.raises(Forbidden):
        proved(issuer, lambda nonce: token(nonce, OTHER, kid="other"))
    assert issuer.asked.count("/keys") == 1


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"jwks_uri": "https://evil.example/keys"},
        {"authorization_endpoint": "https://evil.example/auth"},
        {"token_endpoint": f"{ISSUER}.evil.example/token"},
    ],
    ids=str,
)
def test_nobody_but_the_issuer_is_asked_whatever_its_description_names(described: Forged) -> None:
    with pytest.raises(Conflict, match=r"identity\.unavailable"):
        proved(Issuer(described=described), token)


def test_what_is_told_of_somebody_else_is_refused() -> None:
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        proved(Issuer(told={"sub": "another", "name": "x"}), token)


def test_an_answer_in_the_name_of_another_issuer_is_refused() -> None:
    service = OpenIDService("province", issuer=ISSUER, client_id="us", client_secret=SECRET)
    service._service = Issuer()  # type: ignore[assignment]
    asking = service.ask(back=BACK)
    answer = {"state": asking.kept["state"], "code": "c", "iss": "https://evil.example"}
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        service.prove(answer=answer, kept=asking.kept, back=BACK)


def test_the_browser_carries_a_hash_of_the_verifier_and_never_the_secret() -> None:
    service = OpenIDService("province", issuer=ISSUER, client_id="us", client_secret=SECRET)
    service._service = Issuer()  # type: ignore[assignment]
    asking = service.ask(back=BACK)
    query = parse_qs(urlsplit(asking.address).query)
    assert query["code_challenge_method"] == ["S256"]
    assert asking.kept["verifier"] not in asking.address
    assert SECRET not in asking.address


def test_a_ticket_service_refuses_a_question_that_is_signed_with_another_secret() -> None:
    with ticket_house() as house:
        service = TicketService("province", address=house.address, client_id="client-es", client_secret="another")
        asking = service.ask(back=BACK)
        with pytest.raises(Forbidden, match=r"identity\.refused"):
            service.prove(answer=answer_of(asking.address), kept=asking.kept, back=BACK)


@pytest.mark.parametrize("told", [{"level": "L1"}, {"user": ""}], ids=str)
def test_too_low_a_level_and_nobody_at_all_prove_nothing(told: Forged) -> None:
    with ticket_house() as house:
        house.person |= told
        service = TicketService(
            "province", address=house.address, client_id="client-es", client_secret=SECRET, levels=["L3"]
        )
        asking = service.ask(back=BACK)
        with pytest.raises(Forbidden, match=r"identity\.refused"):
            service.prove(answer=answer_of(asking.address), kept=asking.kept, back=BACK)
