"""What is refused: the person's later events wait, an operator mends and replays, or skips with a reason."""

from typing import Any

import pytest
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange.models import Push
from yizhengtong.foundation.exchange.pushing import push_due
from yizhengtong.foundation.exchange.queries import behind, dead_letters, standings
from yizhengtong.foundation.exchange.services import (
    replay,
    skip,
)
from yizhengtong.foundation.exchange.tests.platforms import (
    ALICE,
    BOB,
    Ledger,
    answering,
    collect_all,
    following,
    happen,
    platform,
    states,
)
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.ids import new_id

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("followed")]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 415, 422])
def test_what_is_refused_is_a_dead_letter_and_only_that_persons_later_events_wait(status: int) -> None:
    destination = platform()
    happen(ALICE, 1), happen(ALICE, 2), happen(BOB, 3)
    collect_all()
    push_due(seconds=5, send=answering(status))
    assert states(destination) == ["dead", "waiting", "acknowledged"]
    (dead,) = dead_letters()
    assert (dead.status, dead.failure, behind(dead)) == (status, "exchange.refused", 1)
    (standing,) = standings()
    assert (standing.waiting, standing.dead) == (1, 1)
    push_due(seconds=5, send=answering())
    assert states(destination) == ["dead", "waiting", "acknowledged"]


@pytest.mark.parametrize("status", [None, 301, 408, 425, 429, 500, 502, 503])
def test_what_may_come_right_is_tried_again(status: int | None) -> None:
    destination = platform()
    happen(ALICE, 1)
    collect_all()
    push_due(seconds=5, send=answering(status))
    assert states(destination) == ["waiting"]
    Push.objects.update(not_before=timezone.now())
    push_due(seconds=5, send=answering())
    assert states(destination) == ["acknowledged"]


def test_a_dead_letter_that_was_mended_is_sent_anew_before_the_later_ones() -> None:
    number = {"now": 1}

    def mended(event: Event, _content: str) -> Any:
        from yizhengtong.foundation.exchange.contents import Content

        return Content("thg_1", {"number": event.facts["number"] * 100 + number["now"]})

    with following(mended):
        destination, ledger = platform(), Ledger()
        happen(ALICE, 1), happen(ALICE, 2)
        collect_all()
        push_due(seconds=5, send=answering(422))
        number["now"] = 9
        replay(push_id=dead_letters()[0].pk, by=SYSTEM)
        push_due(seconds=5, send=ledger.take)
    assert states(destination) == ["acknowledged"] * 2
    assert list(ledger.numbers.values()) == [[109, 201]]
    assert Entry.objects.filter(action="exchange.replay", person_id=ALICE).count() == 1
    assert Entry.objects.filter(action="exchange.push").count() == 3


def test_a_dead_letter_that_is_skipped_lets_the_later_ones_go_and_keeps_the_reason() -> None:
    destination = platform()
    happen(ALICE, 1), happen(ALICE, 2)
    collect_all()
    push_due(seconds=5, send=answering(422))
    dead = dead_letters()[0]
    with pytest.raises(Invalid, match=r"exchange.reason_missing"):
        skip(push_id=dead.pk, reason=" ", by=SYSTEM)
    skip(push_id=dead.pk, reason="对方已有", by=SYSTEM)
    push_due(seconds=5, send=answering())
    assert states(destination) == ["skipped", "acknowledged"]
    skipped = Push.objects.get(pk=dead.pk)
    assert (skipped.reason, skipped.body) == ("对方已有", None)
    assert Entry.objects.filter(action="exchange.skip", person_id=ALICE).count() == 1


def test_only_a_dead_letter_is_replayed_or_skipped() -> None:
    platform()
    happen(ALICE, 1)
    collect_all()
    waiting = Push.objects.get()
    with pytest.raises(Conflict, match=r"exchange.not_dead"):
        replay(push_id=waiting.pk, by=SYSTEM)
    with pytest.raises(Conflict, match=r"exchange.not_dead"):
        skip(push_id=waiting.pk, reason="x", by=SYSTEM)
    with pytest.raises(NotFound):
        replay(push_id=new_id(), by=SYSTEM)


def test_content_that_cannot_be_made_is_a_dead_letter_and_holds_up_nobody_else(caplog: Any) -> None:
    destination = platform()
    happen(ALICE, 1, broken=True), happen(BOB, 2)
    collect_all()
    push_due(seconds=5, send=answering())
    assert states(destination) == ["dead", "acknowledged"]
    assert dead_letters()[0].failure == "exchange.content_failed"
    assert "王小明" not in caplog.text
    replay(push_id=dead_letters()[0].pk, by=SYSTEM)
    push_due(seconds=5, send=answering())
    assert states(destination) == ["dead", "acknowledged"]
