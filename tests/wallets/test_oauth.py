"""A stranger's wallet (@openid4vc/oauth2) is let in by our authorization server, over HTTP, each way there is."""

import time
from typing import Any

import pytest
from django.conf import LazySettings
from joserfc.jwk import ECKey

from tests.support.sessions import session
from tests.wallets.strangers import ask, needs
from yizhengtong.credentials.issuance.tests.collecting import SD_JWT, Holder
from yizhengtong.credentials.issuance.tests.conftest import town, wang  # noqa: F401 fixtures
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.kernel.ids import public_id
from yizhengtong.verification.authorization.models import Grant, WalletProvider
from yizhengtong.verification.authorization.services import offer_grant
from yizhengtong.verification.authorization.tests.wallet import new_key, signed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("S4-10")]
CLIENT, BACK = "https://wallet.example", "https://wallet.example/back"
UNAUTHORIZED, BAD_REQUEST = 401, 400


@pytest.fixture
def question(live_server: Any, settings: LazySettings, wang: Holder) -> dict[str, Any]:  # noqa: F811
    needs("@openid4vc/oauth2")
    settings.YZT_ADDRESS = live_server.url
    account = Account.objects.get(pk=str(wang.principal.id))
    return {
        "issuer": live_server.url,
        "client_id": CLIENT,
        "redirect_uri": BACK,
        "scope": SD_JWT,
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session(account)}",
        "person": public_id("per", wang.permit.person_id),
        "resource": f"{live_server.url}/wallet/credential",
    }


def driven(question: dict[str, Any]) -> dict[str, Any]:
    [answer] = ask("authorize.js", [question])
    assert answer["ok"], answer
    steps: dict[str, Any] = answer["steps"]
    return steps


def let_in(steps: dict[str, Any]) -> bool:
    """Whether what every way has in common went as it must: bound, renewed, and over after a replay."""
    return {
        "dpop": True, "attestation": True, "token_type": "DPoP", "resource": BAD_REQUEST,
        "resource_as_bearer": UNAUTHORIZED, "resource_renewed": BAD_REQUEST, "code_again": "invalid_grant",
        "resource_after_replay": UNAUTHORIZED, "refresh_after_replay": "invalid_grant",
    }.items() <= steps.items()  # fmt: skip


def test_by_pushed_request_code_pkce_and_dpop(question: dict[str, Any]) -> None:
    steps = driven(question)
    assert let_in(steps), steps
    assert steps["asked"] == ["client_id", "request_uri"]
    assert steps["same_state"] is True
    assert steps["wrong_verifier"] == "invalid_grant"
    assert Grant.objects.get().client_id == CLIENT


def test_by_an_offer_with_its_transaction_code(question: dict[str, Any], wang: Holder) -> None:  # noqa: F811
    made = offer_grant(subject=wang.permit.person_id, configuration_ids=[SD_JWT], by=wang.principal)
    steps = driven({**question, "offer": {"code": made.code, "tx_code": made.tx_code}})
    assert let_in(steps), steps
    assert steps["wrong_tx_code"] == "invalid_grant"


def test_attested_and_with_nonces_as_the_high_assurance_profile_asks(
    question: dict[str, Any], settings: LazySettings
) -> None:
    settings.YZT_WALLETS = {"attested_only": True, "dpop_nonces": True}
    provider, installation = new_key(), new_key()
    jwks = {"keys": [{**provider.as_dict(private=False), "kid": "one"}]}
    WalletProvider.objects.create(issuer="https://provider.example", name="示范钱包", jwks=jwks)
    steps = driven({**question, "attestation": attestation(provider, installation)})
    assert let_in(steps), steps
    assert Grant.objects.get().client_name == "示范钱包"
    [refused] = ask("authorize.js", [question])
    assert "invalid_client" in refused["error"]


def attestation(provider: ECKey, installation: ECKey) -> dict[str, Any]:
    header = {"typ": "oauth-client-attestation+jwt", "kid": "one"}
    public = {name: installation.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
    claims = {"iss": "https://provider.example", "sub": CLIENT, "exp": int(time.time()) + 600, "cnf": {"jwk": public}}
    private = {**public, "d": installation.as_dict(private=True)["d"]}
    return {"jwt": signed(provider, header, claims), "key": private}
