"""The second line: with the web's own rights a wallet's request sees the person who gave the grant, and nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.support.city import City
from tests.support.law import JINAN
from tests.support.people import Resident
from tests.support.web_role import as_web
from yizhengtong.credentials.issuance.models import Offer
from yizhengtong.credentials.issuance.offering import Granted, offer
from yizhengtong.credentials.issuance.tests.collecting import SD_JWT, Holder
from yizhengtong.credentials.issuance.tests.conftest import town, wang  # noqa: F401 fixtures
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, read_as_nobody
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.authorization import configurations
from yizhengtong.verification.authorization.models import Grant
from yizhengtong.verification.authorization.queries import access_token
from yizhengtong.verification.authorization.services import offer_grant
from yizhengtong.verification.authorization.tests.conftest import ZHEJIANG, with_account
from yizhengtong.verification.authorization.tests.wallet import Wallet, answer_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]


@pytest.fixture(autouse=True)
def _as_after_a_commit(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(configurations, "credential_types", lambda: {ZHEJIANG: None})
    yield
    read_as_nobody()


def forget_registered() -> None:
    """What was registered in this transaction may be read in it: not so after a commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('yzt.registered', '', false), set_config('yzt.known', '', false)")


def token_for(person: Person, by: Principal) -> tuple[Wallet, str]:
    given, wallet = offer_grant(subject=person.pk, configuration_ids=[ZHEJIANG], by=by), Wallet()
    token: str = answer_of(wallet.redeem_offer(given.code, given.tx_code))["access_token"]
    forget_registered()
    return wallet, token


def seen_with(wallet: Wallet, token: str) -> set[object]:
    with as_web():
        access_token("POST", wallet.url("/wallet/credential"), wallet.bearing(token))
        return {*Person.objects.values_list("pk", flat=True), *Grant.objects.values_list("person_id", flat=True)}


def test_a_token_of_somebody_with_an_account_shows_that_person_alone() -> None:
    for who in (with_account("wang"), with_account("li", "李四")):
        assert seen_with(*token_for(who.person, who.principal)) == {who.person.pk}


def test_offers_are_seen_by_their_person_alone_and_grants_changed_by_no_officer(town: City, wang: Holder) -> None:  # noqa: F811
    token_for(wang.permit.person, wang.principal)
    offer(
        permit=wang.permit, configuration_ids=[SD_JWT], description="", by=wang.principal,
        grant=lambda _ids: Granted("code", "123456", timezone.now() + timedelta(minutes=5)),
    )  # fmt: skip
    clerk = town.officer("demo-clerk", office=JINAN)
    holder = Reader(ReaderKind.RESIDENT, str(wang.principal.id))
    officer = Reader(ReaderKind.STAFF, str(clerk.id), clerk.office_path)
    for reader, count in ((holder, 1), (officer, 0)):
        with as_web(reader):
            assert Person.objects.filter(pk=wang.permit.person_id).exists()
            assert Offer.objects.count() == count
            assert Grant.objects.update(scope="") == count


def test_without_a_token_no_grant_is_seen() -> None:
    who: Resident = with_account("wang")
    token_for(who.person, who.principal)
    with as_web():
        assert not Grant.objects.exists()
