"""An organisation on its pages: registered, joined, purposes asked for, keys made; nobody else's pages open."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.support.mainland import a_credit_code
from yizhengtong.foundation.exchange.keys import ECDSA_P256
from yizhengtong.kernel.ids import public_id
from yizhengtong.sites.partner.tests.conftest import Member, browser_of, words
from yizhengtong.verification.relying_parties.applying import ask_purpose
from yizhengtong.verification.relying_parties.authenticating import KEY, caller_of_secret
from yizhengtong.verification.relying_parties.models import (
    Invitation,
    PurposeGrant,
    RelyingParty,
    RelyingPartyAddress,
    RelyingPartyKey,
)
from yizhengtong.verification.relying_parties.shapes import ADDRESS, GRANT
from yizhengtong.verification.relying_parties.tests.organisations import a_certificate, a_key, an_account, assertion
from yizhengtong.verification.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db
ONCE = re.compile(r'<code class="big once">([^<]+)</code>')
_RAW = re.compile(r">[^<]*\b(?:partner|relying_parties|showing|pages|desk|checker|numbers)\.[a-z_]+\b(?![^<]*</code>)")
OWN = ("/organisation", "/purposes", "/purposes/rent/ask", "/keys", "/keys/secret", "/keys/jwk", "/keys/certificate",
       "/addresses", "/webhooks", "/figures", "/try", "/check", "/security")  # fmt: skip
OPEN = ("", "/docs", "/sign-in", "/sign-in/phone")


def once(answer: Any) -> str:
    found = ONCE.search(words(answer))
    assert found
    return found[1]


def ask(member: Member, purpose: str = "rent") -> PurposeGrant:
    return ask_purpose(
        purpose=purpose, legal_basis="演示条例第一条", claims=["name"], by=member.of.by, at=timezone.now()
    )  # fmt: skip


def test_an_account_registers_an_organisation_and_is_its_member(newcomer: Client) -> None:
    assert "/partner/register" in words(newcomer.get("/partner"))
    wrong = words(newcomer.post("/partner/register", {"name": "甲公司", "code": "1", "contact": "1"}), 422)
    assert "18位代码" in wrong
    sent = {"name": "甲公司", "code": a_credit_code(), "contact": "李四 0531-1"}
    assert newcomer.post("/partner/register", sent)["Location"] == "/partner/organisation"
    page = words(newcomer.get("/partner/organisation"))
    assert "甲公司" in page
    assert "测试" in page
    assert newcomer.post("/partner/register", sent).status_code == 403
    assert newcomer.get("/home").status_code == 403  # no resident's page opens any more


def test_a_colleague_joins_by_a_code_that_holds_once(member: Member, newcomer: Client) -> None:
    code = once(member.post("/organisation/invite"))
    assert code not in words(member.get("/organisation"))
    second = browser_of(an_account("second"))
    assert newcomer.post("/partner/join", {"code": code, "contact": "王五"}).status_code == 302
    assert "演示出行平台" in words(newcomer.get("/partner/organisation"))
    assert "邀请码不对" in words(second.post("/partner/join", {"code": code, "contact": "赵六"}), 422)
    assert not Invitation.objects.exists()


def test_a_purpose_is_asked_for_and_taken_back(member: Member) -> None:
    assert "最多告诉" in words(member.get("/purposes"))
    assert words(member.post("/purposes/rent/ask", legal_basis=""), 422)
    wrong = member.post("/purposes/rent/ask", legal_basis="演示条例第一条", claims=["birth_date"])
    assert wrong.status_code == 422  # more than the purpose holds
    assert not PurposeGrant.objects.exists()
    assert member.post("/purposes/rent/ask", legal_basis="演示条例第一条", claims=["name", "photo"]).status_code == 302
    grant = PurposeGrant.objects.get()
    assert (grant.state, grant.claims) == ("applied", ["name", "photo"])
    assert member.of.fresh().state == RelyingParty.State.APPLIED
    taken = member.post(f"/purposes/{public_id(GRANT, grant.pk)}/take-back")
    assert taken["Location"] == "/partner/organisation"
    assert PurposeGrant.objects.get().state == "withdrawn"
    assert member.get("/purposes/unheard/ask").status_code == 404


def test_a_decision_is_read_with_its_reason(member: Member) -> None:
    grant = ask(member)
    PurposeGrant.objects.filter(pk=grant.pk).update(state="refused", reason="依据不足", reviewed_at=timezone.now())
    page = words(member.get("/organisation"))
    assert "依据不足" in page
    assert "未获准" in page


def test_a_secret_is_shown_in_the_answer_that_made_it_and_never_again(member: Member) -> None:
    answer = member.post("/keys/secret", environment="test", label="门店")
    secret = once(answer)
    assert answer["Cache-Control"] == "no-store"
    caller = caller_of_secret(secret)
    assert caller is not None
    assert (caller.party.pk, caller.is_test) == (member.of.party.pk, True)
    for path in OWN:
        assert secret not in words(member.get(path))
    assert "门店" in words(member.get("/keys"))
    assert not RelyingPartyKey.objects.filter(label__contains=secret).exists()


def test_a_production_key_needs_a_grant(member: Member) -> None:
    assert "只能使用测试密钥" in words(member.post("/keys/secret", environment="production", label=""), 422)
    member.of.approve("rent")
    assert once(member.post("/keys/secret", environment="production", label=""))


def test_a_secret_rotates_with_an_overlap_and_is_revoked(member: Member) -> None:
    old = once(member.post("/keys/secret", environment="test", label=""))
    key = RelyingPartyKey.objects.get()
    path = f"/keys/{public_id(KEY, key.pk)}"
    assert words(member.post(f"{path}/rotate", days="31"), 422)
    new = once(member.post(f"{path}/rotate", days="3"))
    assert caller_of_secret(old)
    assert caller_of_secret(new)
    key.refresh_from_db()
    assert key.not_after < timezone.now() + timedelta(days=4)
    assert member.post(f"{path}/revoke", because="").status_code == 422
    assert member.post(f"{path}/revoke", because="leaked").status_code == 302
    assert caller_of_secret(old) is None
    assert caller_of_secret(new)
    assert "已停用" in words(member.get("/keys"))
    assert member.get(f"{path}/rotate").status_code == 404  # there is nothing left to rotate


def test_public_keys_are_registered_with_a_proof_and_end_when_asked(member: Member) -> None:
    audience, key = f"{settings.YZT_ADDRESS}/api/partner", a_key(ECDSA_P256)
    sent = {"environment": "test", "label": "", "jwk": json.dumps(key.public_jwk())}
    assert words(member.post("/keys/jwk", **sent, proof="a.b.c"), 422)
    assert words(member.post("/keys/jwk", **{**sent, "jwk": "[1]"}, proof="a.b.c"), 422)
    proof = assertion(member.of.client_id, key, aud=audience)
    assert member.post("/keys/jwk", **sent, proof=proof).status_code == 302
    made = RelyingPartyKey.objects.get()
    assert made.kind == "jwk"
    assert member.post(f"/keys/{public_id(KEY, made.pk)}/end", days="2").status_code == 302
    assert RelyingPartyKey.objects.get().not_after < timezone.now() + timedelta(days=3)
    private, pem = a_certificate()
    proof = assertion(member.of.client_id, private, aud=audience)
    assert member.post("/keys/certificate", environment="test", label="", pem=pem, proof=proof).status_code == 302
    assert RelyingPartyKey.objects.filter(kind="certificate").exists()


def test_addresses_and_webhooks_are_registered_and_their_secret_shown_once(member: Member) -> None:
    hook = "https://shop.example/hook"
    assert words(member.post("/addresses", kind="webhook", uri="http://127.0.0.1/x"), 422)
    assert member.post("/webhooks", url=hook, environment="test").status_code == 422  # not registered yet
    assert member.post("/addresses", kind="webhook", uri=hook).status_code == 302
    secret = once(member.post("/webhooks", url=hook, environment="test"))
    assert secret.startswith("whsec_")
    assert secret not in words(member.get("/webhooks"))
    endpoint = Endpoint.objects.get()
    path = f"/webhooks/{public_id('whk', endpoint.pk)}?environment=test"
    assert Delivery.objects.get().kind == "challenge"
    assert "验证" in words(member.browser.get(f"/partner{path}"))
    address = RelyingPartyAddress.objects.get()
    removal = f"/addresses/{public_id(ADDRESS, address.pk)}/remove"
    assert member.get(removal).status_code == 405
    assert member.post(removal).status_code == 302
    assert not RelyingPartyAddress.objects.exists()


def test_figures_are_ones_own(member: Member, other: Member) -> None:
    from yizhengtong.verification.relying_parties.callers import Caller
    from yizhengtong.verification.relying_parties.counts import note

    for code, status in (("", 201), ("numbers.wrong_shape", 422), ("numbers.wrong_shape", 422)):
        note(Caller(member.of.party, member.of.party.pk, True), way="checks", status=status, code=code, seconds=0.02)
    page = words(member.get("/figures", environment="test", minutes="1440"))
    assert "numbers.wrong_shape" in page
    assert re.search(r'<td class="amount">2</td>', page)
    assert "<svg" in page
    assert "p95 ≤ 25 ms" in page
    assert "numbers.wrong_shape" not in words(other.get("/figures", environment="test", minutes="1440"))
    assert "numbers.wrong_shape" not in words(member.get("/figures", environment="production"))


def test_another_organisations_member_finds_nothing(member: Member, other: Member) -> None:
    grant = ask(member)
    once(member.post("/keys/secret", environment="test", label=""))
    member.post("/addresses", kind="webhook", uri="https://shop.example/hook")
    member.post("/webhooks", url="https://shop.example/hook", environment="test")
    key, address = RelyingPartyKey.objects.get(), RelyingPartyAddress.objects.get()
    endpoint = Endpoint.objects.get()
    for path, sent in (
        (f"/purposes/{public_id(GRANT, grant.pk)}/take-back", {}),
        (f"/keys/{public_id(KEY, key.pk)}/rotate", {"days": "3"}),
        (f"/keys/{public_id(KEY, key.pk)}/end", {"days": "3"}),
        (f"/keys/{public_id(KEY, key.pk)}/revoke", {"because": "leaked"}),
        (f"/addresses/{public_id(ADDRESS, address.pk)}/remove", {}),
    ):
        assert other.post(path, **sent).status_code == 404, path
    assert other.get(f"/webhooks/{public_id('whk', endpoint.pk)}", environment="test").status_code == 404
    assert "演示出行平台" not in words(other.get("/organisation"))
    key.refresh_from_db()
    grant.refresh_from_db()
    assert (key.revoked_at, grant.state) == (None, "applied")


@pytest.mark.parametrize("path", OWN)
def test_members_pages_open_for_members_alone(member: Member, newcomer: Client, path: str) -> None:
    assert words(member.get(path)).count("<h1") == 1
    assert newcomer.get(f"/partner{path}").status_code == 403
    sent_away = Client().get(f"/partner{path}")
    assert sent_away["Location"].startswith("/partner/sign-in?")
    assert newcomer.post(f"/partner{path}").status_code == 403


def test_who_reports_stays_for_a_living_is_no_member(newcomer: Client) -> None:
    from yizhengtong.foundation.accounts.models import Account

    Account.objects.filter(username="newcomer").update(is_reporter=True)
    assert "不属于核验单位" in words(newcomer.get("/partner"))
    for path in OWN[:-1]:
        assert newcomer.get(f"/partner{path}").status_code == 404


def test_an_organisation_that_ended_does_nothing_more(member: Member) -> None:
    RelyingParty.objects.filter(pk=member.of.party.pk).update(state="ended", is_active=False)
    assert words(member.get("/keys"), 403)
    assert member.post("/keys/secret", environment="test", label="").status_code == 403


def test_no_form_of_another_site_is_taken_and_no_frame_shows_a_page(member: Member) -> None:
    strict = browser_of(member.of.by, enforce_csrf_checks=True)
    for path in ("/partner/keys/secret", "/partner/check", "/partner/organisation/invite"):
        assert strict.post(path, {"environment": "test"}).status_code == 403
    assert not RelyingPartyKey.objects.exists()
    shown = member.get("/check")
    assert shown["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in shown["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"])
def test_every_page_has_all_its_words(member: Member, language: str) -> None:
    ask(member)
    member.post("/keys/secret", environment="test", label="")
    key = public_id(KEY, RelyingPartyKey.objects.get().pk)
    for path in (*OPEN, *OWN, *(f"/keys/{key}/{rest}" for rest in ("rotate", "end", "revoke"))):
        page = words(member.get(path, lang=language))
        assert not _RAW.search(page), (path, _RAW.findall(page))
        assert not re.search(r"\{(?!\"|\n|\})[a-z_]+\}", page), path
