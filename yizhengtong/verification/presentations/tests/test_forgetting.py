"""What was shown goes with its time, fetched or not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from yizhengtong.kernel.errors import Conflict
from yizhengtong.verification.presentations import lifetimes
from yizhengtong.verification.presentations.fetching import fetch_result, is_over, presentation_of
from yizhengtong.verification.presentations.forgetting import forget_over
from yizhengtong.verification.presentations.models import Presentation
from yizhengtong.verification.presentations.tests.test_answering import asked_by, post
from yizhengtong.verification.presentations.tests.wallet import Wallet
from yizhengtong.verification.relying_parties.callers import Caller

pytestmark = pytest.mark.django_db


def test_what_nobody_fetched_is_gone_in_time(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    post(asked, wallet.answer(asked))
    ends = Presentation.objects.get().expires_at
    assert forget_over(at=ends - timedelta(seconds=1)) == 0
    assert Presentation.objects.get().result is not None
    forget_over(at=ends)
    row = Presentation.objects.get()
    assert (row.result, row.person_id) == (None, None)
    assert forget_over(at=ends + lifetimes.KEPT) == 1


def test_what_is_over_is_told_to_nobody_even_before_it_is_cleared_away(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    post(asked, wallet.answer(asked))
    Presentation.objects.update(expires_at=timezone.now())
    assert is_over(presentation_of(hotel, asked["_id"]))
    with pytest.raises(Conflict, match="not_shown"):
        fetch_result(caller=hotel, key=asked["_id"])


def test_what_waits_lies_sealed(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    post(asked, wallet.answer(asked))
    with connection.cursor() as cursor:
        cursor.execute("SELECT result, presentations_presentation::text FROM presentations_presentation")
        result, row = cursor.fetchone()
    name = Presentation.objects.get().result["name"]
    assert name.encode() not in bytes(result)
    assert name not in row
