"""What is agreed to: each claim by itself, remembered, asked again, taken back; who is shut out, who may not agree."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from tests.support.law import TODAY
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.sessions import METHODS_KEY, SessionStore
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.authorization.tests.wallet import new_key, signed
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.openid import lifetimes
from yizhengtong.verification.openid.forgetting import forget_over, forget_person
from yizhengtong.verification.openid.issuer import issuer
from yizhengtong.verification.openid.models import Consent, SignIn
from yizhengtong.verification.openid.queries import consents_of
from yizhengtong.verification.openid.services import end_consent, end_consents_of_use, end_sign_ins_of_account
from yizhengtong.verification.openid.tests.conftest import a_code, a_holder, browser_of, page_of
from yizhengtong.verification.openid.tests.party import BACK, Party, a_party, answer_of, error_of, query_of
from yizhengtong.verification.relying_parties.models import PurposeGrant, RelyingParty

pytestmark = pytest.mark.django_db
BOTH = '{"userinfo": {"name": {"essential": true}, "birthdate": null}}'


def person_of(who: Holder) -> Person:
    return Person.objects.get(pk=who.permit.person_id)


def token_of(browser: Client, bank: Party, *claims: str, **asked: Any) -> str:
    found: str = answer_of(bank.redeem(a_code(browser, bank, *claims, **asked)))["access_token"]
    return found


def silent(browser: Client, bank: Party, **asked: Any) -> dict[str, str]:
    return query_of(browser.get(bank.pushed(prompt="none", **asked))["Location"])


def test_the_page_says_who_why_what_and_how_long_and_ticks_nothing(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    shown = browser.get(page_of(browser, bank.pushed(claims=BOTH)))
    words = shown.content.decode()
    for said in ("示范银行", "反洗钱法第二十九条", "银行开户和业务", "bank.example", "出生日期", "不是证件号码"):
        assert said in words
    assert words.count('type="checkbox"') == 1
    assert "checked" not in words
    assert wang.permit.number not in words


def test_the_page_stands_in_no_frame_and_leads_nowhere_else(wang: Holder, bank: Party) -> None:
    """Consent clickjacking."""
    browser = browser_of(wang)
    shown = browser.get(page_of(browser, bank.pushed()))
    assert shown["X-Frame-Options"] == "DENY"
    policy = shown["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://bank.example;" in f"{policy};"
    assert "no-store" in shown["Cache-Control"]


def test_a_form_of_another_site_agrees_to_nothing(wang: Holder, bank: Party) -> None:
    page = page_of(browser_of(wang), bank.pushed())
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = browser_of(wang).cookies
    assert browser.post(page, {"answer": "yes"}).status_code == 403
    assert not Consent.objects.exists()


@pytest.mark.parametrize("language", ["zh-CN", "zh-HK", "zh-TW", "en"])
def test_it_is_said_in_every_language(wang: Holder, bank: Party, language: str) -> None:
    browser = browser_of(wang)
    words = browser.get(page_of(browser, bank.pushed()), headers={"Accept-Language": language}).content.decode()
    said = {"zh-CN": "同意并登录", "zh-HK": "同意並登入", "zh-TW": "同意並登入", "en": "Yes, sign in"}
    assert said[language] in words


def test_what_is_essential_goes_with_a_yes_and_the_rest_can_be_declined(wang: Holder, bank: Party) -> None:
    token = token_of(browser_of(wang), bank, claims=BOTH)
    assert bank.userinfo(token).json().keys() == {"sub", "name"}


def test_a_no_tells_nothing_but_that(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    back = browser.post(page_of(browser, bank.pushed()), {"answer": "no"})
    assert back["Location"].startswith(f"{BACK}?error=access_denied&")
    assert not Consent.objects.exists()
    assert not SignIn.objects.exists()


def test_a_yes_is_remembered_for_what_was_asked_and_for_nothing_more(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    assert silent(browser, bank)["error"] == "consent_required"
    a_code(browser, bank, "name", claims='{"userinfo": {"name": null, "birthdate": null}}')
    less = silent(browser, bank, claims='{"userinfo": {"birthdate": null}}')
    told = bank.userinfo(answer_of(bank.redeem(less["code"]))["access_token"]).json()
    assert told.keys() == {"sub"}  # declined then, and still
    more = '{"userinfo": {"number": null}}'
    assert silent(browser, bank, claims=more)["error"] == "consent_required"
    now_essential = '{"userinfo": {"birthdate": {"essential": true}}}'
    assert silent(browser, bank, claims=now_essential)["error"] == "consent_required"
    assert silent(browser, bank, scope="openid purpose:platform")["error"] == "consent_required"


def test_a_party_that_means_somebody_gets_nobody_else(wang: Holder, bank: Party, town: City) -> None:
    """OpenID Connect Core 1.0, 3.1.2.1: id_token_hint."""
    mine, others = browser_of(wang), browser_of(a_holder(town, "li", name="李四"))
    hint = answer_of(bank.redeem(a_code(mine, bank, "name")))["id_token"]
    a_code(others, bank, "name")
    assert "code" in silent(mine, bank, id_token_hint=hint)
    assert silent(others, bank, id_token_hint=hint)["error"] == "login_required"
    page = page_of(others, bank.pushed(id_token_hint=hint, prompt="consent"))
    for back in (others.get(page), others.post(page_of(others, bank.pushed(id_token_hint=hint)), {"answer": "yes"})):
        assert back["Location"].startswith(f"{BACK}?error=login_required&")
    assert SignIn.objects.filter(person_id=person_of(wang).pk).count() == 2
    assert SignIn.objects.count() == 3


@pytest.mark.parametrize("hint", ["none.of.ours", "forged", "another's"])
def test_a_hint_that_is_none_of_ours_for_this_party_is_refused(wang: Holder, bank: Party, hint: str) -> None:
    told = hint
    if hint == "forged":
        told = signed(new_key(), {"typ": "JWT", "kid": "k1"}, {"iss": issuer(), "aud": bank.client_id, "sub": "x"})
    if hint == "another's":
        other = a_party("bank", name="另一家银行")
        told = answer_of(other.redeem(a_code(browser_of(wang), other)))["id_token"]
    assert error_of(bank.push(id_token_hint=told)) == (400, "invalid_request")


def test_a_party_may_want_to_ask_again(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    a_code(browser, bank, "name")
    page = page_of(browser, bank.pushed(prompt="consent"))
    assert browser.get(page).status_code == 200
    assert browser.get(page_of(browser, bank.pushed())).status_code == 303


def test_a_consent_ends_after_a_while(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    a_code(browser, bank)
    Consent.objects.update(expires_at=timezone.now())
    assert silent(browser, bank)["error"] == "consent_required"


def test_taken_back_it_opens_nothing_from_that_moment(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    token, code = token_of(browser, bank, "name"), silent(browser, bank)["code"]
    [consent] = consents_of(person_of(wang))
    end_consent(consent_id=consent.pk, person=person_of(wang), by=wang.principal)
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")
    assert error_of(bank.redeem(code)) == (400, "invalid_grant")
    assert silent(browser, bank)["error"] == "consent_required"
    assert not consents_of(person_of(wang))


def test_taken_back_every_sign_in_to_that_party_for_that_purpose_ends_and_is_told(wang: Holder, bank: Party) -> None:
    """Also one by a consent that a later one replaced."""
    browser, other = browser_of(wang), a_party("bank", name="另一家")
    for party in (bank, bank, other):
        token_of(browser, party, "name", prompt="consent")
    consent = consents_of(person_of(wang)).get(relying_party=bank.party)
    end_consent(consent_id=consent.pk, person=person_of(wang), by=wang.principal)
    assert [*SignIn.objects.filter(relying_party=bank.party).values_list("end", "told")] == [("holder", "waiting")] * 2
    assert SignIn.objects.get(relying_party=other.party).ended_at is None


def test_nobody_takes_back_anothers(wang: Holder, bank: Party, town: City) -> None:
    from yizhengtong.kernel.errors import NotFound

    a_code(browser_of(wang), bank)
    li = a_holder(town, "li", name="李四")
    with pytest.raises(NotFound):
        end_consent(consent_id=Consent.objects.get().pk, person=person_of(li), by=li.principal)


def test_with_the_consent_to_a_use_of_the_law_ends_what_was_agreed_for_it(wang: Holder, bank: Party) -> None:
    token = token_of(browser_of(wang), bank)
    end_consents_of_use(person_id=wang.permit.person_id, use="check_platform")
    assert bank.userinfo(token).status_code == 200
    end_consents_of_use(person_id=wang.permit.person_id, use="check_bank")
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")


@pytest.mark.parametrize("how", ["blocked", "suspended", "purpose withdrawn", "permit ended", "account closed"])
def test_what_ended_meanwhile_is_noticed_at_each_step(wang: Holder, bank: Party, how: str) -> None:
    browser = browser_of(wang)
    token, code = token_of(browser, bank, "name"), silent(browser, bank)["code"]
    if how == "blocked":
        block(person=person_of(wang), party_id=bank.party.pk, by=wang.principal)
    elif how == "suspended":
        RelyingParty.objects.update(state="suspended", is_active=False)
    elif how == "purpose withdrawn":
        RelyingParty.objects.update(purposes=[])
        PurposeGrant.objects.update(state="withdrawn", reason="x")
    elif how == "permit ended":
        long_ago = TODAY - timedelta(days=4000)
        Permit.objects.update(valid_from=long_ago, last_valid_day=long_ago + timedelta(days=90), endorsed_until=None)
    else:
        Account.objects.filter(pk=str(wang.principal.id)).update(is_active=False)
    assert error_of(bank.userinfo(token))[0] == 401
    assert error_of(bank.redeem(code))[0] in {400, 401}
    assert Check.objects.count() == 1


def test_who_shut_a_party_out_is_told_so_and_can_only_say_no(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    page = page_of(browser, bank.pushed())
    block(person=person_of(wang), party_id=bank.party.pk, by=wang.principal)
    words = browser.get(page).content.decode()
    assert "您设置了不让它核验" in words
    assert 'value="yes"' not in words
    assert browser.post(page, {"answer": "yes"}).status_code == 403
    assert silent(browser, bank)["error"] == "consent_required"
    assert not SignIn.objects.exists()


def test_a_child_too_young_to_agree_does_not(wang: Holder, bank: Party) -> None:
    child = person_of(wang)
    child.birth_date = date(TODAY.year - 12, 1, 1)
    child.save()
    browser = browser_of(wang)
    words = browser.get(page_of(browser, bank.pushed())).content.decode()
    assert "要由监护人同意" in words
    assert 'value="yes"' not in words


def test_who_has_not_signed_in_does_so_first_and_comes_back(bank: Party) -> None:
    browser = Client()
    page = page_of(browser, bank.pushed())
    sent = browser.get(page)
    assert sent["Location"].startswith("/sign-in?")
    assert query_of(sent["Location"])["next"] == page
    assert silent(browser, bank)["error"] == "login_required"


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "60"}], ids=str)
def test_who_must_prove_anew_signs_in_again_and_then_is_asked(wang: Holder, bank: Party, asked: dict[str, str]) -> None:
    browser = browser_of(wang)
    _prove(browser, 3600)
    page = page_of(browser, bank.pushed(**asked))
    sent = browser.get(page)
    assert sent["Location"].startswith("/sign-in?")
    assert query_of(sent["Location"])["again"] == "1"
    assert browser.post(page, {"answer": "yes"})["Location"].startswith("/sign-in?")
    _prove(browser, -1)
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"answer": "yes"}).status_code == 303


def test_max_age_and_no_page_is_an_error(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    a_code(browser, bank)
    _prove(browser, 3600)
    assert silent(browser, bank, max_age="60")["error"] == "login_required"
    assert "code" in silent(browser, bank, max_age="7200")


def test_an_officer_signs_in_nowhere_with_a_permit(bank: Party, wang: Holder) -> None:
    officer = Client()
    officer.cookies = browser_of(wang).cookies
    Account.objects.filter(pk=str(wang.principal.id)).update(is_reporter=True)
    assert silent(officer, bank)["error"] == "login_required"


def _prove(browser: Client, seconds_ago: int) -> None:
    """Let the session say that its account was proved so long ago."""
    from django.conf import settings

    store = SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    store[METHODS_KEY] = [{"method": "password", "at": timezone.now().timestamp() - seconds_ago}]
    store.save()


def test_what_is_over_goes_and_what_lives_stays(wang: Holder, bank: Party) -> None:
    browser = browser_of(wang)
    a_code(browser, bank)
    forget_over(at=timezone.now())
    assert (SignIn.objects.count(), Consent.objects.count()) == (1, 1)
    later = timezone.now() + lifetimes.ENDED + timedelta(hours=1)
    forget_over(at=later)
    assert (SignIn.objects.count(), Consent.objects.count()) == (0, 1)
    forget_over(at=later + lifetimes.REMEMBERED)
    assert not Consent.objects.exists()


def test_with_a_persons_working_data_everything_goes(wang: Holder, bank: Party) -> None:
    token = token_of(browser_of(wang), bank)
    forget_person(person_id=wang.permit.person_id)
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")
    assert not Consent.objects.exists()


def test_a_lost_account_is_signed_in_nowhere(wang: Holder, bank: Party) -> None:
    token = token_of(browser_of(wang), bank)
    assert wang.principal.id is not None
    end_sign_ins_of_account(account_id=wang.principal.id)
    assert error_of(bank.userinfo(token)) == (401, "invalid_token")
