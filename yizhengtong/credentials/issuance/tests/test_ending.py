"""What a holder ends is over; what is over is forgotten; what is good is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.city import City
from yizhengtong.credentials.issuance.ending import end_wallet
from yizhengtong.credentials.issuance.forgetting import forget_ended, forget_passing
from yizhengtong.credentials.issuance.models import Batch, Deferral, IssuedCredential, Offer, SpentNonce, Wallet
from yizhengtong.credentials.issuance.offering import Granted, offer, offered, open_offer
from yizhengtong.credentials.issuance.queries import wallets_of
from yizhengtong.credentials.issuance.tests.collecting import SD_JWT, Holder, WalletOf, today
from yizhengtong.credentials.issuance.tests.conftest import a_holder
from yizhengtong.credentials.status.models import Change
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState

pytestmark = pytest.mark.django_db


def granted(*_: object) -> Granted:
    return Granted("a-code", "123456", timezone.now() + timedelta(minutes=10))


def test_ending_a_wallet_takes_every_copy_of_it_back_and_no_others(wang: Holder) -> None:
    lost, kept = WalletOf(wang), WalletOf(wang)
    lost.collect(keys=3)
    kept.collect()
    wallet = Wallet.objects.get(grant_id=lost.grant_id)
    end_wallet(wallet_id=wallet.pk, by=wang.principal)
    taken_back = set(Change.objects.filter(list_id__isnull=False).values_list("position", flat=True))
    theirs = IssuedCredential.objects.filter(batch__wallet=wallet)
    assert taken_back == set(theirs.values_list("status_index", flat=True))
    assert [each.grant_id for each in wallets_of(wang.permit, today())] == [kept.grant_id]
    assert Entry.objects.filter(action="issuance.end_wallet", person_id=wang.permit.person_id).exists()


def test_a_wallet_that_collects_anew_after_its_end_is_there_again(wang: Holder) -> None:
    wallet = WalletOf(wang)
    wallet.collect()
    end_wallet(wallet_id=Wallet.objects.get().pk, by=wang.principal)
    wallet.collect()
    (held,) = wallets_of(wang.permit, today())
    assert (held.copies, Wallet.objects.get().ended_at) == (1, None)


def test_nobody_ends_a_strangers_wallet(town: City, wang: Holder) -> None:
    WalletOf(wang).collect()
    with pytest.raises(NotFound):
        end_wallet(wallet_id=Wallet.objects.get().pk, by=a_holder(town, "other").principal)


def test_an_offer_is_made_of_ones_own_permit_only(town: City, wang: Holder) -> None:
    stranger = a_holder(town, "other").principal
    with pytest.raises(NotFound):
        offer(permit=wang.permit, configuration_ids=[SD_JWT], grant=granted, description="", by=stranger)
    assert not Offer.objects.exists()


@pytest.mark.parametrize("forms", [[], ["unknown"], [SD_JWT, "zhejiang_permit_sd_jwt"]])
def test_an_offer_holds_forms_of_the_permit_only(wang: Holder, forms: list[str]) -> None:
    with pytest.raises(Invalid):
        offer(permit=wang.permit, configuration_ids=forms, grant=granted, description="", by=wang.principal)


@pytest.mark.parametrize("state", [PermitState.LOST, PermitState.ENDED])
def test_no_offer_is_made_of_what_is_not_good(wang: Holder, state: PermitState) -> None:
    Permit.objects.filter(pk=wang.permit.pk).update(state=state, ended_on=today() if state == "ended" else None)
    wang.permit.refresh_from_db()
    with pytest.raises(Conflict):
        offer(permit=wang.permit, configuration_ids=[SD_JWT], grant=granted, description="", by=wang.principal)


def test_a_new_offer_takes_the_place_of_the_one_before(wang: Holder) -> None:
    made = [
        offer(permit=wang.permit, configuration_ids=[SD_JWT], grant=granted, description="x" * 400, by=wang.principal)
        for _ in range(2)
    ]
    secrets = [each.link.rpartition("%2F")[2] for each in made]
    with pytest.raises(NotFound):
        offered(secrets[0])
    told = offered(secrets[1])
    assert len(told["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]["tx_code"]["description"]) == 300
    assert open_offer(wang.permit, wang.principal) == made[1]


def test_an_offer_ends(wang: Holder) -> None:
    made = offer(permit=wang.permit, configuration_ids=[SD_JWT], grant=granted, description="", by=wang.principal)
    Offer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        offered(made.link.rpartition("%2F")[2])
    assert open_offer(wang.permit, wang.principal) is None
    assert forget_passing() == 1


def test_an_offer_lies_sealed(wang: Holder) -> None:
    from django.db import connection

    offer(permit=wang.permit, configuration_ids=[SD_JWT], grant=granted, description="", by=wang.principal)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM issuance_offer")
        content = bytes(cursor.fetchone()[0])
    assert b"a-code" not in content
    assert b"123456" not in content


def test_what_has_ended_or_expired_is_forgotten_and_what_is_good_is_kept(wang: Holder) -> None:
    ended, expired, good = WalletOf(wang), WalletOf(wang), WalletOf(wang)
    for wallet in (ended, expired, good):
        wallet.collect()
    now = timezone.now()
    Batch.objects.filter(wallet__grant_id=ended.grant_id).update(ended_at=now - timedelta(days=2))
    Batch.objects.filter(wallet__grant_id=expired.grant_id).update(expires_on=today() - timedelta(days=2))
    assert forget_ended(before=now - timedelta(days=3)) == 0
    assert forget_ended(before=now - timedelta(days=1), person_id=wang.permit.person_id) == 2
    assert [each.grant_id for each in Wallet.objects.all()] == [good.grant_id]
    assert IssuedCredential.objects.count() == Batch.objects.count() == 1


def test_with_a_persons_working_data_goes_what_their_wallets_wait_for(town: City, wang: Holder) -> None:
    other = a_holder(town, "other")
    for at, holder in enumerate((wang, other)):
        Deferral.objects.create(
            transaction_hash=bytes([at]) * 32, person_id=holder.permit.person_id, wallet_thumbprint=b"x", keys=[],
            configuration_id=SD_JWT, expires_at=timezone.now() + timedelta(days=90),
        )  # fmt: skip
        offer(permit=holder.permit, configuration_ids=[SD_JWT], grant=granted, description="", by=holder.principal)
    forget_ended(before=timezone.now())
    assert Deferral.objects.count() == 2
    forget_ended(before=timezone.now(), person_id=wang.permit.person_id)
    assert Deferral.objects.get().person_id == Offer.objects.get().person_id == other.permit.person_id
    assert Entry.objects.get(action="issuance.forget").fields == ["deferrals:1", "offers:1"]


def test_spent_nonces_and_deferrals_go_when_their_time_is_over(wang: Holder) -> None:
    WalletOf(wang).collect()
    assert forget_passing() == 0
    SpentNonce.objects.update(expires_at=timezone.now() - timedelta(hours=2))
    Deferral.objects.create(
        transaction_hash=b"x" * 32, person_id=wang.permit.person_id, wallet_thumbprint=b"x", keys=[],
        configuration_id=SD_JWT, expires_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    assert forget_passing() == 2
    assert not SpentNonce.objects.exists()
