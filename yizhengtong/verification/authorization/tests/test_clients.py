"""Who speaks: attested wallets, clients with keys, public wallets where they are let."""

import secrets
import time
from typing import Any

import pytest
from django.conf import settings as deployment

from tests.support.people import Resident
from yizhengtong.verification.authorization.clients import ASSERTION_TYPE
from yizhengtong.verification.authorization.models import Client, Grant, WalletProvider
from yizhengtong.verification.authorization.redirects import answered, is_allowed, place_of, source_of
from yizhengtong.verification.authorization.tests.test_codes import code_for
from yizhengtong.verification.authorization.tests.wallet import (
    REDIRECT,
    Wallet,
    answer_of,
    error_of,
    new_key,
    query_of,
    signed,
)

ISSUER = "https://provider.example"
PROVIDER, INSTANCE = new_key(), new_key()


@pytest.fixture
def provider(db: None) -> WalletProvider:
    jwks = {"keys": [{**PROVIDER.as_dict(private=False), "kid": "one"}]}
    return WalletProvider.objects.create(issuer=ISSUER, name="示范钱包", jwks=jwks)


def attestation(*, by: Any = PROVIDER, pop_by: Any = INSTANCE, header: Any = None, pop_header: Any = None,
                **changed: Any) -> dict[str, str]:  # fmt: skip
    """Return the two headers; `a_…` changes a claim of the attestation, `p_…` one of the proof, None leaves it out."""
    now = int(time.time())
    said = {"iss": ISSUER, "sub": "https://wallet.example", "exp": now + 3600, "iat": now,
            "cnf": {"jwk": INSTANCE.as_dict(private=False)}, **_of("a_", changed)}  # fmt: skip
    shown = {"iss": "https://wallet.example", "aud": deployment.YZT_ADDRESS, "jti": secrets.token_urlsafe(8),
             "iat": now, **_of("p_", changed)}  # fmt: skip
    return {
        "OAuth-Client-Attestation": signed(
            by, _kept({"typ": "oauth-client-attestation+jwt", "kid": "one", **(header or {})}), _kept(said)
        ),
        "OAuth-Client-Attestation-PoP": signed(
            pop_by, {"typ": "oauth-client-attestation-pop+jwt", **(pop_header or {})}, _kept(shown)
        ),
    }


def _of(prefix: str, changed: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in changed.items() if name.startswith(prefix)}


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


def test_an_attested_wallet_is_known_by_its_makers_name(provider: WalletProvider, wang: Resident) -> None:
    wallet = Wallet(attest=attestation)
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    grant = Grant.objects.get()
    assert (grant.client_name, grant.instance_thumbprint) == ("示范钱包", INSTANCE.thumbprint())
    assert wallet.refresh(answer["refresh_token"]).status_code == 200


def test_the_client_of_an_attestation_needs_no_other_name(provider: WalletProvider) -> None:
    assert Wallet(attest=attestation).push(client_id=None).status_code == 201


NOW = int(time.time())
BAD: dict[str, dict[str, Any]] = {
    "over": {"a_exp": NOW - 1},
    "without an end": {"a_exp": None},
    "of the future": {"a_nbf": NOW + 3600},
    "issued in the future": {"a_iat": NOW + 3600},
    "by a stranger's key": {"by": new_key()},
    "by an unknown provider": {"a_iss": "https://other.example"},
    "by nobody": {"a_iss": None},
    "by what is no text": {"a_iss": "\ud800"},
    "for nobody": {"a_sub": None},
    "for another client": {"a_sub": "https://other.example", "p_iss": "https://other.example"},
    "without a key": {"a_cnf": None},
    "with a private key": {"a_cnf": {"jwk": INSTANCE.as_dict(private=True)}},
    "with another typ": {"header": {"typ": "JWT"}},
    "with an unknown kid": {"header": {"kid": "two"}},
    "shown by another key": {"pop_by": new_key()},
    "shown for another client": {"p_iss": "https://other.example"},
    "shown to another server": {"p_aud": "https://other.example"},
    "shown to nobody": {"p_aud": None},
    "shown too late": {"p_iat": NOW - 600},
    "shown too early": {"p_iat": NOW + 600},
    "shown before its beginning": {"p_nbf": NOW + 3600},
    "shown without a time": {"p_iat": None},
    "shown after its end": {"p_exp": NOW - 1},
    "shown without a name": {"p_jti": None},
    "shown with another typ": {"pop_header": {"typ": "JWT"}},
}


