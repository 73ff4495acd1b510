"""The page of consent: one's own permits and wards', yes or no, and back to the wallet; with the web's rights."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from tests.support.people import a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder
from yizhengtong.credentials.issuance.tests.conftest import a_holder, town, wang  # noqa: F401 fixtures
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import public_id
from yizhengtong.registry.people.models import Representation
from yizhengtong.verification.authorization.models import Grant, PushedRequest, WalletProvider
from yizhengtong.verification.authorization.tests.wallet import AUTHORIZE, REDIRECT, Wallet, answer_of, query_of

pytestmark = pytest.mark.django_db
OVER = "回到钱包，重新开始"


@pytest.fixture(autouse=True)
def _as_web(roles: None) -> Iterator[None]:
    with requests_as_web():
        yield


def browser_of(who: Holder) -> Client:
    client = Client(headers={"Accept-Language": "zh-CN"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session(Account.objects.get(pk=str(who.principal.id)))
    return client


def page_of(wallet: Wallet, **pushed: Any) -> str:
    """Push a request and return the address to which the wallet sends the browser."""
    pushed = {"scope": f"{SD_JWT} {MDOC}", **pushed}
    name = answer_of(wallet.push(**pushed))["request_uri"]
    return f"{AUTHORIZE}?{urlencode({'client_id': wallet.client_id, 'request_uri': name})}"


def yes(browser: Client, address: str, person: Any) -> Any:
    return browser.post(address, {"answer": "yes", "person": public_id("per", person.pk), "knows_risk": "on"})


def test_a_yes_leads_back_to_the_wallet_with_a_code_that_opens_the_permit(wang: Holder) -> None:  # noqa: F811
    wallet, browser = Wallet(), browser_of(wang)
    address = page_of(wallet)
    shown = browser.get(address)
    words = shown.content.decode()
    assert shown.status_code == 200
    assert "wallet.example" in words
    assert "未登记的钱包应用" in words
    assert "no-store" in shown["Cache-Control"]
    assert "form-action 'self' https://wallet.example" in shown["Content-Security-Policy"]
    back = yes(browser, address, wang.permit.person)
    assert back.status_code == 303
    assert back["Location"].startswith(f"{REDIRECT}?code=")
    answer = answer_of(wallet.redeem(query_of(back["Location"])["code"]))
    assert answer["scope"] == f"{SD_JWT} {MDOC}"
    assert Entry.objects.filter(action="authorization.allow", person_id=wang.permit.person_id).count() == 1
    again = browser.get(address)
    assert (again.status_code, OVER in again.content.decode()) == (422, True)


def test_a_no_leads_back_too_and_gives_nothing(wang: Holder) -> None:  # noqa: F811
    browser, address = browser_of(wang), page_of(Wallet())
    back = browser.post(address, {"answer": "no"})
    assert query_of(back["Location"]) == {
        "error": "access_denied", "error_description": "The resident said no", "state": "s-1",
        "iss": settings.YZT_ADDRESS,
    }  # fmt: skip
    assert not Grant.objects.exists()


def test_who_has_not_signed_in_does_so_first_and_comes_back(db: None) -> None:
    address = page_of(Wallet())
    sent = Client().get(address)
    assert sent.status_code == 302
    assert sent["Location"].startswith("/sign-in?")
    assert query_of(sent["Location"])["next"] == address


def test_who_has_not_said_who_they_are_is_asked_first(db: None) -> None:
    client, account = Client(), Account.objects.create(username="new")
    client.cookies[settings.SESSION_COOKIE_NAME] = session(account)
    address = page_of(Wallet())
    sent = client.get(address)
    assert sent["Location"].startswith("/me/register?")
    assert query_of(sent["Location"])["next"] == address


def test_a_wallet_with_a_scheme_of_its_own_is_told_and_led_to(wang: Holder) -> None:  # noqa: F811
    browser, address = browser_of(wang), page_of(Wallet(), redirect_uri="com.example.wallet://back")
    shown = browser.get(address)
    assert "com.example.wallet://" in shown.content.decode()
    assert "form-action 'self' com.example.wallet:" in shown["Content-Security-Policy"]
    assert yes(browser, address, wang.permit.person)["Location"].startswith("com.example.wallet://back?code=")


def test_an_attested_wallet_is_called_by_its_name_and_not_warned_of(wang: Holder) -> None:  # noqa: F811
    WalletProvider.objects.create(issuer="https://provider.example", name="示范钱包", jwks={"keys": []})
    browser, address = browser_of(wang), page_of(Wallet())
    PushedRequest.objects.update(client_name="示范钱包")
    words = browser.get(address).content.decode()
    assert "示范钱包" in words
    assert "没有人为这个应用担保" not in words
    assert 'type="checkbox"' not in words
    said = browser.post(address, {"answer": "yes", "person": public_id("per", wang.permit.person_id)})
    assert said["Location"].startswith(f"{REDIRECT}?code=")


def test_a_wallet_nobody_vouches_for_takes_a_second_step(wang: Holder) -> None:  # noqa: F811
    browser, address = browser_of(wang), page_of(Wallet())
    assert 'type="checkbox" name="knows_risk"' in browser.get(address).content.decode()
    refused = browser.post(address, {"answer": "yes", "person": public_id("per", wang.permit.person_id)})
    words = refused.content.decode()
    assert (refused.status_code, "要放进去，请先勾选" in words) == (422, True)
    assert 'href="#id_knows_risk"' in words
    assert not Grant.objects.exists()
    assert yes(browser, address, wang.permit.person)["Location"].startswith(f"{REDIRECT}?code=")


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_the_second_step_is_said_in_every_language(wang: Holder, language: str) -> None:  # noqa: F811
    browser, address = browser_of(wang), page_of(Wallet())
    words = browser.get(address, headers={"Accept-Language": language}).content.decode()
    said = {"zh-CN": "会被人冒用", "zh-TW": "會被人冒用", "en": "given to a false app can be misused"}
    assert said[language] in words


@pytest.mark.parametrize("broken", ["client", "request", "twice", "plain", "over", "nothing"])
def test_no_browser_is_sent_anywhere_by_a_request_that_was_not_pushed_so(wang: Holder, broken: str) -> None:  # noqa: F811
    wallet, browser = Wallet(), browser_of(wang)
    address = page_of(wallet)
    if broken == "over":
        PushedRequest.objects.update(expires_at=timezone.now())
    changed = {
        "client": address.replace("wallet.example", "thief.example"),
        "request": f"{address}x",
        "twice": f"{address}&client_id=https%3A%2F%2Fthief.example",
        "plain": f"{AUTHORIZE}?{urlencode({'client_id': wallet.client_id, 'redirect_uri': 'https://thief.example'})}",
        "over": address,
        "nothing": AUTHORIZE,
    }[broken]
    no = {"answer": "no"}
    for answer in (browser.get(changed), yes(browser, changed, wang.permit.person), browser.post(changed, no)):
        assert (answer.status_code, "Location" in answer) == (422, False)
    assert not Grant.objects.exists()


def test_another_account_does_not_answer_what_this_one_opened(wang: Holder, town: City) -> None:  # noqa: F811
    li, address = a_holder(town, "li"), page_of(Wallet())
    assert browser_of(wang).get(address).status_code == 200
    assert yes(browser_of(li), address, li.permit.person).status_code == 422


def test_a_strangers_permit_cannot_be_chosen(wang: Holder, town: City) -> None:  # noqa: F811
    li, address = a_holder(town, "li"), page_of(Wallet())
    assert yes(browser_of(wang), address, li.permit.person).status_code == 422
    assert not Grant.objects.exists()


def test_a_parent_chooses_between_the_own_permit_and_a_childs(wang: Holder, town: City) -> None:  # noqa: F811
    child, browser, wallet = a_holder(town, "child"), browser_of(wang), Wallet()
    Representation.objects.create(
        representative=wang.permit.person, represented=child.permit.person, relation="guardian",
        since=legal_day(timezone.now()),
    )  # fmt: skip
    address = page_of(wallet)
    assert browser.get(address).content.decode().count('type="radio"') == 2
    assert browser.post(address, {"answer": "yes", "knows_risk": "on"}).status_code == 422
    back = yes(browser, address, child.permit.person)
    answer_of(wallet.redeem(query_of(back["Location"])["code"]))
    assert Grant.objects.get().person_id == child.permit.person_id


def test_who_has_no_such_permit_can_only_say_no(db: None, town: City) -> None:  # noqa: F811
    account = Account.objects.create(username="none")
    person = a_resident(account=account).person
    browser, address = Client(), page_of(Wallet())
    browser.cookies[settings.SESSION_COOKIE_NAME] = session(account)
    shown = browser.get(address).content.decode()
    assert 'value="yes"' not in shown
    assert yes(browser, address, person).status_code == 422
    assert query_of(browser.post(address, {"answer": "no"})["Location"])["error"] == "access_denied"


def test_a_form_of_another_site_says_yes_to_nothing(wang: Holder) -> None:  # noqa: F811
    address = page_of(Wallet())
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = session(Account.objects.get(pk=str(wang.principal.id)))
    assert yes(browser, address, wang.permit.person).status_code == 403
    assert not Grant.objects.exists()


def test_the_metadata_name_what_there_is(db: None) -> None:
    told = Client().get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == settings.YZT_ADDRESS
    assert told["require_pushed_authorization_requests"] is True
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["dpop_signing_alg_values_supported"] == ["ES256"]
    assert SD_JWT in told["scopes_supported"]
    assert told.pop("status_list_aggregation_endpoint") == f"{settings.YZT_ADDRESS}/status-lists"
    for name, address in told.items():
        if name.endswith("_endpoint"):
            assert address.startswith(f"{settings.YZT_ADDRESS}/oauth/")
            assert Client().get(address.removeprefix(settings.YZT_ADDRESS)).status_code in {302, 405}
