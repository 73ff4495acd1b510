"""The authorization code: exchanged once by who pushed the request, with the verifier, the key and the address."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from tests.support.people import Resident
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.deciding import allow, open_request, refuse
from yizhengtong.verification.authorization.models import Code, Grant, PushedRequest, Token
from yizhengtong.verification.authorization.problems import OAuthProblem
from yizhengtong.verification.authorization.queries import access_token
from yizhengtong.verification.authorization.tests.conftest import MDOC, ZHEJIANG, with_account
from yizhengtong.verification.authorization.tests.wallet import (
    PAR,
    REDIRECT,
    REVOKE,
    TOKEN,
    Wallet,
    answer_of,
    challenge_of,
    error_of,
    new_key,
    proof_of,
    query_of,
)

pytestmark = pytest.mark.django_db


def code_for(wallet: Wallet, who: Resident, **pushed: Any) -> str:
    """Push a request and say yes to it; return the code of the answer."""
    name = answer_of(wallet.push(**pushed))["request_uri"]
    asked = open_request(client_id=wallet.client_id, request_uri=name, by=who.principal)
    told = allow(
        client_id=wallet.client_id, request_uri=name, person=who.person,
        configuration_ids=asked.configuration_ids, by=who.principal,
    )  # fmt: skip
    return query_of(told)["code"]


def test_a_code_is_told_to_the_pushed_address_with_state_and_issuer(wang: Resident) -> None:
    wallet = Wallet()
    name = answer_of(wallet.push(redirect_uri=f"{REDIRECT}?at=1"))["request_uri"]
    told = allow(client_id=wallet.client_id, request_uri=name, person=wang.person, configuration_ids=[ZHEJIANG],
                 by=wang.principal)  # fmt: skip
    assert told.startswith(f"{REDIRECT}?at=1&")
    assert query_of(told) | {"code": ""} == {"at": "1", "code": "", "state": "s-1", "iss": settings.YZT_ADDRESS}


def test_a_code_becomes_tokens_bound_to_the_key(wang: Resident) -> None:
    wallet = Wallet()
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    assert (answer["token_type"], answer["scope"]) == ("DPoP", ZHEJIANG)
    assert "authorization_details" not in answer
    access = access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(answer["access_token"]))
    assert (access.subject, access.client_id) == (wang.person.pk, wallet.client_id)


def test_details_that_were_asked_come_back_with_identifiers(wang: Resident) -> None:
    wallet = Wallet()
    details = json.dumps([{"type": "openid_credential", "credential_configuration_id": MDOC}])
    answer = answer_of(wallet.redeem(code_for(wallet, wang, scope=None, authorization_details=details)))
    assert answer["authorization_details"][0]["credential_identifiers"] == [MDOC]
    assert "scope" not in answer


def test_a_replayed_code_ends_the_tokens_it_made(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    answer = answer_of(wallet.redeem(code))
    assert error_of(wallet.redeem(code)) == "invalid_grant"
    assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"
    assert Grant.objects.get().end == Grant.End.REPLAY


@pytest.mark.parametrize("changed", [{"code_verifier": "x" * 43}, {"proof": None}, {"redirect_uri": "https://x.example"}],
                         ids=["verifier", "proof", "address"])  # fmt: skip
def test_who_merely_saw_a_code_ends_nothing_by_showing_it(wang: Resident, changed: dict[str, Any]) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    answer = answer_of(wallet.redeem(code))
    assert wallet.redeem(code, **changed).status_code == 400
    assert wallet.refresh(answer["refresh_token"]).status_code == 200


def test_a_replay_by_another_client_ends_nothing(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    answer = answer_of(wallet.redeem(code))
    assert error_of(Wallet(client_id="https://thief.example").redeem(code)) == "invalid_grant"
    assert wallet.refresh(answer["refresh_token"]).status_code == 200


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another verifier": ({"code_verifier": "x" * 43}, "invalid_grant"),
    "the challenge itself": ({"code_verifier": "challenge"}, "invalid_grant"),
    "a short verifier": ({"code_verifier": "x" * 42}, "invalid_grant"),
    "a long verifier": ({"code_verifier": "x" * 129}, "invalid_grant"),
    "no verifier": ({"code_verifier": None}, "invalid_request"),
    "another address": ({"redirect_uri": "https://thief.example/back"}, "invalid_grant"),
    "a longer address": ({"redirect_uri": f"{REDIRECT}/"}, "invalid_grant"),
    "no address": ({"redirect_uri": None}, "invalid_request"),
    "another client": ({"client_id": "https://thief.example"}, "invalid_grant"),
    "no client": ({"client_id": None}, "invalid_grant"),
    "no code": ({"code": None}, "invalid_request"),
    "another code": ({"code": "x" * 43}, "invalid_grant"),
    "an offer's grant type": (
        {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code", "pre-authorized_code": "x"},
        "invalid_grant",
    ),
    "an unknown grant type": ({"grant_type": "password"}, "unsupported_grant_type"),
    "no grant type": ({"grant_type": None}, "invalid_request"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_code_is_good_only_as_it_was_asked_for(wang: Resident, case: str) -> None:
    changed, error = WRONG[case]
    wallet = Wallet()
    code = code_for(wallet, wang)
    if changed.get("code_verifier") == "challenge":
        changed = {"code_verifier": challenge_of(wallet.verifier)}
    refused = wallet.redeem(code, **changed)
    assert (refused.status_code, error_of(refused)) == (400, error)
    assert wallet.redeem(code).status_code == 200, "what failed has used nothing up"


def test_a_code_opens_nothing_by_the_other_grant_type(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    assert error_of(wallet.redeem_offer(code, "123456")) == "invalid_grant"


@pytest.mark.parametrize("proof", [None, "another key"])
def test_a_code_needs_the_key_of_its_request(wang: Resident, proof: str | None) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    shown = proof_of(new_key(), "POST", wallet.url(TOKEN)) if proof else None
    refused = wallet.redeem(code, proof=shown)
    assert (refused.status_code, error_of(refused)) == (400, "invalid_dpop_proof")


def test_a_code_ends_within_a_minute(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    assert Code.objects.get().expires_at <= timezone.now() + timedelta(minutes=1)
    Code.objects.update(expires_at=timezone.now())
    assert error_of(wallet.redeem(code)) == "invalid_grant"


PUSHED: dict[str, tuple[dict[str, Any], str]] = {
    "no redirect_uri": ({"redirect_uri": None}, "invalid_request"),
    "no response_type": ({"response_type": None}, "invalid_request"),
    "tokens at once": ({"response_type": "token"}, "unsupported_response_type"),
    "the answer in a fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "PKCE plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "PKCE plain by leaving the method out": ({"code_challenge_method": None}, "invalid_request"),
    "no PKCE": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "a short challenge": ({"code_challenge": "x" * 42}, "invalid_request"),
    "nothing wanted": ({"scope": None}, "invalid_scope"),
    "an unknown scope": ({"scope": f"{ZHEJIANG} library_card"}, "invalid_scope"),
    "details of another type": ({"authorization_details": '[{"type": "payment"}]'}, "invalid_authorization_details"),
    "details that are none": ({"authorization_details": "[[[["}, "invalid_authorization_details"),
    "details of nothing": ({"authorization_details": "[]"}, "invalid_authorization_details"),
    "details not known": (
        {"authorization_details": json.dumps([{"type": "openid_credential", "credential_configuration_id": MDOC,
                                               "amount": 1}])},
        "invalid_authorization_details",
    ),
    "details of another issuer": (
        {"authorization_details": json.dumps([{"type": "openid_credential", "credential_configuration_id": MDOC,
                                               "locations": ["https://other.example"]}])},
        "invalid_authorization_details",
    ),
    "a host that ends a directive": ({"redirect_uri": "https://thief.example;sandbox/back"}, "invalid_request"),
    "a host that ends a policy": ({"redirect_uri": "https://thief.example,x/back"}, "invalid_request"),
    "a host that is decoded": ({"redirect_uri": "https://bank.example%2Ethief.example/back"}, "invalid_request"),
    "another resource": ({"resource": "https://other.example"}, "invalid_target"),
    "a request within": ({"request": "x.y.z"}, "invalid_request"),
    "a request_uri within": ({"request_uri": "urn:x"}, "invalid_request"),
    "no client": ({"client_id": None}, "invalid_request"),
    "a huge client": ({"client_id": "x" * 256}, "invalid_request"),
    "a huge state": ({"state": "x" * 501}, "invalid_request"),
    "a password": ({"client_secret": "x"}, "invalid_client"),
    "another key than the proof's": ({"dpop_jkt": "x" * 43}, "invalid_dpop_proof"),
}  # fmt: skip


@pytest.mark.parametrize("case", PUSHED)
def test_a_request_that_cannot_be_granted_is_refused_when_it_is_pushed(db: None, case: str) -> None:
    changed, error = PUSHED[case]
    refused = Wallet().push(**changed)
    assert (refused.status_code, error_of(refused)) == (401 if error == "invalid_client" else 400, error)
    assert not PushedRequest.objects.exists()


def test_a_key_can_be_named_without_a_proof_and_is_then_needed_for_the_code(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang, proof=None, dpop_jkt=wallet.key.thumbprint())
    assert wallet.redeem(code).status_code == 200


def test_a_request_without_any_key_is_refused(db: None) -> None:
    assert error_of(Wallet().push(proof=None)) == "invalid_dpop_proof"


def opened(wallet: Wallet, name: str, who: Resident) -> str:
    try:
        open_request(client_id=wallet.client_id, request_uri=name, by=who.principal)
    except Invalid as problem:
        return problem.code
    return ""


def test_a_request_is_answered_once_whatever_the_answer(wang: Resident) -> None:
    wallet = Wallet()
    yes, no = (answer_of(wallet.push())["request_uri"] for _ in range(2))
    allow(client_id=wallet.client_id, request_uri=yes, person=wang.person, configuration_ids=[ZHEJIANG],
          by=wang.principal)  # fmt: skip
    told = refuse(client_id=wallet.client_id, request_uri=no, by=wang.principal)
    assert query_of(told)["error"] == "access_denied"
    assert query_of(told)["iss"] == settings.YZT_ADDRESS
    for name in (yes, no):
        assert opened(wallet, name, wang) == "authorization.request_over"
        with pytest.raises(Invalid):
            refuse(client_id=wallet.client_id, request_uri=name, by=wang.principal)
    assert Code.objects.count() == 1


def test_a_request_is_opened_only_under_its_clients_name(wang: Resident) -> None:
    wallet = Wallet()
    name = answer_of(wallet.push())["request_uri"]
    assert opened(Wallet(client_id="https://thief.example"), name, wang) == "authorization.request_over"
    assert opened(wallet, name, wang) == ""


@pytest.mark.parametrize(
    "name", ["", "urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:x", "https://x"]
)
def test_a_request_that_was_not_pushed_is_none(wang: Resident, name: str) -> None:
    assert opened(Wallet(), name, wang) == "authorization.request_over"


def test_a_request_ends_with_its_time(wang: Resident) -> None:
    wallet = Wallet()
    name = answer_of(wallet.push())["request_uri"]
    PushedRequest.objects.update(expires_at=timezone.now())
    assert opened(wallet, name, wang) == "authorization.request_over"


def test_who_opened_a_request_first_answers_it(wang: Resident) -> None:
    wallet, li = Wallet(), with_account("li", "李四")
    name = answer_of(wallet.push())["request_uri"]
    assert opened(wallet, name, wang) == ""
    assert opened(wallet, name, li) == "authorization.request_over"


def test_nobody_allows_what_is_anothers_or_was_not_asked(wang: Resident) -> None:
    wallet, li = Wallet(), with_account("li", "李四")
    name = answer_of(wallet.push())["request_uri"]
    named = {"client_id": wallet.client_id, "request_uri": name}
    with pytest.raises(NotFound):
        allow(**named, person=li.person, configuration_ids=[ZHEJIANG], by=wang.principal)
    for ids in ([], [MDOC], [ZHEJIANG, MDOC]):
        with pytest.raises(Invalid):
            allow(**named, person=wang.person, configuration_ids=ids, by=wang.principal)
    assert not Grant.objects.exists()


def test_a_narrower_yes_gives_a_narrower_scope(wang: Resident) -> None:
    wallet = Wallet()
    name = answer_of(wallet.push(scope=f"{ZHEJIANG} {MDOC}"))["request_uri"]
    told = allow(client_id=wallet.client_id, request_uri=name, person=wang.person, configuration_ids=[MDOC],
                 by=wang.principal)  # fmt: skip
    assert answer_of(wallet.redeem(query_of(told)["code"]))["scope"] == MDOC


def test_a_refresh_token_is_used_once_and_a_second_use_ends_everything(wang: Resident) -> None:
    wallet = Wallet()
    first = answer_of(wallet.redeem(code_for(wallet, wang)))
    second = answer_of(wallet.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    Token.objects.update(used_at=F("used_at") - lifetimes.REFRESH_AGAIN - timedelta(seconds=1))
    assert error_of(wallet.refresh(first["refresh_token"])) == "invalid_grant"
    assert error_of(wallet.refresh(second["refresh_token"])) == "invalid_grant"
    assert Grant.objects.get().end == Grant.End.REPLAY


def test_who_lost_the_answer_of_a_refresh_asks_again_and_gets_another_pair(wang: Resident) -> None:
    wallet = Wallet()
    first = answer_of(wallet.redeem(code_for(wallet, wang)))
    lost = answer_of(wallet.refresh(first["refresh_token"]))
    for _ in range(2):
        given = answer_of(wallet.refresh(first["refresh_token"]))
    with pytest.raises(OAuthProblem, match="invalid_token"):
        access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(lost["access_token"]))
    assert access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(given["access_token"]))
    assert wallet.refresh(given["refresh_token"]).status_code == 200
    assert Grant.objects.get().ended_at is None


def test_the_pair_that_was_lost_ends_everything_where_it_comes_after_all(wang: Resident) -> None:
    wallet = Wallet()
    first = answer_of(wallet.redeem(code_for(wallet, wang)))
    lost = answer_of(wallet.refresh(first["refresh_token"]))
    given = answer_of(wallet.refresh(first["refresh_token"]))
    assert error_of(wallet.refresh(lost["refresh_token"])) == "invalid_grant"
    assert error_of(wallet.refresh(given["refresh_token"])) == "invalid_grant"
    assert Grant.objects.get().end == Grant.End.REPLAY


def test_an_answer_whose_refresh_token_was_used_was_not_lost(wang: Resident) -> None:
    wallet = Wallet()
    first = answer_of(wallet.redeem(code_for(wallet, wang)))
    second = answer_of(wallet.refresh(first["refresh_token"]))
    answer_of(wallet.refresh(second["refresh_token"]))
    assert error_of(wallet.refresh(first["refresh_token"])) == "invalid_grant"
    assert Grant.objects.get().end == Grant.End.REPLAY


@pytest.mark.parametrize(("late", "status"), [(0, 200), (1, 400)])
def test_a_lost_answer_is_forgiven_for_a_minute(wang: Resident, late: int, status: int) -> None:
    wallet = Wallet()
    first = answer_of(wallet.redeem(code_for(wallet, wang)))["refresh_token"]
    answer_of(wallet.refresh(first))
    ago = lifetimes.REFRESH_AGAIN + timedelta(seconds=late) - timedelta(seconds=0 if late else 5)
    Token.objects.update(used_at=F("used_at") - ago)
    assert wallet.refresh(first).status_code == status


def test_a_stolen_refresh_token_is_no_use_without_its_key(wang: Resident) -> None:
    wallet = Wallet()
    stolen = answer_of(wallet.redeem(code_for(wallet, wang)))["refresh_token"]
    thief = Wallet(client_id=wallet.client_id)
    assert error_of(thief.refresh(stolen)) == "invalid_dpop_proof"
    assert error_of(thief.refresh(stolen, proof=None)) == "invalid_dpop_proof"
    assert error_of(Wallet(client_id="https://thief.example", key=wallet.key).refresh(stolen)) == "invalid_grant"
    assert wallet.refresh(stolen).status_code == 200, "and has taken nothing from its owner"


def test_tokens_end_with_their_time(wang: Resident) -> None:
    wallet = Wallet()
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    Token.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(answer["access_token"]))
    Token.objects.update(expires_at=timezone.now())
    with pytest.raises(OAuthProblem, match="invalid_token"):
        access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(answer["access_token"]))
    assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"


def test_a_token_for_another_resource_is_not_given(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang, resource=settings.YZT_ADDRESS)
    assert error_of(wallet.redeem(code, resource="https://other.example")) == "invalid_target"
    token = answer_of(wallet.redeem(code, resource=settings.YZT_ADDRESS))["refresh_token"]
    assert error_of(wallet.refresh(token, resource="https://other.example")) == "invalid_target"


def test_tokens_are_not_taken_for_one_another(wang: Resident) -> None:
    wallet = Wallet()
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    assert error_of(wallet.refresh(answer["access_token"])) == "invalid_grant"
    with pytest.raises(OAuthProblem, match="invalid_token"):
        access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(answer["refresh_token"]))


def test_a_refresh_widens_nothing(wang: Resident) -> None:
    wallet = Wallet()
    token = answer_of(wallet.redeem(code_for(wallet, wang)))["refresh_token"]
    assert error_of(wallet.refresh(token, scope=f"{ZHEJIANG} {MDOC}")) == "invalid_scope"
    assert wallet.refresh(token, scope=ZHEJIANG).status_code == 200


def test_a_client_gives_up_its_own_tokens_and_nobody_elses(wang: Resident) -> None:
    wallet, thief = Wallet(), Wallet(client_id="https://thief.example")
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    given = {"token": answer["refresh_token"]}
    assert thief.post(REVOKE, {**given, "client_id": thief.client_id}).status_code == 200
    assert Grant.objects.get().ended_at is None
    for _ in range(2):
        gone = wallet.post(REVOKE, {**given, "client_id": wallet.client_id}, proof=None)
        assert (gone.status_code, gone.content) == (200, b"")
    assert Grant.objects.get().end == Grant.End.CLIENT
    assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"
    assert error_of(wallet.post(REVOKE, {"client_id": wallet.client_id})) == "invalid_request"


def test_giving_up_an_access_token_leaves_the_grant(wang: Resident) -> None:
    wallet = Wallet()
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    wallet.post(REVOKE, {"token": answer["access_token"], "client_id": wallet.client_id})
    with pytest.raises(OAuthProblem, match="invalid_token"):
        access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(answer["access_token"]))
    assert wallet.refresh(answer["refresh_token"]).status_code == 200


@pytest.mark.parametrize("path", [PAR, TOKEN, REVOKE])
@pytest.mark.parametrize(
    "body",
    [
        "client_id=a&client_id=b&grant_type=refresh_token&token=x",
        "client_id=a&grant_type=refresh_token&grant_type=refresh_token&token=x",
        "client_id=a%00b&grant_type=refresh_token&refresh_token=x&token=x",
        "client_id=a&grant_type=refresh_token&token=x&" + "x" * 70_000,
        "client_id=a&x%00=1&token=x&grant_type=refresh_token",
        "&".join(f"x{number}=1" for number in range(1100)),
    ],
    ids=["two clients", "twice the same", "NUL", "huge", "NUL in a name", "many"],
)
def test_a_form_that_can_be_read_in_two_ways_is_not_read(db: None, path: str, body: str) -> None:
    refused = Wallet().post(path, body)
    assert (refused.status_code, error_of(refused)) == (400, "invalid_request")
    assert refused["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [PAR, TOKEN, REVOKE])
def test_only_forms_are_read_and_only_from_the_body(db: None, path: str) -> None:
    wallet = Wallet()
    as_json: Any = wallet.http.post(path, "{}", content_type="application/json")
    in_address: Any = wallet.http.post(
        f"{path}?client_id=a", "token=x", content_type="application/x-www-form-urlencoded"
    )
    other: Any = wallet.http.post(path, b"token=x", content_type="application/x-www-form-urlencoded; charset=gbk")
    assert {error_of(each) for each in (as_json, in_address, other)} == {"invalid_request"}
    asked = wallet.http.get(path)
    assert (asked.status_code, asked["Allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize("path", [PAR, TOKEN, REVOKE, "/.well-known/oauth-authorization-server"])
def test_pages_of_every_origin_may_ask_and_no_cookie_goes_along(db: None, path: str) -> None:
    asked = Wallet().http.options(path, headers={"Origin": "https://wallet.example"})
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert "DPoP" in asked["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked
