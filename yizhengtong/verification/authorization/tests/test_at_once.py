"""Ten who come at once with the same thing: one gets something, whichever of the web's processes they reach."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from tests.support.people import Resident
from yizhengtong.verification.authorization import lifetimes
from yizhengtong.verification.authorization.models import Code, Grant, Token
from yizhengtong.verification.authorization.services import offer_grant
from yizhengtong.verification.authorization.tests.conftest import ZHEJIANG
from yizhengtong.verification.authorization.tests.test_codes import code_for
from yizhengtong.verification.authorization.tests.wallet import Wallet, answer_of

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 10


def at_once(ask: Callable[[Wallet], int], key_of: Wallet) -> list[int]:
    """Let ten threads ask, each with a browser of its own and the wallet's key; return the statuses."""
    together, statuses = Barrier(MANY), list[int]()

    def one() -> None:
        mine = Wallet(client_id=key_of.client_id, key=key_of.key, verifier=key_of.verifier)
        try:
            together.wait(20)
            statuses.append(ask(mine))
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(statuses)


def test_one_code_gives_one_token_and_the_others_end_it(wang: Resident) -> None:
    wallet = Wallet()
    code = code_for(wallet, wang)
    assert at_once(lambda mine: mine.redeem(code).status_code, wallet) == [200, *[400] * (MANY - 1)]
    assert Token.objects.filter(kind=Token.Kind.REFRESH).count() == 1
    assert Grant.objects.get().end == Grant.End.REPLAY
    assert not Token.objects.filter(kind=Token.Kind.ACCESS).exists()


def test_one_refresh_token_leaves_one_pair_that_lives(wang: Resident) -> None:
    wallet = Wallet()
    token = answer_of(wallet.redeem(code_for(wallet, wang)))["refresh_token"]
    assert at_once(lambda mine: mine.refresh(token).status_code, wallet) == [200] * MANY
    assert Token.objects.filter(kind=Token.Kind.ACCESS).count() == 1
    assert Token.objects.filter(kind=Token.Kind.REFRESH, used_at=None, is_lost=False).count() == 1


def test_one_proof_is_taken_once(wang: Resident) -> None:
    wallet = Wallet()
    proof = wallet.proof("/oauth/par")
    assert at_once(lambda mine: mine.push(proof=proof).status_code, wallet) == [201, *[400] * (MANY - 1)]


def test_tries_made_at_once_are_all_counted(wang: Resident) -> None:
    offer = offer_grant(subject=wang.person.pk, configuration_ids=[ZHEJIANG], by=wang.principal)
    wrong = f"{(int(offer.tx_code) + 1) % 1_000_000:06d}"
    assert MANY > lifetimes.TX_CODE_TRIES
    assert at_once(lambda mine: mine.redeem_offer(offer.code, wrong).status_code, Wallet()) == [400] * MANY
    assert Code.objects.get().tries_left == 0
    assert Wallet().redeem_offer(offer.code, offer.tx_code).status_code == 400
