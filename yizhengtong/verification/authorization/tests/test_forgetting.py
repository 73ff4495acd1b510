"""What is over goes by itself, and what can still be used or replayed stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.events import deliver_everything
from tests.support.people import Resident
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.journal import publish
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.verification.authorization import forgetting, lifetimes
from yizhengtong.verification.authorization.forgetting import forget_grants, forget_over
from yizhengtong.verification.authorization.models import Code, Grant, PushedRequest, SeenProof, Token
from yizhengtong.verification.authorization.services import end_grant, offer_grant
from yizhengtong.verification.authorization.tests.conftest import ZHEJIANG, with_account
from yizhengtong.verification.authorization.tests.test_codes import code_for
from yizhengtong.verification.authorization.tests.wallet import Wallet, answer_of, error_of

pytestmark = pytest.mark.django_db


def after(span: timedelta) -> int:
    return forget_over(at=timezone.now() + span)


def test_proofs_and_requests_go_with_their_time(wang: Resident) -> None:
    Wallet().push()
    after(timedelta(0))
    assert (SeenProof.objects.count(), PushedRequest.objects.count()) == (1, 1)
    after(timedelta(minutes=11))
    assert (SeenProof.objects.count(), PushedRequest.objects.count()) == (0, 0)


def test_an_offer_nobody_took_up_goes_with_its_time(wang: Resident) -> None:
    offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    assert after(lifetimes.OFFER - timedelta(seconds=5)) == 0
    assert after(lifetimes.OFFER + timedelta(seconds=5)) == 1
    assert not Grant.objects.exists()
    assert not Code.objects.exists()


def test_a_code_that_was_used_is_remembered_as_long_as_its_tokens(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    answer = answer_of(wallet.redeem(code))
    assert after(timedelta(hours=1)) == 0
    assert list(Token.objects.values_list("kind", flat=True)) == ["refresh"]
    assert error_of(wallet.redeem(code)) == "invalid_grant"
    assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"


def test_a_grant_without_a_living_token_goes(wang: Resident) -> None:
    wallet = Wallet()
    answer_of(wallet.redeem(code_for(wallet, wang)))
    assert after(lifetimes.REFRESH - timedelta(minutes=1)) == 0
    assert after(lifetimes.REFRESH + timedelta(minutes=1)) == 1
    assert Entry.objects.get(action="authorization.forget").fields == ["grants:1"]


def test_what_was_ended_is_shown_for_a_while(wang: Resident) -> None:
    wallet = Wallet()
    answer_of(wallet.redeem(code_for(wallet, wang)))
    end_grant(grant_id=Grant.objects.get().pk, person=wang.person, by=wang.principal)
    assert after(lifetimes.ENDED_GRANT - timedelta(minutes=1)) == 0
    assert after(lifetimes.ENDED_GRANT + timedelta(minutes=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_all_grants_of_a_person_go_with_their_data_and_nobody_elses(wang: Resident) -> None:
    li = with_account("li", "李四")
    wallet = Wallet()
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    code_for(Wallet(), li)
    publish("privacy.deleted", on=("deletion", new_id()), person_id=wang.person.pk)
    deliver_everything("authorization.deletions")
    assert Grant.objects.get().person_id == li.person.pk
    assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"


@pytest.mark.django_db(transaction=True)
def test_what_a_lost_account_allowed_ends_when_it_is_given_back(wang: Resident) -> None:
    li = with_account("li", "李四")
    for who in (wang, li):
        offered = offer_grant(subject=who.person.pk, configuration_ids=[ZHEJIANG], by=who.principal)
        kept = answer_of(Wallet().redeem_offer(offered.code, offered.tx_code))
        assert kept["refresh_token"]
    publish("accounts.recovered", on=("account", wang.principal.id or new_id()), person_id=wang.person.pk)
    deliver_everything("authorization.recoveries")
    assert set(Grant.objects.filter(ended_at=None).values_list("account_id", flat=True)) == {li.principal.id}
    assert Entry.objects.filter(action="authorization.end", person_id=wang.person.pk).count() == 1


def a_ward(of: Resident) -> tuple[Person, Representation]:
    ward = with_account("child", "王小小").person
    held = Representation.objects.create(
        representative=of.person, represented=ward, relation="guardian", since=legal_day(timezone.now())
    )  # fmt: skip
    return ward, held


@pytest.mark.django_db(transaction=True)
def test_what_a_guardian_allowed_ends_with_the_guardianship(wang: Resident) -> None:
    ward, held = a_ward(wang)
    for subject in (wang.person.pk, ward.pk):
        offered = offer_grant(subject=subject, configuration_ids=[ZHEJIANG], by=wang.principal)
        answer_of(Wallet().redeem_offer(offered.code, offered.tx_code))
    publish("people.representation_ended", on=("representation", held.pk), person_id=ward.pk)
    deliver_everything("authorization.representations")
    assert not Grant.objects.exclude(ended_at=None).exists(), "it holds still"
    Representation.objects.update(until=legal_day(timezone.now()))
    publish("people.representation_ended", on=("representation", held.pk), person_id=ward.pk)
    deliver_everything("authorization.representations")
    assert Grant.objects.get(ended_at=None).person_id == wang.person.pk


@pytest.mark.usefixtures("roles")
def test_a_former_guardians_wallet_renews_nothing(wang: Resident) -> None:
    ward, _held = a_ward(wang)
    offered, wallet = offer_grant(subject=ward.pk, configuration_ids=[ZHEJIANG], by=wang.principal), Wallet()
    answer = answer_of(wallet.redeem_offer(offered.code, offered.tx_code))
    Representation.objects.update(until=legal_day(timezone.now()))
    with requests_as_web():
        assert error_of(wallet.refresh(answer["refresh_token"])) == "invalid_grant"


def test_many_grants_go_in_batches(wang: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for _ in range(5):
        code_for(Wallet(), wang)
    assert forget_grants(person_id=wang.person.pk) == 5
    told = Entry.objects.filter(action="authorization.forget").order_by("pk")
    assert [each.fields for each in told] == [["grants:2"], ["grants:2"], ["grants:1"]]


@pytest.mark.usefixtures("roles")
def test_the_worker_may_do_it_with_its_own_rights(wang: Resident) -> None:
    wallet = Wallet()
    answer_of(wallet.redeem(code_for(wallet, wang)))
    offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    with as_web(role="yzt_worker"):
        assert after(lifetimes.REFRESH + timedelta(minutes=1)) == 2
    left = (Grant, Code, Token, SeenProof, PushedRequest)
    assert not any(model.objects.exists() for model in left)