@pytest.mark.parametrize("case", BAD)
def test_an_attestation_that_is_not_good_is_an_invalid_client(provider: WalletProvider, case: str) -> None:
    refused = Wallet(attest=lambda: attestation(**BAD[case])).push()
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")


def test_an_attestation_is_shown_anew_each_time(provider: WalletProvider) -> None:
    shown = attestation()
    wallet = Wallet(attest=lambda: shown)
    assert [wallet.push().status_code for _ in range(2)] == [201, 401]


@pytest.mark.parametrize("name", ["OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP"])
def test_half_an_attestation_is_none(provider: WalletProvider, name: str) -> None:
    half = {key: value for key, value in attestation().items() if key != name}
    assert error_of(Wallet(attest=lambda: half).push()) == "invalid_client"


def test_a_provider_no_longer_trusted_vouches_for_nobody(provider: WalletProvider) -> None:
    WalletProvider.objects.update(is_active=False)
    assert error_of(Wallet(attest=attestation).push()) == "invalid_client"


def test_a_code_of_an_attested_wallet_is_for_that_installation(provider: WalletProvider, wang: Resident) -> None:
    wallet, other = Wallet(attest=attestation), new_key()
    for attest in (None, lambda: attestation(pop_by=other, a_cnf={"jwk": other.as_dict(private=False)})):
        code = code_for(wallet, wang)
        thief = Wallet(client_id=wallet.client_id, key=wallet.key, verifier=wallet.verifier, attest=attest)
        assert error_of(thief.redeem(code)) == "invalid_grant"


def test_where_only_attested_wallets_are_served_others_are_not(provider: WalletProvider, settings: Any) -> None:
    settings.YZT_WALLETS = {**settings.YZT_WALLETS, "attested_only": True}
    refused = Wallet().push()
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")
    assert error_of(Wallet().redeem_offer("x", "1")) == "invalid_client"
    assert Wallet(attest=attestation).push().status_code == 201
    told = Wallet().http.get("/.well-known/oauth-authorization-server").json()
    assert "none" not in told["token_endpoint_auth_methods_supported"]
    assert told["pre-authorized_grant_anonymous_access_supported"] is False


# Registered clients


@pytest.fixture
def library(db: None) -> Client:
    jwks = {"keys": [{**INSTANCE.as_dict(private=False), "kid": "lib"}]}
    return Client.objects.create(client_id="library", name="图书馆", redirect_uris=[REDIRECT], jwks=jwks)


def assertion(*, by: Any = INSTANCE, kid: str = "lib", **changed: Any) -> dict[str, Any]:
    said = {"iss": "library", "sub": "library", "aud": deployment.YZT_ADDRESS, "exp": int(time.time()) + 60,
            "jti": secrets.token_urlsafe(8), **changed}  # fmt: skip
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed(by, {"kid": kid}, _kept(said))}


def test_a_client_with_a_key_proves_it(library: Client) -> None:
    wallet = Wallet(client_id="library")
    assert wallet.push(**assertion()).status_code == 201
    assert wallet.push(client_id=None, **assertion()).status_code == 201


