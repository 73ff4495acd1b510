"""What the figures of `recognition` are made of: turns kept, pushes counted from their turn, and an honest limit."""

import json
import time
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.converting import write_list
from benchmarks.limits.handing import Handing
from benchmarks.pace import Outcome, Sent, _send
from benchmarks.recognition import Bulk, Size, Taken, _ensure_received_once, figures
from yizhengtong.foundation.exchange.keys import new_signing_key, public_keys
from yizhengtong.foundation.exchange.receiver.serving import ReceivingServer
from yizhengtong.foundation.exchange.receiver.store import Store
from yizhengtong.foundation.exchange.receiver.taking import Receiver


def test_what_comes_late_is_counted_from_its_turn_and_holds_nobody_up() -> None:
    def slow() -> Sent:
        time.sleep(0.3)
        return Sent(0.0, time.time())

    outcome = Outcome()
    _send([slow] * 5, 50.0, outcome)
    turns = sorted(each["due_at"] for each in outcome.sent)
    assert [round(later - first, 6) for first, later in pairwise(turns)] == [0.02] * 4
    assert all(each["answered_at"] - each["due_at"] >= 0.3 for each in outcome.sent)


def test_a_submission_that_fails_is_a_problem_and_no_sample() -> None:
    def fail() -> Sent:
        raise OSError("away")

    outcome = Outcome()
    _send([fail], 10.0, outcome)
    assert (outcome.sent, outcome.problems) == ([], ["OSError: away"])


def test_both_targets_come_first_each_beside_its_limit() -> None:
    taken = Taken([0.1] * 20, [0.2] * 18 + [1.5, 1.5], [0.01] * 20, {"web": [30.0], "worker": [20.0]}, [5.0])
    first, second, *_ = figures(taken, Bulk([40.0, 60.0, 80.0], [90.0], [1000.0], {"process": [8.0]}))
    assert (first.name, first.value, first.limit, first.is_on_target) == ("p95_seconds", 1.5, 0.01, False)
    assert (second.name, second.value, second.ratio, second.is_on_target) == (
        "conversions_per_second",
        60.0,
        0.06,
        True,
    )


def test_every_holder_is_used_once() -> None:
    assert Size(seconds=10, lines=100, rounds=2).holders == 40 + 2 * (100 + 100)


def test_the_limit_hands_over_a_signed_event_that_the_receiver_takes(tmp_path: Path, answering_port: int) -> None:
    key, store = new_signing_key(), Store(tmp_path / "received")
    keys = public_keys(json.dumps({"keys": [key.public_jwk()]}))
    receiver = Receiver(url="http://127.0.0.1:1/events", keys=keys, store=store, now=time.time)
    with ReceivingServer(0, receiver, lambda _line: None) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"http://127.0.0.1:{server.port}/events"
        receiver.url = url
        Handing(answering_port, url, key.secret()).hand_over()
        with pytest.raises(RuntimeError, match="401"):
            Handing(answering_port, url, new_signing_key().secret()).hand_over()
        server.shutdown()
    assert [event.type for event in store.events()] == ["cn.yizhengtong.permit.issued.v1"]
    store.close()


def test_an_issue_that_came_twice_or_never_is_no_figure(tmp_path: Path) -> None:
    store = Store(tmp_path / "received")
    event = {"source": "s", "id": "1", "type": "cn.yizhengtong.permit.issued.v1", "subject": "pmt_1"}
    store.take(event, b"{}", key_id="k", now=0.0)
    _ensure_received_once(tmp_path / "received", ["pmt_1"])
    with pytest.raises(RuntimeError, match="1 of 2"):
        _ensure_received_once(tmp_path / "received", ["pmt_1", "pmt_2"])
    store.take(event, b"{}", key_id="k", now=0.0)
    with pytest.raises(RuntimeError, match="1 of 1"):
        _ensure_received_once(tmp_path / "received", ["pmt_1"])
    store.close()


def test_a_list_names_its_holders_a_line_each(tmp_path: Path) -> None:
    path = write_list(
        tmp_path / "list.csv", [{"number": "1", "name": "甲"}, {"number": "2", "name": "乙"}], "2026-11-21"
    )
    assert [line.split(",")[:2] for line in path.read_text("utf-8-sig").splitlines()[1:]] == [["1", "甲"], ["2", "乙"]]
