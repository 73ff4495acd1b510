"""The client and the load generator: what they understand, and that they end by themselves."""

import time

import pytest

from benchmarks.load import Plan, run
from benchmarks.wire import Connection, WrongAnswer


def plan(port: int, **given: object) -> Plan:
    bounds = {"count": 20, "seconds": 5.0, "concurrency": 2, "path": "/empty", **given}
    return Plan(port=port, known="", pictures="", first=0, **bounds)  # type: ignore[arg-type]


def test_a_run_ends_after_so_many_requests(answering_port: int) -> None:
    outcome = run(plan(answering_port, count=20))
    assert len(outcome.milliseconds["read"]) == 20
    assert outcome.problems == []


def test_a_run_ends_after_its_time_however_many_are_left(answering_port: int) -> None:
    begun = time.monotonic()
    outcome = run(plan(answering_port, count=10_000_000, seconds=0.2))
    assert 0 < len(outcome.milliseconds["read"]) < 10_000_000
    assert time.monotonic() - begun < 60


def test_a_run_tells_its_own_time_and_its_own_cpu(answering_port: int) -> None:
    outcome = run(plan(answering_port, count=200))
    assert outcome.seconds > 0
    assert outcome.cpu_seconds > 0
    assert outcome.queries["read"] == [3.0] * 200


def test_answers_with_a_length_and_in_chunks_are_read_over_one_connection(answering_port: int) -> None:
    connection = Connection(answering_port)
    assert connection.get("/empty").etag == '"7"'
    assert connection.get("/chunked").json() == {"n": 1}
    assert connection.get("/empty").json() == {}
    connection.close()


def test_an_upload_holds_the_file_and_its_fields(answering_port: int) -> None:
    connection = Connection(answering_port)
    answer = connection.upload("/papers", b"x" * 5000, kind="photo")
    assert answer.status == 201
    assert answer.json()["length"] > 5000
    connection.close()


def test_a_refusal_is_told_by_status_and_code_alone(answering_port: int) -> None:
    connection = Connection(answering_port)
    with pytest.raises(WrongAnswer, match=r"^GET /refused: 409 casework\.slot_full $") as refused:
        connection.get("/refused?search=secret")
    assert "secret" not in str(refused.value)
    connection.close()


def test_nobody_listening_is_an_error_not_a_hang() -> None:
    with pytest.raises(OSError, match="refused"):
        Connection(1).get("/empty")
