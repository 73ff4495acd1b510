"""Signing in, whole: pushed or plain, consent, code, tokens, claims; and everybody who lies on the way."""

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.credentials.keys.queries import Use
from yizhengtong.credentials.keys.services import make_key, rotate_key
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.verification.authorization.tests.wallet import new_key, signed, signed_oddly
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.openid.issuer import issuer
from yizhengtong.verification.openid.models import SignIn, SignInRequest
from yizhengtong.verification.openid.tests.conftest import a_code, a_holder, browser_of, page_of, say_yes
from yizhengtong.verification.openid.tests.party import (
    AUTHORIZE,
    BACK,
    CONSENT,
    PAR,
    TOKEN,
    Party,
    a_party,
    answer_of,
    error_of,
    opened,
    query_of,
)
from yizhengtong.verification.openid.tokens import at_hash_of

pytestmark = pytest.mark.django_db
WRONG, OVER = "没有在这里登记", "回到刚才的应用"
THIEF = "https://thief.example/back"


@pytest.mark.row("S1-010", "S1-097")
@pytest.mark.parametrize("is_pushed", [True, False], ids=["pushed", "plain"])
def test_a_yes_signs_in_and_tells_what_was_ticked_and_no_more(wang: Holder, bank: Party, is_pushed: bool) -> None:
    browser = browser_of(wang)
    address = bank.pushed() if is_pushed else bank.plain()
    back = query_of(say_yes(browser, address, "name", "birth_date"))
    assert (back["state"], back["iss"]) == ("s-1", issuer())
    answer = answer_of(bank.redeem(back["code"]))
    claims = opened(answer["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (issuer(), bank.client_id, "n-1")
    assert claims["at_hash"] == at_hash_of(answer["access_token"])
    assert claims["acr"] == f"{issuer()}/acr/basic"
    assert not {"name", "birthdate", "number"} & claims.keys()
    told = bank.userinfo(answer["access_token"]).json()
    born = wang.permit.person.birth_date.isoformat()
    assert told == {"sub": claims["sub"], "name": wang.permit.person.name, "birthdate": born}


def test_it_stands_in_the_holders_history_once_and_each_reading_in_the_trail(wang: Holder, bank: Party) -> None:
    token = answer_of(bank.redeem(a_code(browser_of(wang), bank, "name")))["access_token"]
    bank.userinfo(token)
    bank.userinfo(token)
    [check] = Check.objects.filter(person_id=wang.permit.person_id)
    assert (check.way, check.purpose, check.outcome, check.claims) == ("openid", "bank", "told", ["name"])
    reads = Entry.objects.filter(action="openid.read_userinfo", person_id=wang.permit.person_id)
    assert [(each.actor_id, each.fields) for each in reads] == [(bank.party.pk, ["name"])] * 2


@pytest.mark.row("S1-097")
def test_a_person_is_another_one_at_each_party_and_the_same_at_one(wang: Holder, bank: Party) -> None:
    browser, other = browser_of(wang), a_party("bank", name="另一家银行")
    first = opened(answer_of(bank.redeem(a_code(browser, bank)))["id_token"])["sub"]
    elsewhere = opened(answer_of(other.redeem(a_code(browser, other)))["id_token"])["sub"]
    again = query_of(browser.get(page_of(browser, bank.pushed()))["Location"])["code"]
    assert opened(answer_of(bank.redeem(again))["id_token"])["sub"] == first != elsewhere


@pytest.mark.parametrize("method", ["basic", "post"])
def test_a_secret_serves_as_well(wang: Holder, bank: Party, method: str) -> None:
    code = a_code(browser_of(wang), bank)
    form: dict[str, Any] = {"client_assertion": None, "client_assertion_type": None}
    if method == "post":
        answer_of(bank.redeem(code, **form, client_id=bank.client_id, client_secret=bank.secret))
        return
    basic = b64encode(f"{bank.client_id}:{bank.secret}".encode()).decode()
    sent = {"grant_type": "authorization_code", "code": code, "code_verifier": bank.verifier, "redirect_uri": BACK}
    answer_of(bank.post(TOKEN, sent, Authorization=f"Basic {basic}"))


@pytest.mark.parametrize("secret", ["wrong", ""], ids=["wrong", "none"])
def test_who_came_by_a_password_that_is_wrong_is_challenged(bank: Party, secret: str) -> None:
    basic = b64encode(f"{bank.client_id}:{secret}".encode()).decode()
    answer = bank.post(PAR, bank.request(), Authorization=f"Basic {basic}")
    assert error_of(answer) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic realm=")
    assert "WWW-Authenticate" not in bank.post(PAR, {**bank.request(), "client_secret": "wrong"})


def test_what_stands_in_every_token_may_be_asked_for_and_what_nobody_knows_is_ignored(
    wang: Holder, bank: Party
) -> None:  # fmt: skip
    """OpenID Connect Core 1.0, 5.5 and 5.5.1."""
    claims = json.dumps({
        "userinfo": {"name": {"essential": True, "ours": 1}, "sub": None},
        "id_token": {"auth_time": {"essential": True}}, "elsewhere": {"name": None},
    })  # fmt: skip
    answer = answer_of(bank.redeem(a_code(browser_of(wang), bank, claims=claims)))
    assert bank.userinfo(answer["access_token"]).json().keys() == {"sub", "name"}
    assert "auth_time" in opened(answer["id_token"])


def test_a_code_that_comes_again_ends_what_it_opened(wang: Holder, bank: Party) -> None:
    code = a_code(browser_of(wang), bank, "name")
    token = answer_of(bank.redeem(code))["access_token"]
    assert error_of(bank.redeem(code)) == (400, "invalid_grant")
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")
    assert Check.objects.count() == 1
    sign_in = SignIn.objects.get()
    assert (sign_in.end, sign_in.told) == ("replay", "waiting")  # the party is told: somebody else had the code


def test_who_merely_saw_the_code_ends_nothing(wang: Holder, bank: Party) -> None:
    code = a_code(browser_of(wang), bank, "name")
    token = answer_of(bank.redeem(code))["access_token"]
    assert error_of(a_party("bank", name="窃贼").redeem(code)) == (400, "invalid_grant")
    assert error_of(bank.redeem(code, code_verifier="x" * 43)) == (400, "invalid_grant")
    assert bank.userinfo(token).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "x" * 43}, (400, "invalid_grant")),
        ({"code_verifier": None}, (400, "invalid_request")),
        ({"redirect_uri": THIEF}, (400, "invalid_grant")),
        ({"code": "unknown"}, (400, "invalid_grant")),
        ({"grant_type": "refresh_token"}, (400, "unsupported_grant_type")),
        ({"client_assertion": "x"}, (401, "invalid_client")),
        ({"client_secret": "x"}, (400, "invalid_request")),
        ({"client_id": "rpa_00000000000000000000000000"}, (401, "invalid_client")),
    ],
    ids=["verifier", "no verifier", "address", "code", "grant", "assertion", "two ways", "another's name"],
)
def test_what_is_wrong_at_the_token_endpoint(
    wang: Holder, bank: Party, changed: dict[str, Any], error: tuple[int, str]
) -> None:
    code = a_code(browser_of(wang), bank)
    assert error_of(bank.redeem(**{"code": code, **changed})) == error
    answer_of(bank.redeem(code))  # and nothing was used up


