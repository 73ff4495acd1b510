"""When a key that signed copies is rotated or lost, wallets are to collect anew: all of them, killed or not."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from yizhengtong.credentials.issuance import renewing
from yizhengtong.credentials.issuance.models import Batch, Renewal
from yizhengtong.credentials.issuance.queries import renewals, wallets_of
from yizhengtong.credentials.issuance.renewing import begin_renewal, continue_renewals, follow_key
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder, WalletOf, today
from yizhengtong.credentials.keys.models import Algorithm
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.credentials.keys.services import declare_lost, rotate_key
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.events.models import Event

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As if the process died."""


def rotated() -> None:
    """Rotate the key of SD-JWT VCs and hand the event on."""
    rotate_key(use=Use.SD_JWT, algorithm=Algorithm.ES256, by=SYSTEM, at_once=True)
    follow_key(Event.objects.filter(kind=renewing.KEY_ROTATED).latest("sequence"))


def test_after_a_rotation_a_wallet_is_due_until_it_collected_anew(wang: Holder) -> None:
    wallet = WalletOf(wang)
    wallet.collect()
    wallet.collect(MDOC)
    before = signer(Use.SD_JWT).key_id
    rotated()
    assert continue_renewals() == 1
    assert [each.is_due for each in wallets_of(wang.permit, today())] == [True]
    assert Event.objects.filter(kind="wallets.renewal_due", person_id=wang.permit.person_id).count() == 1
    (shown,) = renewals(today())
    assert (shown.key_id, shown.reason, shown.marked, shown.waiting) == (before, "rotated", 1, 1)
    wallet.collect()
    assert Batch.objects.latest("pk").key_id == signer(Use.SD_JWT).key_id != before
    assert [each.is_due for each in wallets_of(wang.permit, today())] == [False]
    (shown,) = renewals(today())
    assert (shown.renewed, shown.waiting, shown.done_at is not None) == (1, 0, True)


def test_a_lost_key_is_followed_too(wang: Holder) -> None:
    WalletOf(wang).collect()
    lost = signer(Use.SD_JWT).key_id
    declare_lost(key_id=lost, by=SYSTEM)
    follow_key(Event.objects.filter(kind=renewing.KEY_LOST).latest("sequence"))
    assert continue_renewals() == 1
    assert Renewal.objects.get().reason == "lost"


def test_keys_that_sign_no_copies_are_not_followed(wang: Holder) -> None:
    publish(renewing.KEY_ROTATED, on=("issuer_key", wang.permit.pk), person_id=None,
            facts={"key": "new", "before": "old", "use": "status"})  # fmt: skip
    follow_key(Event.objects.latest("sequence"))
    assert not Renewal.objects.exists()


def test_what_was_killed_goes_on_where_it_was_and_marks_each_batch_once(
    wang: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        WalletOf(wang).collect()
    before = signer(Use.SD_JWT).key_id
    begin_renewal(key_id=before, reason="rotated")
    told: list[Any] = []

    def dying(kind: str, **named: Any) -> None:
        told.append(named)
        if len(told) == 3:
            raise Killed
        publish(kind, **named)

    monkeypatch.setattr("yizhengtong.credentials.issuance.renewing.publish", dying)
    with pytest.raises(Killed):
        continue_renewals(at_once=2)
    renewal = Renewal.objects.get()
    assert (renewal.marked, renewal.done_at) == (4, None)
    assert Batch.objects.filter(due_at__isnull=False).count() == 4
    assert continue_renewals(at_once=2) == 3
    renewal.refresh_from_db()
    assert (renewal.marked, renewal.done_at is not None) == (7, True)
    assert Batch.objects.filter(due_at=None).count() == 0
    assert continue_renewals() == 0


def test_what_has_ended_or_expired_is_not_due(wang: Holder) -> None:
    for _ in range(3):
        WalletOf(wang).collect()
    first, second, _ = Batch.objects.order_by("pk")
    Batch.objects.filter(pk=first.pk).update(ended_at=first.collected_at)
    Batch.objects.filter(pk=second.pk).update(expires_on=today() - timedelta(days=1))
    begin_renewal(key_id=signer(Use.SD_JWT).key_id, reason="rotated")
    assert continue_renewals() == 1


def test_a_renewal_is_begun_once(wang: Holder) -> None:
    WalletOf(wang).collect(SD_JWT)
    for _ in range(2):
        begin_renewal(key_id=signer(Use.SD_JWT).key_id, reason="rotated")
    assert Renewal.objects.count() == 1


def test_an_operator_sees_how_far_a_renewal_is_and_goes_on_with_it(
    wang: Holder, capsys: pytest.CaptureFixture[str]
) -> None:
    WalletOf(wang).collect()
    begin_renewal(key_id=signer(Use.SD_JWT).key_id, reason="rotated")
    call_command("credentials", "renew", "--status")
    assert "marking  0 due: 0 collected anew, 0 over, 0 waiting" in capsys.readouterr().out
    call_command("credentials", "renew")
    told = capsys.readouterr().out
    assert "1 batches marked now" in told
    assert "marked   1 due: 0 collected anew, 0 over, 1 waiting" in told
