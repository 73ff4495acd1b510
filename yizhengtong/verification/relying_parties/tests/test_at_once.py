"""A member and an officer at the same purpose at once: one waits for the other, and neither for ever."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from django.db import connection, transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.web.tests.test_idempotency import is_somebody_waiting
from yizhengtong.kernel.errors import NotFound
from yizhengtong.verification.relying_parties.applying import take_back
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.tests.organisations import Organisation
from yizhengtong.verification.relying_parties.tests.test_organisations import (  # noqa: F401 fixtures
    answered,
    asked,
    officer,
    org,
    town,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_takes_back_what_is_being_answered_waits_and_holds_up_nobody(
    org: Organisation,  # noqa: F811
    officer: Principal,  # noqa: F811
) -> None:
    grant, has_begun, go_on = asked(org), Event(), Event()

    def answer() -> None:
        with closing(connection), transaction.atomic():
            RelyingParty.objects.select_for_update(no_key=True).get(pk=org.party.pk)  # as who answers begins
            has_begun.set()
            assert go_on.wait(20)
            answered(org, grant, officer)

    def take() -> None:
        with closing(connection):
            take_back(grant_id=grant.pk, by=org.by)

    with ThreadPoolExecutor(2) as pool:
        answering = pool.submit(answer)
        assert has_begun.wait(20)
        taking, pause = pool.submit(take), Event()
        while not is_somebody_waiting() and not taking.done():
            pause.wait(0.005)
        go_on.set()
        answering.result(20)
        with pytest.raises(NotFound):
            taking.result(20)
    grant.refresh_from_db()
    assert (grant.state, org.fresh().state) == ("granted", "approved")