@pytest.mark.parametrize("how", ["another audience", "over", "too long", "another key", "hs256", "none"])
def test_an_assertion_that_is_not_the_partys_own_for_us_proves_nobody(bank: Party, how: str) -> None:
    claims = {"iss": bank.client_id, "sub": bank.client_id, "aud": issuer(), "jti": "j", "exp": _in(60)}
    assertion = {
        "another audience": lambda: bank.assertion(aud=f"{issuer()}/token"),
        "over": lambda: bank.assertion(exp=_in(-1)),
        "too long": lambda: bank.assertion(exp=_in(3600)),
        "another key": lambda: signed(new_key(), {"kid": "k1"}, claims),
        "hs256": lambda: signed_oddly(bank.key, {"alg": "HS256", "kid": "k1"}, claims),
        "none": lambda: signed_oddly(bank.key, {"alg": "none", "kid": "k1"}, claims),
    }[how]()
    sent = {**bank.request(), **bank.proven(), "client_assertion": assertion}
    assert error_of(bank.post(PAR, sent)) == (401, "invalid_client")


def _in(seconds: int) -> int:
    return int(timezone.now().timestamp()) + seconds


def test_an_assertion_proves_once(bank: Party) -> None:
    sent = {**bank.request(), **bank.proven()}
    answer_of(bank.post(PAR, sent))
    assert error_of(bank.post(PAR, sent)) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "purpose:bank"}, "invalid_scope"),
        ({"scope": "openid purpose:bank email"}, "invalid_scope"),
        ({"scope": "openid purpose:bank purpose:platform"}, "invalid_scope"),
        ({"purpose": "platform"}, "invalid_scope"),
        ({"scope": "openid purpose:hotel"}, "invalid_scope"),
        ({"scope": "openid purpose:nothing"}, "invalid_scope"),
        ({"claims": '{"userinfo": {"place": null}}'}, "invalid_scope"),
        ({"claims": '{"userinfo": {"photo": null}}'}, "invalid_scope"),
        ({"claims": '{"userinfo": {"sub": {"value": "x"}}}'}, "invalid_request"),
        ({"claims": '{"id_token": {"name": null}}'}, "invalid_request"),
        ({"claims": '{"id_token": {"acr": {"essential": true, "values": ["x"]}}}'}, "invalid_request"),
        ({"claims": '{"userinfo": {"name": 1}}'}, "invalid_request"),
        ({"claims": '{"userinfo": []}'}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"max_age": "9" * 5000}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
        ({"claims": f'{{"userinfo": null, "x": "{"x" * 4096}"}}'}, "invalid_request"),
        ({"scope": f"{'openid ' * 40}purpose:bank"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
    ],
    ids=lambda each: str(each)[:50],
)
def test_what_may_not_be_asked_is_told_to_who_asks(bank: Party, changed: dict[str, Any], error: str) -> None:
    assert error_of(bank.push(**changed)) == (400, error)
    sent = Client().get(bank.plain(**changed))
    assert sent.status_code == 303
    assert sent["Location"].startswith(f"{BACK}?error={error}&")
    assert (query_of(sent["Location"])["state"], query_of(sent["Location"])["iss"]) == ("s-1", issuer())
    assert not SignInRequest.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": THIEF},
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?next=https://thief.example"},
        {"redirect_uri": "https://bank.example.thief.example/back"},
        {"redirect_uri": None},
        {"client_id": "rpa_00000000000000000000000000"},
        {"client_id": None},
        {"request_uri": "https://thief.example/request"},
        {"request_uri": "http://127.0.0.1:1/request"},
    ],
    ids=str,
)
def test_no_browser_is_sent_to_where_no_party_registered_and_no_address_is_fetched(
    bank: Party, changed: dict[str, Any]
) -> None:
    answer = Client(headers={"Accept-Language": "zh-CN"}).get(bank.plain(**changed))
    assert (answer.status_code, "Location" in answer) == (422, False)
    assert WRONG in answer.content.decode()


