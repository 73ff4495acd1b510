"""Signing out while a code is being redeemed: nothing is left that lives, and the party is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Any

import pytest
from django.db import connection

from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.foundation.web.tests.test_idempotency import is_somebody_waiting
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.openid import tokens
from yizhengtong.verification.openid.models import SignIn
from yizhengtong.verification.openid.services import end_sign_ins_of_account
from yizhengtong.verification.openid.tests.conftest import a_code, browser_of
from yizhengtong.verification.openid.tests.party import Party, error_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("how", ["signs out", "account recovered"])
def test_who_signs_out_while_a_code_is_redeemed_is_signed_in_nowhere(
    wang: Holder, bank: Party, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    browser = browser_of(wang)
    code, has_begun, go_on = a_code(browser, bank, "name"), Event(), Event()

    def meanwhile(**facts: Any) -> Any:
        has_begun.set()
        assert go_on.wait(20)
        return record_check(**facts)

    monkeypatch.setattr(tokens, "record_check", meanwhile)
    assert wang.principal.id is not None
    account_id = wang.principal.id
    with ThreadPoolExecutor(2) as pool:
        redeemed = pool.submit(_alone, lambda: bank.redeem(code))
        assert has_begun.wait(20)
        ends: dict[str, Callable[[], Any]] = {
            "signs out": lambda: browser.post("/sign-out"),
            "account recovered": lambda: end_sign_ins_of_account(account_id=account_id),
        }
        ended = pool.submit(_alone, ends[how])
        pause = Event()
        while not is_somebody_waiting() and not ended.done():
            pause.wait(0.005)
        assert not ended.done(), "it must wait for the one that is being redeemed"
        go_on.set()
        answer = redeemed.result(20)
        ended.result(20)
    sign_in = SignIn.objects.get()
    assert (answer.status_code, sign_in.end, sign_in.told) == (200, "out", "waiting")
    assert error_of(bank.userinfo(answer.json()["access_token"])) == (401, "invalid_token")


def _alone(act: Callable[[], Any]) -> Any:
    with closing(connection):
        return act()
