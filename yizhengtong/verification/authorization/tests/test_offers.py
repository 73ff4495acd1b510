"""Offers: a pre-authorized code is good once, with the digits told beside it, and for nobody's tokens but its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.people import Resident, a_principal
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.models import Code, Grant, Token
from yizhengtong.verification.authorization.problems import OAuthProblem
from yizhengtong.verification.authorization.queries import access_token, grants_of
from yizhengtong.verification.authorization.services import PreAuthorized, end_grant, offer_grant
from yizhengtong.verification.authorization.tests.conftest import MDOC, ZHEJIANG, with_account
from yizhengtong.verification.authorization.tests.wallet import Wallet, answer_of, error_of

pytestmark = pytest.mark.django_db
CREDENTIAL = "/wallet/credential"


@pytest.fixture
def offer(wang: Resident) -> PreAuthorized:
    return offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG, MDOC], by=wang.principal)


def wrong(tx_code: str) -> str:
    return f"{(int(tx_code) + 1) % 1_000_000:06d}"


def is_open(wallet: Wallet, token: str) -> bool:
    try:
        access_token("POST", wallet.url(CREDENTIAL), wallet.bearing(token))
    except OAuthProblem as problem:
        return problem.error != "invalid_token"
    return True


def test_an_offer_becomes_a_token_that_speaks_for_its_person(wang: Resident, offer: PreAuthorized) -> None:
    wallet = Wallet()
    response = wallet.redeem_offer(offer.code, offer.tx_code)
    answer = answer_of(response)
    assert response["Cache-Control"] == "no-store"
    assert (answer["token_type"], answer["expires_in"]) == ("DPoP", 600)
    access = access_token("POST", wallet.url(CREDENTIAL), wallet.bearing(answer["access_token"]))
    assert access.subject == wang.person.pk
    assert access.configuration_ids == (ZHEJIANG, MDOC)
    assert access.credential_identifiers == {}
    assert access.by.id == wang.principal.id
    assert access.dpop_thumbprint == wallet.key.thumbprint()
    assert [each.pk for each in grants_of(wang.person)] == [offer.grant_id]


def test_without_a_key_the_token_is_a_bearers_and_cannot_be_renewed(offer: PreAuthorized) -> None:
    wallet = Wallet()
    answer = answer_of(wallet.redeem_offer(offer.code, offer.tx_code, proof=None))
    assert answer["token_type"] == "Bearer"
    assert "refresh_token" not in answer
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert access_token("POST", wallet.url(CREDENTIAL), headers).dpop_thumbprint == ""


def test_who_merely_saw_the_code_neither_ends_what_it_gave_nor_tries_forever(offer: PreAuthorized) -> None:
    wallet, thief = Wallet(), Wallet()
    token = answer_of(wallet.redeem_offer(offer.code, offer.tx_code))["access_token"]
    assert error_of(thief.redeem_offer(offer.code, "")) == "invalid_request"
    for _ in range(lifetimes.TX_CODE_TRIES):
        assert error_of(thief.redeem_offer(offer.code, wrong(offer.tx_code))) == "invalid_grant"
    assert error_of(thief.redeem_offer(offer.code, offer.tx_code)) == "invalid_grant"
    assert Code.objects.get().tries_left == 0
    assert is_open(wallet, token)


def test_a_replayed_code_gives_nothing_and_ends_what_it_gave(wang: Resident, offer: PreAuthorized) -> None:
    wallet = Wallet()
    token = answer_of(wallet.redeem_offer(offer.code, offer.tx_code))["access_token"]
    assert is_open(wallet, token)
    again = wallet.redeem_offer(offer.code, offer.tx_code)
    assert (again.status_code, error_of(again)) == (400, "invalid_grant")
    assert not is_open(wallet, token)
    assert Grant.objects.get().end == Grant.End.REPLAY
    assert Entry.objects.filter(action="authorization.end_replayed", person_id=wang.person.pk).count() == 1


def test_the_right_digits_help_until_the_last_try_and_not_after_it(wang: Resident) -> None:
    for tries, status in ((lifetimes.TX_CODE_TRIES - 1, 200), (lifetimes.TX_CODE_TRIES, 400)):
        offer = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
        for _ in range(tries):
            assert error_of(Wallet().redeem_offer(offer.code, wrong(offer.tx_code))) == "invalid_grant"
        assert Wallet().redeem_offer(offer.code, offer.tx_code).status_code == status


def test_digits_of_another_offer_do_not_open_this_one(wang: Resident, offer: PreAuthorized) -> None:
    other = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    if other.tx_code != offer.tx_code:  # once in a million runs
        assert error_of(Wallet().redeem_offer(offer.code, other.tx_code)) == "invalid_grant"


def test_an_offer_without_its_digits_is_incomplete_and_costs_no_try(offer: PreAuthorized) -> None:
    assert error_of(Wallet().redeem_offer(offer.code, "")) == "invalid_request"
    assert Code.objects.get().tries_left == lifetimes.TX_CODE_TRIES


@pytest.mark.parametrize(("late", "status"), [(timedelta(seconds=-5), 200), (timedelta(0), 400)])
def test_an_offer_ends_with_its_time(offer: PreAuthorized, late: timedelta, status: int) -> None:
    Code.objects.update(expires_at=timezone.now() - late)
    assert Wallet().redeem_offer(offer.code, offer.tx_code).status_code == status


def test_only_hashes_are_kept(offer: PreAuthorized) -> None:
    answer = answer_of(Wallet().redeem_offer(offer.code, offer.tx_code))
    kept = b" ".join(
        [bytes(each.secret_hash) + bytes(each.tx_code_hash or b"") for each in Code.objects.all()]
        + [bytes(each.secret_hash) for each in Token.objects.all()]
    )
    for secret in (offer.code, offer.tx_code, answer["access_token"], answer["refresh_token"]):
        assert secret.encode() not in kept
        assert len(answer["access_token"]) == 43


def test_an_offer_of_two_can_be_taken_up_for_one(offer: PreAuthorized) -> None:
    wallet = Wallet()
    details = f'[{{"type": "openid_credential", "credential_configuration_id": "{MDOC}"}}]'
    answer = answer_of(wallet.redeem_offer(offer.code, offer.tx_code, authorization_details=details))
    assert answer["authorization_details"] == [
        {"type": "openid_credential", "credential_configuration_id": MDOC, "credential_identifiers": [MDOC]}
    ]
    access = access_token("POST", wallet.url(CREDENTIAL), wallet.bearing(answer["access_token"]))
    assert (access.configuration_ids, access.credential_identifiers) == ((MDOC,), {MDOC: MDOC})


def test_nobody_takes_up_more_than_was_offered(wang: Resident) -> None:
    offer = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    details = f'[{{"type": "openid_credential", "credential_configuration_id": "{MDOC}"}}]'
    refused = Wallet().redeem_offer(offer.code, offer.tx_code, authorization_details=details)
    assert error_of(refused) == "invalid_authorization_details"
    assert Wallet().redeem_offer(offer.code, offer.tx_code).status_code == 200


def test_nobody_offers_a_strangers_permits(wang: Resident) -> None:
    stranger = with_account("li", "李四")
    with pytest.raises(NotFound):
        offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=stranger.principal)
    with pytest.raises(NotFound):
        offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=a_principal())
    with pytest.raises(NotFound):
        offer_grant(subject=new_id(), configuration_ids=[ZHEJIANG], by=wang.principal)
    for nobody in (SYSTEM, Principal(PrincipalKind.STAFF, new_id()), Principal(PrincipalKind.STAFF, wang.principal.id)):
        with pytest.raises(Forbidden):
            offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=nobody)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("ids", [[], ["library_card"], [ZHEJIANG, "library_card"]])
def test_only_what_is_issued_here_is_offered(wang: Resident, ids: list[str]) -> None:
    with pytest.raises(Invalid, match="unknown_configuration"):
        offer_grant(subject=wang.person.pk, configuration_ids=ids, by=wang.principal)


def test_a_holder_ends_a_grant_and_nobody_else_does(wang: Resident, offer: PreAuthorized) -> None:
    wallet, stranger = Wallet(), with_account("li", "李四")
    answer = answer_of(wallet.redeem_offer(offer.code, offer.tx_code))
    with pytest.raises(NotFound):
        end_grant(grant_id=offer.grant_id, person=stranger.person, by=stranger.principal)
    assert is_open(wallet, answer["access_token"])
    for _ in range(2):
        end_grant(grant_id=offer.grant_id, person=wang.person, by=wang.principal)
    assert not is_open(wallet, answer["access_token"])
    assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"
    assert Entry.objects.filter(action="authorization.end").count() == 1


def test_a_grant_that_has_ended_opens_nothing_even_where_a_token_of_it_is_left(offer: PreAuthorized) -> None:
    wallet = Wallet()
    token = answer_of(wallet.redeem_offer(offer.code, offer.tx_code))["access_token"]
    Grant.objects.update(ended_at=timezone.now(), end=Grant.End.HOLDER)
    assert not is_open(wallet, token)


def test_an_offer_ended_before_it_was_taken_up_is_taken_up_by_nobody(wang: Resident, offer: PreAuthorized) -> None:
    end_grant(grant_id=offer.grant_id, person=wang.person, by=wang.principal)
    assert error_of(Wallet().redeem_offer(offer.code, offer.tx_code)) == "invalid_grant"


def test_what_nobody_took_up_is_no_grant_of_a_person(wang: Resident, offer: PreAuthorized) -> None:
    assert not grants_of(wang.person).exists()


def test_the_first_tokens_of_a_grant_are_told_once_to_who_follows(wang: Resident, offer: PreAuthorized) -> None:
    wallet = Wallet()
    told = Event.objects.filter(kind="authorization.granted")
    assert not told.exists()
    answer = answer_of(wallet.redeem_offer(offer.code, offer.tx_code, client_id=wallet.client_id))
    answer_of(wallet.refresh(answer["refresh_token"]))
    event = told.get()
    assert (event.object_kind, event.object_id, event.person_id) == ("wallet_grant", offer.grant_id, wang.person.pk)
    assert event.facts == {"client_id": wallet.client_id}


@pytest.mark.parametrize("with_key", [True, False], ids=["key", "bearer"])
def test_a_grant_lives_as_long_as_a_token_of_it(wang: Resident, offer: PreAuthorized, with_key: bool) -> None:
    answer_of(Wallet().redeem_offer(offer.code, offer.tx_code, proof="" if with_key else None))
    lasts, second = lifetimes.REFRESH if with_key else lifetimes.ACCESS, timedelta(seconds=5)
    for given_at, lives in ((timezone.now() - lasts + second, True), (timezone.now() - lasts, False)):
        Grant.objects.update(renewed_at=given_at)
        assert grants_of(wang.person).exists() is lives


def test_a_grant_that_has_ended_is_not_among_the_living(wang: Resident, offer: PreAuthorized) -> None:
    answer_of(Wallet().redeem_offer(offer.code, offer.tx_code))
    end_grant(grant_id=offer.grant_id, person=wang.person, by=wang.principal)
    assert not grants_of(wang.person).exists()


def test_a_closed_account_opens_nothing(wang: Resident, offer: PreAuthorized) -> None:
    wallet = Wallet()
    token = answer_of(wallet.redeem_offer(offer.code, offer.tx_code))["access_token"]
    Account.objects.filter(pk=str(wang.principal.id)).update(is_active=False)
    assert not is_open(wallet, token)