def test_a_parameter_that_stands_there_twice_is_none(bank: Party) -> None:
    assert Client().get(f"{bank.plain()}&{urlencode({'redirect_uri': THIEF})}").status_code == 422


def test_a_request_uri_is_not_pushed_again(bank: Party) -> None:
    assert error_of(bank.push(request_uri="urn:ietf:params:oauth:request_uri:x")) == (400, "invalid_request")


def test_what_was_pushed_is_asked_whatever_the_browser_brings_beside_it(wang: Holder, bank: Party) -> None:
    """A purpose swapped mid-flow: the address is changed on the way, and nothing of it counts."""
    browser = browser_of(wang)
    address = f"{bank.pushed(scope='openid purpose:platform')}&{urlencode({'scope': 'openid purpose:bank'})}"
    page = page_of(browser, address)
    swapped = f"{page}&scope=openid+purpose%3Abank&purpose=bank&claims=number"
    assert "姓名（部分）" in browser.get(swapped).content.decode()
    refused = browser.post(swapped, {"answer": "yes", "claims": ["number"]})
    assert refused.status_code == 422
    answer = answer_of(bank.redeem(query_of(say_yes(browser, bank.pushed(scope="openid purpose:platform")))["code"]))
    assert answer["scope"] == "openid purpose:platform"
    assert bank.userinfo(answer["access_token"]).json().keys() == {"sub"}


def test_a_request_is_answered_once_by_who_opened_it(wang: Holder, bank: Party, town: City) -> None:
    browser, address = browser_of(wang), bank.pushed()
    page = page_of(browser, address)
    assert browser.get(page).status_code == 200
    li = browser_of(a_holder(town, "li", name="李四"))
    assert OVER in li.post(page, {"answer": "yes"}).content.decode()
    assert browser.post(page, {"answer": "yes"}).status_code == 303
    assert OVER in browser.post(page, {"answer": "yes"}).content.decode()
    assert SignIn.objects.count() == 1


