"""Several who come at once with the same thing: one is taken, and stands once in the history."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT
from yizhengtong.kernel.errors import Problem
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.presentations.fetching import fetch_result
from yizhengtong.verification.presentations.tests.test_answering import asked_by, post
from yizhengtong.verification.presentations.tests.wallet import Wallet
from yizhengtong.verification.relying_parties.callers import Caller

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


def at_once(deed: Callable[[int], object]) -> int:
    """Let several threads do it. Returns how many of them could."""
    together, done = Barrier(MANY), list[object]()

    def one(number: int) -> None:
        try:
            together.wait(20)
            done.append(deed(number))
        except Problem:
            pass
        finally:
            connection.close()

    threads = [Thread(target=one, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return len(done)


def test_one_answer_is_taken(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    answers = [wallet.answer(asked, form) for form in (SD_JWT, MDOC)]
    assert at_once(lambda number: post(asked, answers[number % len(answers)])) == 1
    assert Check.objects.filter(way="presentation").count() == 1


def test_one_fetch_is_told(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    post(asked, wallet.answer(asked))
    assert at_once(lambda _number: fetch_result(caller=hotel, key=asked["_id"]).claims) == 1
