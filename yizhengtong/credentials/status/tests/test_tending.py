"""Full lists are closed, past ones go with all they held, past tokens are thinned; every place is compared in turn."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.days import real_today
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID, set_value
from yizhengtong.credentials.status import comparing
from yizhengtong.credentials.status.comparing import compare_all
from yizhengtong.credentials.status.models import CHUNK_BYTES, Chunk, Entry, StatusList, Token
from yizhengtong.credentials.status.services import allocate
from yizhengtong.credentials.status.signing import LIFETIME, sign_due
from yizhengtong.credentials.status.tending import close_full, expire, forget_past, share_taken, thin_tokens
from yizhengtong.credentials.status.tests.ground import UNTIL, Copies, newest
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _nothing_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction holds the events back."""
    monkeypatch.setattr(comparing, "deliver_all", lambda: None)


def test_a_list_is_closed_when_half_of_its_places_are_taken(listed: StatusList, permit: Permit) -> None:
    StatusList.objects.update(size=100)
    allocate(permit, count=49, until=UNTIL)
    assert close_full() == 0
    allocate(permit, count=1, until=UNTIL)
    assert close_full() == 1
    assert allocate(permit, count=1, until=UNTIL)[0].uri != listed.uri


def test_how_full_a_large_list_is_is_found_by_a_sample(listed: StatusList, permit: Permit) -> None:
    Entry.objects.bulk_create(
        [Entry(list=listed, position=each, permit=permit, until=UNTIL) for each in range(0, 70_000, 4)]
    )
    assert 0.2 < share_taken(listed) < 0.3


def test_a_closed_list_still_says_what_becomes_of_its_copies(copies: Copies, listed: StatusList) -> None:
    StatusList.objects.update(closed_at=timezone.now())
    Permit.objects.filter(pk=copies.permit.pk).update(state="suspended")
    assert compare_all() == 10
    sign_due()
    assert copies.told_by(newest(listed)) == {SUSPENDED}


def test_a_closed_list_goes_when_nobody_may_ask_for_its_past_either(
    copies: Copies, listed: StatusList, settings: Any
) -> None:
    settings.YZT_STATUS_HISTORY_DAYS = 30
    sign_due()
    Entry.objects.update(until=real_today() - 30 * DAY)
    assert expire(on=real_today()) == 0  # it is open
    StatusList.objects.update(closed_at=timezone.now())
    assert expire(on=real_today()) == 0  # its copies' last day can still be asked for
    assert expire(on=real_today() + DAY) == 1
    assert [model.objects.count() for model in (Entry, Chunk, Token)] == [0, 0, 0]
    assert StatusList.objects.get().expired_at is not None


def test_a_list_with_one_living_copy_stays(copies: Copies, listed: StatusList) -> None:
    StatusList.objects.update(closed_at=timezone.now())
    Entry.objects.update(until=real_today() - 400 * DAY)
    Entry.objects.filter(position=copies.references[0].index).update(until=real_today())
    assert expire(on=real_today()) == 0


def test_whose_a_past_copy_was_is_forgotten_and_its_place_stays_taken(copies: Copies) -> None:
    Entry.objects.update(until=real_today())
    assert forget_past(on=real_today()) == 0
    assert forget_past(on=real_today() + DAY) == 10
    assert set(Entry.objects.values_list("permit_id", flat=True)) == {None}
    assert Entry.objects.count() == 10


def test_of_past_tokens_one_an_hour_stays_and_then_none(listed: StatusList, settings: Any) -> None:
    settings.YZT_STATUS_HISTORY_DAYS = 3
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    instants = [now, now - timedelta(minutes=5), now - LIFETIME + timedelta(minutes=1)]
    instants += [now - 2 * DAY - timedelta(minutes=each) for each in (0, 1, 20, 70)]
    instants += [now - 3 * DAY - timedelta(minutes=1)]
    for each in instants:
        Token.objects.create(
            list=listed, issued_at=each, expires_at=each + LIFETIME, key_id="k", is_new=True, jwt=b"", cwt=b""
        )
    assert thin_tokens(now=now) == 3
    kept = [(now - each) // timedelta(minutes=1) for each in Token.objects.values_list("issued_at", flat=True)]
    assert sorted(kept) == [0, 5, 1439, 2880, 2950]


def test_the_newest_token_stays_however_old(listed: StatusList, settings: Any) -> None:
    settings.YZT_STATUS_HISTORY_DAYS = 0
    sign_due()
    assert thin_tokens(now=timezone.now() + 400 * DAY) == 0


def test_places_that_agree_are_no_difference(copies: Copies) -> None:
    assert compare_all() == 0
    assert StatusList.objects.get().compared_at is not None


def test_what_no_event_told_is_found_counted_and_put_right(copies: Copies, caplog: pytest.LogCaptureFixture) -> None:
    Permit.objects.filter(pk=copies.permit.pk).update(state="suspended")
    assert compare_all() == 10
    assert (copies.values, StatusList.objects.get().differences) == ({SUSPENDED}, 10)
    assert "status.places_differed places=10" in caplog.text
    assert compare_all() == 0


def test_a_day_that_passes_is_noticed_where_nobody_writes_it(copies: Copies) -> None:
    """Of a lost permit the daily sweep does not write that its year is over."""
    Permit.objects.filter(pk=copies.permit.pk).update(state="lost")
    last_day = Permit.objects.get(pk=copies.permit.pk).endorsed_until
    assert last_day is not None
    assert compare_all(on=last_day) == 0
    assert compare_all(on=last_day + DAY) == 10
    assert copies.values == {SUSPENDED}


def test_bits_that_nobody_s_place_has_are_taken_back(copies: Copies, listed: StatusList) -> None:
    spoilt = bytearray(CHUNK_BYTES)
    free = next(each for each in range(32_000) if each not in {place.index for place in copies.references})
    set_value(spoilt, free, 2, INVALID)
    Chunk.objects.update_or_create(list=listed, number=0, defaults={"packed": bytes(spoilt)})
    assert compare_all() == 1
    assert not any(bytes(Chunk.objects.get(number=0).packed))


def test_what_is_past_is_not_compared(copies: Copies) -> None:
    Permit.objects.filter(pk=copies.permit.pk).update(state="suspended")
    compare_all()
    Entry.objects.update(until=real_today() - DAY, permit=None)
    assert compare_all() == 0
    assert copies.values == {SUSPENDED}


def test_a_copy_whose_permit_is_gone_is_invalid(copies: Copies) -> None:
    Entry.objects.update(permit=None)
    assert compare_all() == 10
    assert copies.values == {INVALID}


def test_a_lost_word_of_one_place_does_not_touch_its_neighbours(listed: StatusList, permit: Permit) -> None:
    Entry.objects.bulk_create([Entry(list=listed, position=each, permit=permit, until=UNTIL) for each in range(8)])
    Entry.objects.filter(position=5).update(is_withdrawn=True)
    assert compare_all() == 1
    assert bytes(Chunk.objects.get().packed)[:3] == bytes((0, INVALID << 2, VALID))