@pytest.mark.parametrize(
    "changed",
    [
        {"by": PROVIDER},
        {"kid": "other"},
        {"iss": "other"},
        {"sub": "other"},
        {"sub": "\ud800"},
        {"aud": "https://other.example"},
        {"aud": ["https://other.example", "http://127.0.0.1:8000"]},
        {"exp": NOW - 1},
        {"exp": NOW + 86400},
        {"exp": None},
        {"jti": None},
        {"client_id": "other"},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    ],
)
def test_an_assertion_that_is_not_good_is_an_invalid_client(library: Client, changed: dict[str, Any]) -> None:
    form = {name: value for name, value in changed.items() if name.startswith("client_")}
    claims = {name: value for name, value in changed.items() if not name.startswith("client_")}
    refused = Wallet(client_id="library").push(**{**assertion(**claims), **form})
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")


def test_an_assertion_is_shown_once_and_none_is_not_enough(library: Client) -> None:
    wallet, shown = Wallet(client_id="library"), assertion()
    assert [wallet.push(**shown).status_code for _ in range(2)] == [201, 401]
    assert error_of(wallet.push()) == "invalid_client"
    Client.objects.update(is_active=False)
    assert error_of(wallet.push(**assertion())) == "invalid_client"


def test_two_ways_at_once_are_refused(library: Client, provider: WalletProvider) -> None:
    assert error_of(Wallet(attest=attestation).push(**assertion())) == "invalid_request"


def test_a_password_in_a_header_is_answered_with_a_challenge(db: None) -> None:
    refused = Wallet().push(headers={"Authorization": "Basic bGlicmFyeTpwYXNz"})
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")
    assert refused["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("address", [f"{REDIRECT}/", f"{REDIRECT}?x=1", REDIRECT.upper(), "https://wallet.example/"])
def test_a_registered_client_goes_back_only_where_it_said(library: Client, address: str) -> None:
    assert error_of(Wallet(client_id="library").push(redirect_uri=address, **assertion())) == "invalid_request"


@pytest.mark.parametrize(
    "address",
    ["https://wallet.example/back", "https://wallet.example:8443/back?x=1", "http://127.0.0.1:4000/back",
     "http://[::1]:4000/back", "com.example.wallet://back", "eudi-openid4ci://authorize/", "haip://x"],
)  # fmt: skip
def test_a_wallet_names_an_address_of_its_own(address: str) -> None:
    assert is_allowed(address, None)


@pytest.mark.parametrize(
    "address",
    ["", "/back", "back", "//wallet.example", "http://wallet.example/back", "http://localhost/back", "https://",
     "https://user@wallet.example/back", "https://wallet.example/#x", "https://wallet.example/\\@x",
     "javascript:alert(1)", "javascript://x/%0aalert(1)", "data:text/html,x", "data://x", "file:///etc/passwd",
     "intent://x#Intent;end", "intent://x", "ms-msdt://x", "tel:1", "vbscript://x", "blob://x", "about://x",
     "wallet:back", "w://x", "https://wallet.example/ x", "https://wallet.example/\n", "https://wallet.example/钱包",
     "https://wallet.example:99999/", "https://wallet.example/?code=x", "https://wallet.example/?state=",
     "https://wallet.example/" + "x" * 500, "ws://x", "view-source://https://x", "x-apple.systempreferences://x"],
)  # fmt: skip
def test_no_address_is_taken_that_a_browser_acts_upon_or_that_reads_two_ways(address: str) -> None:
    assert not is_allowed(address, None)


def test_what_a_person_and_a_browser_are_told_of_an_address() -> None:
    assert (place_of("https://wallet.example/back?x"), source_of("https://wallet.example/back")) == (
        "wallet.example", "https://wallet.example",
    )  # fmt: skip
    assert (place_of("com.example.wallet://back"), source_of("com.example.wallet://back")) == (
        "com.example.wallet://", "com.example.wallet:",
    )  # fmt: skip


def test_an_answer_keeps_what_stands_in_the_address() -> None:
    told = answered("com.example.wallet://back?x=1", {"code": "a b", "state": ""})
    assert told.startswith("com.example.wallet://back?x=1&")
    assert query_of(told) == {"x": "1", "code": "a b"}
