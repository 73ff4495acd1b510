"""A wallet is ended while it collects: whichever comes first, nothing is left that lives."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from yizhengtong.credentials.issuance import collecting
from yizhengtong.credentials.issuance.ending import end_wallet
from yizhengtong.credentials.issuance.models import Batch
from yizhengtong.credentials.issuance.models import Wallet as Held
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.credentials.issuance.tests.conftest import town, wang  # noqa: F401 fixtures
from yizhengtong.sites.wallet.tests.test_issuing import Phone, a_phone
from yizhengtong.verification.authorization.models import Grant
from yizhengtong.verification.authorization.services import end_grant

pytestmark = pytest.mark.django_db(transaction=True)
collect = collecting.collect


@pytest.fixture
def phone(wang: Holder) -> Phone:  # noqa: F811
    """A wallet that has collected once."""
    phone = a_phone(wang)
    assert phone.collect().status_code == 200
    return phone


def ending(holder: Holder) -> Thread:
    """Start ending the wallet and its grant over a connection of its own, in the order of the page."""

    def end() -> None:
        try:
            with transaction.atomic():
                end_wallet(wallet_id=Held.objects.get().pk, by=holder.principal)
                end_grant(grant_id=Grant.objects.get().pk, person=holder.permit.person, by=holder.principal)
        finally:
            connection.close()

    thread = Thread(target=end)
    thread.start()
    return thread


def collecting_while(monkeypatch: pytest.MonkeyPatch, before: Callable[[], Any], after: Callable[[], Any]) -> None:
    def meanwhile(**named: Any) -> Any:
        before()
        answer = collect(**named)
        after()
        return answer

    monkeypatch.setattr(collecting, "collect", meanwhile)


def nothing_lives() -> bool:
    return not Batch.objects.filter(ended_at=None).exists() and Held.objects.get().ended_at is not None


def test_what_was_ended_after_its_token_was_looked_at_collects_nothing(
    phone: Phone, wang: Holder, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    collecting_while(monkeypatch, lambda: ending(wang).join(30), lambda: None)
    refused = phone.collect()
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    assert refused["WWW-Authenticate"].startswith('DPoP error="invalid_token"')
    assert (nothing_lives(), Batch.objects.count()) == (True, 1)


def test_who_ends_waits_for_who_collects_and_ends_that_too(
    phone: Phone, wang: Holder, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    threads: list[Thread] = []

    def begin() -> None:
        threads.append(ending(wang))
        threads[0].join(1)
        assert threads[0].is_alive(), "it waits for the wallet's row"

    collecting_while(monkeypatch, lambda: None, begin)
    assert phone.collect().status_code == 200
    threads[0].join(30)
    assert (nothing_lives(), Batch.objects.count()) == (True, 2)
