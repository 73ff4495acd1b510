"""RFC 9562, version 7: ids of one process grow strictly, and nobody guesses the next one."""

import os
import signal
import threading
import time
from itertools import pairwise
from unittest import mock
from uuid import RFC_4122, UUID

import pytest

from yizhengtong.kernel import ids
from yizhengtong.kernel.ids import new_id

MILLISECOND = 1_000_000
THREADS, EACH = 4, 1_000


def milliseconds(key: UUID) -> int:
    return key.int >> 80


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> ids._Ticks:
    """As in a process that has made no id yet."""
    monkeypatch.setattr(ids, "_ticks", ids._Ticks())
    return ids._ticks


def at(nanoseconds: int) -> UUID:
    with mock.patch.object(time, "time_ns", return_value=nanoseconds):
        return new_id()


def test_an_id_is_of_version_7_and_carries_the_millisecond_it_was_made_in(ticks: ids._Ticks) -> None:
    key = at(1_790_000_000_123 * MILLISECOND + 999_999)
    assert (key.version, key.variant) == (7, RFC_4122)
    assert milliseconds(key) == 1_790_000_000_123


def test_ten_thousand_in_a_row_grow_strictly() -> None:
    keys = [new_id() for _ in range(10_000)]
    assert all(one < other for one, other in pairwise(keys))


def test_ids_of_one_millisecond_grow_and_run_on_into_the_next_when_it_is_full(ticks: ids._Ticks) -> None:
    now = 1_790_000_000_000
    keys = [at(now * MILLISECOND) for _ in range(5_000)]
    assert all(one < other for one, other in pairwise(keys))
    assert {milliseconds(key) for key in keys[:2048]} == {now}
    assert {milliseconds(key) for key in keys} == {now, now + 1}
    assert {(key.version, key.variant) for key in keys} == {(7, RFC_4122)}


@pytest.mark.parametrize("back_ms", [1, 1_000, 60_000])
def test_they_go_on_growing_when_the_clock_steps_back_and_follow_it_again_when_it_has_caught_up(
    ticks: ids._Ticks, back_ms: int
) -> None:
    now = 1_790_000_000_000
    keys = [at((now + each) * MILLISECOND) for each in (0, -back_ms, 1 - back_ms, 0, 1)]
    assert all(one < other for one, other in pairwise(keys))
    assert [milliseconds(key) - now for key in keys] == [0, 0, 0, 0, 1]


def test_they_follow_a_clock_that_was_far_ahead_and_is_put_right(ticks: ids._Ticks) -> None:
    now = 1_790_000_000_000
    assert [milliseconds(at((now + each) * MILLISECOND)) - now for each in (60_001, 0, 1)] == [60_001, 0, 1]


class Yielding(int):
    """A number that lets another thread run between its being read and the next one's being written."""

    def __add__(self, other: int) -> "Yielding":
        time.sleep(0)
        return Yielding(int(self) + other)


def test_threads_share_no_id_and_each_one_sees_its_own_grow(ticks: ids._Ticks) -> None:
    ticks._last = Yielding(time.time_ns() // MILLISECOND + 50_000 << 12)
    made: list[list[UUID]] = [[] for _ in range(THREADS)]
    gate = threading.Barrier(THREADS)

    def make(own: list[UUID]) -> None:
        gate.wait()
        own.extend(new_id() for _ in range(EACH))

    threads = [threading.Thread(target=make, args=(own,)) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one < other for own in made for one, other in pairwise(own))
    counted = {key.int >> 64 for own in made for key in own}
    assert len(counted) == THREADS * EACH, "not even the time and count of two are the same"


def test_a_forked_process_makes_other_ids_also_when_a_thread_was_making_one_at_the_fork() -> None:
    before = new_id()
    reading, writing = os.pipe()
    with ids._ticks._lock:
        child = os.fork()
        if child == 0:  # pragma: no cover: another process
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(60)  # one that waits for the lock ends
            os.write(writing, new_id().bytes)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        made = UUID(bytes=pipe.read(16))
    assert os.waitpid(child, 0)[1] == 0
    assert made > before
    assert made != new_id()


def test_the_62_low_bits_and_where_the_count_starts_are_drawn_anew_each_time(ticks: ids._Ticks) -> None:
    drawn = [int.from_bytes(bytes(10)), int.from_bytes(b"\xff" * 10), 0x5A5 << 62 | 0x0123_4567_89AB_CDEF]
    with mock.patch.object(os, "urandom", side_effect=[each.to_bytes(10) for each in drawn]):
        keys = [at((1_790_000_000_000 + n) * MILLISECOND) for n in range(3)]
    low = (1 << 62) - 1
    assert [key.int & low for key in keys] == [each & low for each in drawn]
    assert [key.int >> 64 & 0xFFF for key in keys] == [0, 0x7FF, 0x5A5]


def test_no_low_bit_is_the_same_in_all_and_none_follows_from_the_id_before() -> None:
    keys = [new_id().int & (1 << 62) - 1 for _ in range(400)]
    for bit in range(62):
        assert {key >> bit & 1 for key in keys} == {0, 1}, bit
        assert {(one ^ other) >> bit & 1 for one, other in pairwise(keys)} == {0, 1}, bit
