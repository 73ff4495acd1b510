"""Signing out: at a party's wish and by oneself; every party is told, a slow one costs the others nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.foundation.exchange import rounds
from yizhengtong.verification.authorization.tests.wallet import new_key, signed
from yizhengtong.verification.openid import lifetimes
from yizhengtong.verification.openid.issuer import issuer
from yizhengtong.verification.openid.models import SignIn
from yizhengtong.verification.openid.telling import EVENT, Logouts, tell_due
from yizhengtong.verification.openid.tests.conftest import a_code, browser_of
from yizhengtong.verification.openid.tests.party import BACK, LOGOUT, Party, a_party, answer_of, error_of, opened
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress

pytestmark = pytest.mark.django_db
NOW = f"{LOGOUT}/now"


class Ear:
    """What is listening at a party's address: what it heard, and what it answers, once `after` has heard something."""

    def __init__(self, status: int, after: "Ear | None") -> None:
        self.heard: list[dict[str, Any]] = []
        self.status, self.address, self.after, self.has_heard = status, "", after, threading.Event()


@contextmanager
def listening(status: int = 200, *, after: Ear | None = None) -> Iterator[Ear]:
    ear = Ear(status, after)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            ear.heard.append({name: values[0] for name, values in parse_qs(body).items()})
            ear.has_heard.set()
            if ear.after is not None:
                ear.after.has_heard.wait(30)
            self.send_response(ear.status)
            if ear.status == 302:
                self.send_header("Location", f"{ear.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ear.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield ear
    finally:
        server.shutdown()
        server.server_close()


def signed_in(wang: Holder, bank: Party) -> tuple[Client, dict[str, Any]]:
    browser = browser_of(wang)
    return browser, answer_of(bank.redeem(a_code(browser, bank, "name")))


def told_at(bank: Party, address: str) -> None:
    RelyingPartyAddress.objects.filter(relying_party=bank.party, kind="logout").update(uri=address)


def sign_out(browser: Client) -> None:
    assert browser.post("/sign-out").status_code == 302


def test_a_party_asks_the_resident_decides_and_one_goes_where_it_registered(wang: Holder, bank: Party) -> None:
    browser, answer = signed_in(wang, bank)
    asked = {"id_token_hint": answer["id_token"], "post_logout_redirect_uri": BACK, "state": "bye"}
    shown = browser.get(f"{LOGOUT}?{urlencode(asked)}")
    assert "示范银行" in shown.content.decode()
    assert shown["X-Frame-Options"] == "DENY"
    assert "form-action 'self' https://bank.example" in shown["Content-Security-Policy"]
    assert bank.userinfo(answer["access_token"]).status_code == 200  # asking ends nothing
    gone = browser.post(NOW, {**asked, "client_id": ""})
    assert gone["Location"] == f"{BACK}?state=bye"
    assert error_of(bank.userinfo(answer["access_token"])) == (401, "invalid_token")
    assert browser.get("/home")["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "changed",
    [
        {"post_logout_redirect_uri": "https://thief.example/"},
        {"post_logout_redirect_uri": f"{BACK}/more"},
        {"id_token_hint": "", "post_logout_redirect_uri": BACK},
        {"id_token_hint": "forged"},
        {"id_token_hint": "none.of.ours"},
        {"client_id": "rpa_00000000000000000000000000"},
    ],
    ids=str,
)
def test_no_party_sends_a_browser_elsewhere_by_a_logout(wang: Holder, bank: Party, changed: dict[str, str]) -> None:
    browser, answer = signed_in(wang, bank)
    hint = {"iss": issuer(), "aud": bank.client_id, "sid": "x", "sub": "x"}
    if changed.get("id_token_hint") == "forged":
        changed = {**changed, "id_token_hint": signed(new_key(), {"typ": "JWT", "kid": "k1"}, hint)}
    asked = {"id_token_hint": answer["id_token"], "post_logout_redirect_uri": BACK, **changed}
    for refused in (browser.get(f"{LOGOUT}?{urlencode(asked)}"), browser.post(NOW, asked)):
        assert (refused.status_code, "Location" in refused) == (422, False)
    assert bank.userinfo(answer["access_token"]).status_code == 200


def test_a_form_of_another_site_signs_nobody_out(wang: Holder, bank: Party) -> None:
    browser, answer = signed_in(wang, bank)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(LOGOUT, {"client_id": bank.client_id}).status_code == 200
    assert strict.post(NOW, {"client_id": bank.client_id}).status_code == 403
    assert bank.userinfo(answer["access_token"]).status_code == 200


def test_who_signs_out_here_is_signed_out_there_by_a_signed_token(wang: Holder, bank: Party) -> None:
    browser, answer = signed_in(wang, bank)
    with listening() as ear:
        told_at(bank, f"{ear.address}/told")
        sign_out(browser)
        assert not tell_due()
    [heard] = ear.heard
    token, before = opened(heard["logout_token"]), opened(answer["id_token"])
    assert (token["sub"], token["sid"], token["aud"]) == (before["sub"], before["sid"], bank.client_id)
    assert token["events"] == {EVENT: {}}
    assert "nonce" not in token
    assert SignIn.objects.get().told == "done"


def test_only_the_browser_that_signs_out_is(wang: Holder, bank: Party) -> None:
    _, answer = signed_in(wang, bank)
    sign_out(browser_of(wang))
    assert bank.userinfo(answer["access_token"]).status_code == 200
    assert SignIn.objects.get().ended_at is None


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_party_that_does_not_take_it_is_asked_again_later_and_given_up_in_the_end(
    wang: Holder, bank: Party, status: int
) -> None:
    browser, _ = signed_in(wang, bank)
    with listening(status) as ear:
        told_at(bank, ear.address)
        sign_out(browser)
        tell_due()
        assert not tell_due()
        assert len(ear.heard) == 1  # left alone for a while; a redirect is not followed
        for _again in lifetimes.AGAIN:
            SignIn.objects.update(tell_at=timezone.now())
            tell_due()
    assert len(ear.heard) == 1 + len(lifetimes.AGAIN)
    assert SignIn.objects.get().told == "given_up"


def test_a_party_that_is_down_costs_the_others_nothing(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    down = a_party("bank", name="停机的")
    for party in (down, down, bank):
        answer_of(party.redeem(a_code(browser, party, prompt="consent")))
    told_at(down, "http://127.0.0.1:1/")
    with listening() as ear:
        told_at(bank, ear.address)
        sign_out(browser)
        SignIn.objects.filter(relying_party=down.party).update(tell_at=timezone.now() - timedelta(hours=1))
        tell_due()
    assert len(ear.heard) == 1
    waiting = SignIn.objects.filter(told="waiting")
    assert {each.relying_party_id for each in waiting} == {down.party.pk}
    assert sorted(each.tries for each in waiting) == [0, 1]  # the second one was not even tried


def signed_in_long_ago(browser: Client, slow: Party, quick: Party) -> None:
    """Sign in thrice to one party and once to another, and out of all; the former wait for longer."""
    for party in (slow, slow, slow, quick):
        answer_of(party.redeem(a_code(browser, party, prompt="consent")))
    sign_out(browser)
    SignIn.objects.filter(relying_party=slow.party).update(tell_at=timezone.now() - timedelta(hours=1))


def test_a_party_that_is_slow_holds_up_nobody_else(wang: Holder, bank: Party) -> None:
    slow = a_party("bank", name="很慢的")
    with listening() as quick_ear, listening(after=quick_ear) as slow_ear:
        told_at(bank, quick_ear.address)
        told_at(slow, slow_ear.address)
        signed_in_long_ago(browser_of(wang), slow, bank)
        tell_due()
    assert (len(quick_ear.heard), len(slow_ear.heard)) == (1, 3)
    assert set(SignIn.objects.values_list("told", "tries")) == {("done", 0)}


def test_however_many_are_slow_each_has_its_turn(wang: Holder, bank: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LANES_OF_ALL", 1)
    slow = a_party("bank", name="很慢的")
    with listening() as ear:
        told_at(bank, ear.address)
        told_at(slow, ear.address)
        signed_in_long_ago(browser_of(wang), slow, bank)
        tell_due()
    told = [opened(each["logout_token"])["aud"] for each in ear.heard]
    assert told == [slow.client_id, bank.client_id, slow.client_id, slow.client_id]


def test_what_one_worker_tells_no_other_tells_until_its_lease_is_over(wang: Holder, bank: Party) -> None:
    browser, _ = signed_in(wang, bank)
    sign_out(browser)
    [(sign_in, _ask)] = Logouts().claim(bank.party, 1)
    assert not list(Logouts().claim(bank.party, 1))
    assert not Logouts().places()
    SignIn.objects.filter(pk=sign_in.pk).update(tell_at=timezone.now())  # the worker died, and the lease is over
    assert Logouts().places() == [bank.party]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://localhost:{port}/", "http://10.0.0.1/"]
)
def test_in_production_nothing_of_ours_is_asked_by_a_partys_address(
    wang: Holder, bank: Party, settings: Any, address: str
) -> None:
    """SSRF: whatever stands in the table."""
    browser, _ = signed_in(wang, bank)
    with listening() as ear:
        told_at(bank, address.format(port=ear.address.rpartition(":")[2]))
        sign_out(browser)
        settings.YZT_PRODUCTION = True
        tell_due()
    assert not ear.heard
    assert SignIn.objects.get().tries == 1


def test_a_party_that_wants_to_hear_of_none_is_not_told(wang: Holder, bank: Party) -> None:
    browser, _ = signed_in(wang, bank)
    RelyingPartyAddress.objects.filter(kind="logout").delete()
    sign_out(browser)
    assert not tell_due()
    assert SignIn.objects.get().told == "done"


def test_a_round_ends_in_its_time(wang: Holder, bank: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _ = signed_in(wang, bank)
    sign_out(browser)
    assert tell_due(seconds=0)  # something is left, and nothing was waited for
    assert SignIn.objects.get().tries == 0
