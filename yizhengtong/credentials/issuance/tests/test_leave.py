"""Leave to collect ends with who gave it: no guardian of former times holds or collects, nor who had a lost account."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.support.city import City
from tests.support.events import deliver_everything
from tests.support.web_role import as_web
from yizhengtong.credentials.issuance import ending, tasks
from yizhengtong.credentials.issuance.collecting import collect_deferred
from yizhengtong.credentials.issuance.models import Batch, IssuedCredential, Offer, Wallet
from yizhengtong.credentials.issuance.offering import Granted, offer
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder, WalletOf, today
from yizhengtong.credentials.issuance.tests.conftest import a_holder
from yizhengtong.credentials.status.models import Change
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.models import Representation
from yizhengtong.registry.people.representations import end_representation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
DAY = timedelta(days=1)


@pytest.fixture
def ward(town: City) -> Holder:
    return a_holder(town, "ward")


@pytest.fixture
def acts(wang: Holder, ward: Holder) -> Representation:
    """王小明 acts for the ward since a month ago."""
    return Representation.objects.create(
        representative=wang.permit.person, represented=ward.permit.person, relation="guardian", since=today() - 30 * DAY
    )


@pytest.fixture
def guardians(wang: Holder, ward: Holder, acts: Representation) -> WalletOf:
    """A wallet of the guardian, with leave to collect for the ward."""
    return WalletOf(Holder(ward.permit, wang.principal))


def follow() -> None:
    """Follow the ends of representations as the worker does, with its own rights."""
    events = list(Event.objects.filter(kind=ending.REPRESENTATION_ENDED))
    with as_web(role="yzt_worker"):
        for event in events:
            ending.follow_leave(event)


def ended_places() -> set[tuple[UUID, int]]:
    """Return of which permits which places were taken back."""
    changes = Change.objects.filter(list_id__isnull=False, position__isnull=False)
    return {(each.permit_id, each.position or 0) for each in changes}


def places_of(wallet: WalletOf) -> set[tuple[UUID, int]]:
    copies = IssuedCredential.objects.filter(batch__wallet__grant_id=wallet.grant_id)
    return set(copies.values_list("batch__permit_id", "status_index"))


def test_a_guardian_collects_while_acting_and_not_a_day_longer(guardians: WalletOf, acts: Representation) -> None:
    assert guardians.collect().status == 200
    acts.until = today()
    acts.save()
    with pytest.raises(IssuanceProblem) as caught:
        guardians.collect()
    assert caught.value.fault == Fault.DENIED
    assert guardians.collect(on=today() - DAY).status == 200


def test_what_a_guardian_waits_for_is_not_given_after_the_guardianship(
    town: City, wang: Holder, acts: Representation
) -> None:
    early = a_holder(town, "early", CaseState.APPROVED)
    since = {"representative": wang.permit.person, "represented": early.permit.person, "relation": "guardian"}
    held = Representation.objects.create(**since, since=today())
    wallet = WalletOf(Holder(early.permit, wang.principal))
    waiting = wallet.collect().body["transaction_id"]
    Permit.objects.filter(pk=early.permit.pk).update(state=PermitState.MADE)
    held.until = today()
    held.save()
    with pytest.raises(IssuanceProblem) as caught:
        collect_deferred(payload={"transaction_id": waiting}, bearer=wallet.bearer, on=today())
    assert caught.value.fault == Fault.DENIED


def test_a_stranger_with_leave_collects_nothing_though_no_policy_of_rows_hides_it(wang: Holder, ward: Holder) -> None:
    nobody = [Principal(PrincipalKind.RESIDENT, of) for of in (None, new_id())]
    for by in (wang.principal, *nobody, Principal(PrincipalKind.SYSTEM, ward.principal.id)):
        with pytest.raises(IssuanceProblem) as caught:
            WalletOf(Holder(ward.permit, by)).collect()
        assert caught.value.fault == Fault.DENIED


def test_with_a_guardianship_end_the_copies_that_the_guardians_wallets_hold(
    guardians: WalletOf, wang: Holder, ward: Holder, acts: Representation
) -> None:
    own, wards = WalletOf(wang), WalletOf(ward)
    for wallet in (guardians, own, wards):
        wallet.collect(keys=2)
    guardians.collect(MDOC)
    end_representation(representation=acts, on=today(), by=wang.principal)
    follow()
    assert ended_places() == places_of(guardians)
    assert len(ended_places()) == 3
    living = Wallet.objects.filter(ended_at=None).values_list("grant_id", flat=True)
    assert set(living) == {own.grant_id, wards.grant_id}
    told = Event.objects.get(kind="wallets.ended")
    assert (told.object_id, told.person_id) == (ward.permit.pk, ward.permit.person_id)
    assert Entry.objects.filter(action="issuance.end_leave", person_id=ward.permit.person_id).count() == 1


def test_nothing_ends_before_the_guardianship_does_nor_while_another_one_holds(
    guardians: WalletOf, wang: Holder, ward: Holder, acts: Representation
) -> None:
    guardians.collect()
    end_representation(representation=acts, on=today() + DAY, by=wang.principal)
    follow()
    assert not ended_places()
    assert ending.end_leave_of_representations(today()) == 0
    another = Representation.objects.create(
        representative=wang.permit.person, represented=ward.permit.person, relation="parent", since=today() + DAY
    )
    assert ending.end_leave_of_representations(today() + DAY) == 0
    another.delete()
    assert ending.end_leave_of_representations(today() + DAY) == 1
    assert ended_places() == places_of(guardians)
    assert ending.end_leave_of_representations(today() + DAY) == 0


def test_when_a_ward_grows_up_the_job_of_the_night_ends_the_copies(guardians: WalletOf, acts: Representation) -> None:
    guardians.collect()
    acts.until = today()
    acts.save()
    tasks.end_what_leave_is_over_for(0)
    assert ended_places() == places_of(guardians)


@pytest.mark.django_db(transaction=True)
def test_an_account_that_was_recovered_takes_what_its_wallets_hold_with_it_and_no_others(
    guardians: WalletOf, wang: Holder, ward: Holder
) -> None:
    own, wards = WalletOf(wang), WalletOf(ward)
    for wallet in (guardians, own, wards):
        wallet.collect()
    made = [
        offer(permit=of.permit, configuration_ids=[SD_JWT], description="", by=of.principal,
              grant=lambda _ids: Granted("a-code", "123456", timezone.now() + DAY))
        for of in (wang, ward)
    ]  # fmt: skip
    publish("accounts.recovered", on=("account", wang.principal.id or new_id()), person_id=wang.permit.person_id)
    deliver_everything("issuance.leave")
    assert ended_places() == places_of(guardians) | places_of(own)
    assert Batch.objects.get(ended_at=None).wallet.grant_id == wards.grant_id
    assert list(Offer.objects.values_list("pk", flat=True)) == [made[1].id]
    told = Event.objects.filter(kind="wallets.ended").values_list("person_id", flat=True)
    assert set(told) == {wang.permit.person_id, ward.permit.person_id}


def test_a_wallet_that_holds_a_copy_by_another_leave_stays(
    guardians: WalletOf, wang: Holder, ward: Holder, acts: Representation
) -> None:
    """One wallet, once by the guardian's leave and once by the ward's own."""
    guardians.collect()
    by_ward = WalletOf(ward, key=guardians.key)
    by_ward.collect()
    end_representation(representation=acts, on=today(), by=wang.principal)
    follow()
    assert Batch.objects.filter(ended_at=None).count() == 1
    assert Wallet.objects.get().ended_at is None


def test_of_copies_that_are_over_already_nobody_is_told(
    guardians: WalletOf, wang: Holder, acts: Representation
) -> None:
    guardians.collect()
    Batch.objects.update(expires_on=today() - DAY)
    end_representation(representation=acts, on=today(), by=wang.principal)
    follow()
    assert not ended_places()
    assert not Event.objects.filter(kind="wallets.ended").exists()
