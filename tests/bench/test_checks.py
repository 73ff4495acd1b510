"""The bench of checks: a file counts when it is done, every row of it rightly."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.checks import done_per_second
from benchmarks.wire import Connection, WrongAnswer
from tests.bench.answering import Answering, answering

GOOD = "2,,yes,yes,yes,yes,valid,2026-09-18T08:00:00+08:00,yes,,chk_1\r\n"
WANTED: dict[str, Any] = {
    "purpose": "bank",
    "known": [{"number": f"8100001990010{i}", "name": "王", "birth_date": "1990-01-01"} for i in range(3)],
}  # fmt: skip


class _Bulk(Answering):
    ends, results, asked = "done", GOOD * 3, 0

    def post(self) -> None:
        _Bulk.asked = self.received().count("王".encode())
        self._answer({"id": "blk_1", "state": "running", "rows": 3, "done": 0})

    def get(self) -> None:
        if self.path.endswith("/results"):
            self.send(self.results.encode())
        else:
            self._answer({"id": "blk_1", "state": self.ends, "rows": 3, "done": 3})

    def _answer(self, told: object) -> None:
        self.send(json.dumps(told).encode())


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A server that has done a file by the time it is asked again."""
    with answering(_Bulk) as port:
        yield Connection(port)


def test_all_who_are_known_are_sent_and_each_is_answered(connection: Connection) -> None:
    assert 0 < done_per_second(connection, WANTED) < 3 / 0.2
    assert _Bulk.asked == 3


@pytest.mark.parametrize(
    ("ends", "results", "why"),
    [("stopped", GOOD * 3, "stopped"), ("done", GOOD * 2 + GOOD.replace("valid", "ended"), "not every row")],
)
def test_a_file_that_is_stopped_or_answered_wrongly_is_no_figure(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, ends: str, results: str, why: str
) -> None:
    monkeypatch.setattr(_Bulk, "ends", ends)
    monkeypatch.setattr(_Bulk, "results", results)
    with pytest.raises(WrongAnswer, match=why):
        done_per_second(connection, WANTED)