def test_another_partys_request_is_not_opened_under_ones_own_name(wang: Holder, bank: Party) -> None:
    """Mix-up: a name that was pushed by one party is brought with the client_id of another."""
    other = a_party("bank", name="另一家")
    name = answer_of(bank.push())["request_uri"]
    for path in (AUTHORIZE, CONSENT):
        mixed = f"{path}?{urlencode({'client_id': other.client_id, 'request_uri': name})}"
        assert browser_of(wang).get(mixed).status_code == 422


def test_codes_requests_and_tokens_end(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    code = a_code(browser, bank, "name")
    SignIn.objects.update(code_expires_at=timezone.now())
    assert error_of(bank.redeem(code)) == (400, "invalid_grant")
    again = query_of(browser.get(page_of(browser, bank.pushed()))["Location"])["code"]
    token = answer_of(bank.redeem(again))["access_token"]
    SignIn.objects.update(access_expires_at=timezone.now())
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")
    page = page_of(browser, bank.pushed())
    SignInRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get(page).status_code == 422


def test_userinfo_is_signed_where_only_that_is_accepted(wang: Holder, bank: Party) -> None:
    token = answer_of(bank.redeem(a_code(browser_of(wang), bank, "name")))["access_token"]
    answer = bank.userinfo(token, Accept="application/jwt")
    claims = opened(answer.content.decode())
    assert answer["Content-Type"] == "application/jwt"
    assert (claims["iss"], claims["aud"], claims["name"]) == (issuer(), bank.client_id, wang.permit.person.name)


def test_a_token_bound_to_a_key_serves_its_holder_once_a_proof(wang: Holder, bank: Party) -> None:
    key, thief = new_key(), new_key()
    pushed = answer_of(bank.push(proof=bank.dpop(key, "POST", PAR)))["request_uri"]
    address = f"{AUTHORIZE}?{urlencode({'client_id': bank.client_id, 'request_uri': pushed})}"
    code = query_of(say_yes(browser_of(wang), address, "name"))["code"]
    assert error_of(bank.redeem(code)) == (400, "invalid_dpop_proof")
    assert error_of(bank.redeem(code, proof=bank.dpop(thief, "POST", TOKEN))) == (400, "invalid_dpop_proof")
    answer = answer_of(bank.redeem(code, proof=bank.dpop(key, "POST", TOKEN)))
    assert answer["token_type"] == "DPoP"
    token = answer["access_token"]
    proof = bank.dpop(key, "GET", "/openid/userinfo", token)
    assert bank.userinfo(token, Authorization=f"DPoP {token}", DPoP=proof).status_code == 200
    again = bank.userinfo(token, Authorization=f"DPoP {token}", DPoP=proof)
    assert error_of(again) == (401, "invalid_dpop_proof")
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")
    stolen = bank.dpop(thief, "GET", "/openid/userinfo", token)
    assert error_of(bank.userinfo(token, Authorization=f"DPoP {token}", DPoP=stolen)) == (401, "invalid_dpop_proof")


def test_keys_rotate_with_an_overlap(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    before = answer_of(bank.redeem(a_code(browser, bank)))["id_token"]
    made = make_key(use=Use.OPENID, algorithm="ES256", by=SYSTEM)
    assert made.key_id in {each["kid"] for each in Client().get("/openid/jwks").json()["keys"]}
    rotate_key(use=Use.OPENID, algorithm="ES256", by=SYSTEM, at_once=True)
    again = query_of(browser.get(page_of(browser, bank.pushed()))["Location"])["code"]
    assert opened(answer_of(bank.redeem(again))["id_token"])["sub"] == opened(before)["sub"]
    assert len(Client().get("/openid/jwks").json()["keys"]) == 2


def test_the_metadata_name_what_there_is(db: None) -> None:
    told = Client().get("/openid/.well-known/openid-configuration").json()
    assert told["issuer"] == f"{settings.YZT_ADDRESS}/openid" == issuer()
    assert told["subject_types_supported"] == ["pairwise"]
    assert told["id_token_signing_alg_values_supported"] == ["ES256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["request_uri_parameter_supported"] is False
    assert "purpose:bank" in told["scopes_supported"]
    for name, address in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert Client().get(address.removeprefix(settings.YZT_ADDRESS)).status_code in {200, 303, 401, 405, 422}


def test_a_national_deployment_offers_none(settings: Any) -> None:
    settings.YZT_CRYPTO = "national"
    assert Client().get("/openid/.well-known/openid-configuration").status_code == 404
