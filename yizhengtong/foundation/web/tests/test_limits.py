"""Limits: how much a bucket holds, how it fills, whose it is, and that nothing but time empties its memory."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import RequestFactory

from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge, forget_full
from yizhengtong.foundation.web.models import Bucket
from yizhengtong.kernel.errors import TooMany

database = pytest.mark.django_db
LIMITS = {"few": (3, 60), "bytes": (1000, 100), "none": (0, 60)}
WANG, LI = Charge("few", "account:wang"), Charge("few", "account:li")


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.YZT_LIMITS = LIMITS


def is_let(*charges: Charge) -> bool:
    try:
        charge(charges)
    except TooMany:
        return False
    return True


def later(seconds: float) -> None:
    """Let time pass: everything kept moves into the past."""
    passed = timedelta(seconds=seconds)
    Bucket.objects.update(at=F("at") - passed, full_at=F("full_at") - passed)


@database
def test_a_bucket_holds_what_the_limit_says_and_not_one_more() -> None:
    assert [is_let(WANG) for _ in range(5)] == [True, True, True, False, False]


@database
def test_a_bucket_fills_evenly() -> None:
    for _ in range(3):
        charge([WANG])
    later(19)
    assert not is_let(WANG)
    later(1.5)
    assert is_let(WANG)
    assert not is_let(WANG)


@database
def test_a_full_bucket_holds_no_more_than_the_limit_however_long_it_waited() -> None:
    charge([WANG])
    later(86400)
    assert [is_let(WANG) for _ in range(4)] == [True, True, True, False]


@database
def test_the_wait_that_is_told_is_the_wait_that_is_needed() -> None:
    for _ in range(3):
        charge([WANG])
    with pytest.raises(TooMany) as refused:
        charge([WANG])
    wait = int(str(refused.value.facts["retry_after_seconds"]))
    assert wait == 20
    later(wait)
    assert is_let(WANG)


@database
def test_asking_in_vain_makes_nobody_wait_longer() -> None:
    for _ in range(50):
        is_let(WANG)
    later(20.1)
    assert is_let(WANG)


@database
def test_one_caller_and_one_limit_do_not_touch_another() -> None:
    for _ in range(4):
        is_let(WANG)
    assert is_let(LI)
    assert is_let(Charge("bytes", "account:wang"))


@database
def test_bytes_are_charged_by_their_number() -> None:
    assert is_let(Charge("bytes", "x", 900))
    assert not is_let(Charge("bytes", "x", 101))
    assert is_let(Charge("bytes", "x", 99))


@database
def test_more_than_a_bucket_holds_empties_it_once() -> None:
    assert is_let(Charge("bytes", "x", 5000))
    assert not is_let(Charge("bytes", "x", 1))
    later(100.1)
    assert is_let(Charge("bytes", "x", 1000))


@database
def test_several_limits_are_one_statement_and_the_emptier_decides(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        charge([WANG, Charge("bytes", "account:wang", 1000)])
    with django_assert_num_queries(1), pytest.raises(TooMany) as refused:
        charge([WANG, Charge("bytes", "account:wang", 500)])
    assert refused.value.facts == {"retry_after_seconds": 50}


@database
def test_a_limit_of_nothing_is_no_limit_and_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert all(is_let(Charge("none", "x")) for _ in range(9))


def test_a_limit_that_no_setting_names_is_a_defect() -> None:
    with pytest.raises(KeyError):
        charge([Charge("forgotten", "x")])


@database
def test_a_clock_that_steps_back_locks_nobody_out_for_longer_than_an_empty_bucket() -> None:
    for _ in range(4):
        is_let(WANG)
    later(-86400)
    with pytest.raises(TooMany) as refused:
        charge([WANG])
    assert refused.value.facts == {"retry_after_seconds": 20}


@database
def test_a_clock_that_steps_forward_gives_one_full_bucket_and_no_more() -> None:
    for _ in range(4):
        is_let(WANG)
    later(10 * 365 * 86400)
    assert [is_let(WANG) for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_and_process_finds_the_bucket_as_it_was() -> None:
    for _ in range(3):
        charge([WANG])
    connection.close()
    assert not is_let(WANG)


@pytest.mark.django_db(transaction=True)
def test_what_failed_has_counted() -> None:
    """The middleware charges before the request's transaction; what that one undoes is not the charge."""
    for _ in range(3):
        charge([WANG])
        with transaction.atomic():
            Bucket.objects.all().delete()
            transaction.set_rollback(True)
    assert not is_let(WANG)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_exactly_what_the_bucket_holds(settings: Any) -> None:
    settings.YZT_LIMITS = {"few": (7, 3600), "bytes": (10**9, 3600)}

    def ask(number: int) -> bool:
        both = [WANG, Charge("bytes", "account:wang")]
        try:
            return is_let(*(both if number % 2 else reversed(both)))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(40))) == 7


@database
def test_a_bucket_tells_a_thief_nothing_of_whose_it_is() -> None:
    charge([Charge("few", "address:203.0.113.7")])
    key = bytes(Bucket.objects.get().key)
    assert len(key) == 16
    assert b"203" not in key


@database
def test_full_buckets_are_forgotten_and_others_are_not() -> None:
    charge([WANG])
    later(21)
    charge([LI])
    assert forget_full() == 1
    assert Bucket.objects.count() == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen", "address"),
    [
        (0, "203.0.113.7", "127.0.0.1", "127.0.0.1"),  # no proxy of ours: what the client writes proves nothing
        (1, "203.0.113.7", "127.0.0.1", "203.0.113.7"),
        (1, "1.1.1.1, 203.0.113.7", "127.0.0.1", "203.0.113.7"),
        (2, "1.1.1.1, 203.0.113.7, 10.0.0.2", "127.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "127.0.0.1", "127.0.0.1"),
        (1, "", "127.0.0.1", "unknown"),
        (1, "a b\r\nX: y", "127.0.0.1", "unknown"),
        (1, "2001:db8:1:2:3::4", "127.0.0.1", "2001:db8:1:2::"),
        (1, "2001:db8:1:2:ffff::9", "127.0.0.1", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.7", "127.0.0.1", "203.0.113.7"),
        (0, "", "", "unknown"),
    ],
)
def test_the_address_is_the_one_our_own_proxies_saw(
    settings: Any, proxies: int, forwarded: str, seen: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=seen, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == address
