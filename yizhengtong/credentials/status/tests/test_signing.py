"""Lists are signed when they say something new, never less than their chunks, by the key in use."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.support.threads import at_once
from yizhengtong.credentials.formats import status_list
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID
from yizhengtong.credentials.keys.queries import Use, checkers, signer
from yizhengtong.credentials.keys.services import declare_lost, rotate_key
from yizhengtong.credentials.status.models import CHUNK_BYTES, Change, Chunk, StatusList, Token
from yizhengtong.credentials.status.queries import newest_token, token_at
from yizhengtong.credentials.status.services import withdraw
from yizhengtong.credentials.status.signing import LIFETIME, packed, sign_due, sign_list
from yizhengtong.credentials.status.tests.ground import Copies, age, newest, read_token
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def suspend(copies: Copies) -> None:
    Permit.objects.filter(pk=copies.permit.pk).update(state="suspended")
    Change.objects.create(permit_id=copies.permit.pk)
    work_in()


def test_the_newest_token_says_what_the_places_say(copies: Copies) -> None:
    sign_due()
    assert copies.told == {VALID}
    suspend(copies)
    age(StatusList.objects.get())
    sign_due()
    assert copies.told == copies.values == {SUSPENDED}


def test_the_token_is_as_long_as_the_list_and_holds_a_day(copies: Copies, listed: StatusList, settings: Any) -> None:
    settings.YZT_STATUS_TTL = 77
    sign_due()
    token = newest(listed)
    read = read_token(token, listed.uri)
    assert len(read.packed) * 4 == listed.size
    assert (read.bits, read.ttl, read.aggregation_uri) == (2, 77, f"{listed.address}/status-lists")
    assert read.expires_at == int((token.issued_at + LIFETIME).timestamp())


def test_both_forms_of_a_token_say_the_same(copies: Copies, listed: StatusList) -> None:
    suspend(copies)
    sign_due()
    token = newest(listed)
    at = int(token.issued_at.timestamp())
    assert status_list.read_cwt(bytes(token.cwt), checkers(Use.STATUS), uri=listed.uri, at=at) == read_token(
        token, listed.uri
    )


def test_what_has_not_changed_is_not_signed_again(copies: Copies, listed: StatusList) -> None:
    assert [sign_due(), sign_due()] == [1, 0]
    age(listed)
    assert sign_due() == 0


def test_a_token_older_than_checkers_may_keep_is_signed_anew_and_its_repetitions_go(
    copies: Copies, listed: StatusList, settings: Any
) -> None:
    settings.YZT_STATUS_TTL = 60
    for _ in range(4):
        assert sign_due() == 1
        age(listed, timedelta(seconds=61))
    assert list(Token.objects.order_by("issued_at").values_list("is_new", flat=True)) == [True, False]


def test_each_token_has_an_instant_of_its_own_even_where_the_clock_was_put_back(
    copies: Copies, listed: StatusList
) -> None:
    sign_due()
    age(listed, timedelta(hours=-2))
    before = newest(listed)
    suspend(copies)
    assert sign_list(listed.pk, signer(Use.STATUS))
    assert newest(listed).issued_at == before.issued_at + timedelta(seconds=1)


def test_a_new_key_signs_every_list_anew(copies: Copies, listed: StatusList) -> None:
    sign_due()
    age(listed)
    before = newest(listed)
    made = rotate_key(use=Use.STATUS, algorithm=ES256, by=SYSTEM, at_once=True)
    assert sign_due() == 1
    assert newest(listed).key_id == made.key_id != before.key_id
    assert copies.told_by(before) == {VALID}  # what the old key signed can still be checked


def test_what_a_lost_key_signed_is_replaced_and_no_more_served_nor_believed(copies: Copies, listed: StatusList) -> None:
    sign_due()
    age(listed, timedelta(minutes=5))
    suspend(copies)
    sign_due()
    before = newest(listed)
    declare_lost(key_id=before.key_id, by=SYSTEM)
    assert sign_due() == 1
    assert Token.objects.exclude(key_id=newest(listed).key_id).count() == 0
    assert token_at(listed, before.issued_at - timedelta(minutes=1)) is None
    with pytest.raises(FormatProblem, match=r"jose\.key_unknown"):
        read_token(before, listed.uri)


def test_the_token_of_a_past_instant_is_the_one_that_was_served_then(copies: Copies, listed: StatusList) -> None:
    sign_due()
    age(listed, timedelta(minutes=10))
    suspend(copies)
    sign_due()
    now = newest(listed).issued_at
    second_before, first = now - timedelta(seconds=1), now - timedelta(hours=1)
    assert token_at(listed, first) is None
    before, there = token_at(listed, second_before), token_at(listed, now)
    assert before is not None
    assert there is not None
    assert (copies.told_by(before), copies.told_by(there)) == ({VALID}, {SUSPENDED})


def test_a_token_past_its_end_says_nothing_of_a_later_instant(listed: StatusList) -> None:
    sign_due()
    age(listed, LIFETIME + timedelta(hours=1))
    assert token_at(listed, timezone.now()) is None


def test_missing_chunks_say_valid_and_the_last_one_is_cut(listed: StatusList) -> None:
    Chunk.objects.create(list=listed, number=2, packed=b"\x01" + bytes(CHUNK_BYTES - 1))
    content = packed(listed)
    assert len(content) == listed.size // 4
    assert content[2 * CHUNK_BYTES] == 1
    assert not any(content[: 2 * CHUNK_BYTES])


def test_a_list_that_has_expired_is_not_signed(listed: StatusList) -> None:
    StatusList.objects.update(closed_at=timezone.now(), expired_at=timezone.now())
    assert not sign_list(listed.pk, signer(Use.STATUS))
    assert sign_due() == 0
    assert newest_token(listed) is None


@committed
def test_a_change_in_the_middle_of_signing_is_in_the_next_token(
    copies: Copies, listed: StatusList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the chunks and keeping the token another connection works a change in."""
    from yizhengtong.credentials.status import signing

    sign_due()
    age(listed)
    withdraw(copies.permit, copies.references[:1])
    work_in()
    real: Callable[..., Any] = signing.packed

    def packed_slowly(of: StatusList) -> bytes:
        content: bytes = real(of)
        monkeypatch.setattr(signing, "packed", real)
        at_once([[lambda: withdraw(copies.permit, copies.references[1:])]])
        return content

    monkeypatch.setattr(signing, "packed", packed_slowly)
    at_once([[sign_due, _work_in_when_noted]])
    assert StatusList.objects.get().dirty_since is not None
    age(listed, timedelta(seconds=2))
    sign_due()
    assert copies.told == {INVALID}


def _work_in_when_noted() -> None:
    """It waits for the list, which is being signed, and then says that it has changed."""
    for _ in range(500):
        if Change.objects.exists():
            break
        connection.cursor().execute("SELECT pg_sleep(0.02)")
    work_in()


@committed
def test_changes_from_many_sides_at_once_are_all_there(copies: Copies) -> None:
    """Each change its own transaction, all of one permit's places in the same chunks."""
    acts = [partial(_withdraw_and_work_in, copies, each) for each in copies.references]
    at_once([acts[:5], acts[5:]])
    work_in()
    sign_due()
    assert copies.told == copies.values == {INVALID}


def _withdraw_and_work_in(copies: Copies, reference: Any) -> None:
    with transaction.atomic():
        withdraw(copies.permit, [reference])
    work_in()
