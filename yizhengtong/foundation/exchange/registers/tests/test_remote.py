"""Registers that are asked elsewhere: what is sent, what is taken for an answer, when they are left alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from yizhengtong.foundation.exchange.keys import new_signing_key
from yizhengtong.foundation.exchange.registers import remote as module
from yizhengtong.foundation.exchange.registers.contract import Death, Kind, Result
from yizhengtong.foundation.exchange.registers.messages import question_body, signed_headers
from yizhengtong.foundation.exchange.registers.remote import RemoteRegister
from yizhengtong.foundation.exchange.registers.tests.ground import (
    KEY,
    a_file,
    number,
    question,
    remote,
    served,
)
from yizhengtong.foundation.exchange.rules import FAILURES_TO_OPEN
from yizhengtong.kernel.outbound import Service

ASKED = question(Kind.DEATH, 1)
Reply = Callable[[dict[str, Any]], tuple[int, bytes]]


class Elsewhere(ThreadingHTTPServer):
    """A register of somebody else, who answers as told and keeps what came."""

    daemon_threads = True

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply, self.came = reply, list[tuple[str, str, bytes]]()


class _Handler(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, str(self.headers), body))
        status, content = self.server.reply(json.loads(body))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 its signature
        pass


@contextmanager
def answering(reply: Reply) -> Iterator[tuple[Elsewhere, RemoteRegister]]:
    server = Elsewhere(reply)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server, remote(f"http://127.0.0.1:{server.server_address[1]}/registers/death", Kind.DEATH)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def found(asked: dict[str, Any], **changes: Any) -> tuple[int, bytes]:
    content = {
        "id": asked["id"], "result": "found", "register": "deaths", "as_of": "2026-09-17",
        "facts": [{"died_on": "2026-09-01"}], **changes,
    }  # fmt: skip
    return 200, json.dumps(content).encode()


def test_the_number_travels_in_the_body_alone() -> None:
    with answering(found) as (server, register):
        assert register.ask(ASKED).facts == ({"died_on": date(2026, 9, 1)},)
    ((path, headers, body),) = server.came
    assert number(1).text.encode() in body
    assert number(1).text not in path + headers
    assert set(json.loads(body)) == {"id", "kind", "numbers", "on", "purpose", "asks"}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "another"},
        {"result": "perhaps"},
        {"result": "unavailable"},
        {"result": "not_found"},
        {"facts": []},
        {"facts": [{"died_on": "2026-09-01", "name": "王小明"}]},
        {"facts": [{}]},
        {"facts": [{"died_on": "yesterday"}]},
        {"facts": [{"died_on": "2026-09-01"}] * 101},
        {"facts": {"died_on": "2026-09-01"}},
        {"as_of": None},
        {"as_of": "today"},
        {"register": ""},
        {"name": "王小明"},
    ],
)
def test_an_answer_that_is_not_to_the_contract_is_none(changes: dict[str, Any]) -> None:
    with answering(lambda asked: found(asked, **changes)) as (server, register):
        assert register.ask(ASKED).result == Result.UNAVAILABLE
    assert len(server.came) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"\xff"])
def test_what_is_no_answer_at_all_is_none(content: bytes) -> None:
    with answering(lambda _: (200, content)) as (_, register):
        assert register.ask(ASKED).result == Result.UNAVAILABLE


@pytest.mark.parametrize(("status", "times"), [(500, 2), (503, 2), (429, 2), (400, 1), (401, 1), (404, 1), (302, 1)])
def test_what_may_come_right_is_tried_once_more(status: int, times: int) -> None:
    with answering(lambda _: (status, b"{}")) as (server, register):
        assert register.ask(ASKED).result == Result.UNAVAILABLE
    assert len(server.came) == times


def test_the_second_try_counts_and_is_signed_anew() -> None:
    statuses = iter([503, 200])

    def reply(asked: dict[str, Any]) -> tuple[int, bytes]:
        return found(asked) if next(statuses) == 200 else (503, b"")

    with answering(reply) as (server, register):
        assert register.ask(ASKED).result == Result.FOUND
    (_, first, one), (_, second, other) = server.came
    assert one == other
    assert first != second


def test_after_failures_in_a_row_a_service_is_left_alone_and_then_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    is_well = False

    def reply(asked: dict[str, Any]) -> tuple[int, bytes]:
        return found(asked) if is_well else (400, b"")

    with answering(reply) as (server, register):
        for _ in range(FAILURES_TO_OPEN + 3):
            assert register.ask(ASKED).result == Result.UNAVAILABLE
        assert len(server.came) == FAILURES_TO_OPEN
        is_well, now = True, now + 3600
        assert register.ask(ASKED).result == Result.FOUND
        assert register.ask(ASKED).result == Result.FOUND
        assert len(server.came) == FAILURES_TO_OPEN + 2


def test_a_service_that_is_not_there_is_no_answer() -> None:
    with answering(found) as (server, _):
        port = server.server_address[1]
    assert remote(f"http://127.0.0.1:{port}/x", Kind.DEATH).ask(ASKED).result == Result.UNAVAILABLE


def test_an_address_must_be_encrypted() -> None:
    with pytest.raises(ValueError, match="https"):
        remote("http://registers.example/death", Kind.DEATH)


# ---- the reference server ----


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with served(a_file(tmp_path, Kind.DEATH, [(1, Death(date(2026, 9, 1)))])) as server:
        yield server.address_of(Kind.DEATH)


def ask(address: str, body: bytes, *, signed: bytes | None = None, path: str = "", **headers: str) -> tuple[int, str]:
    import time

    made = signed_headers(address, body if signed is None else signed, KEY, created=int(time.time()), nonce="n")
    made["Content-Length"] = str(len(body))
    answer = Service(address, timeout_seconds=30).ask("POST", path, body, {**made, **headers})
    return answer.status, json.loads(answer.body).get("code", "")


def test_the_reference_server_takes_no_question_twice(address: str) -> None:
    body = question_body("q", ASKED)
    assert ask(address, body) == (200, "")
    assert ask(address, body)[0] in {200, 409}  # another second, another signature
    import time

    headers = signed_headers(address, body, KEY, created=int(time.time()), nonce="again")
    service = Service(address, timeout_seconds=30)
    assert [service.ask("POST", "", body, headers).status for _ in range(2)] == [200, 409]


def test_the_reference_server_takes_signed_questions_only(address: str) -> None:
    body = question_body("q", ASKED)
    other = question_body("q", question(Kind.DEATH, 2))
    assert ask(address, other, signed=body)[0] == 401
    assert ask(address, body, Signature="")[1] == "exchange.signature_missing"
    stranger = RemoteRegister(address, Kind.DEATH, new_signing_key(), timeout_seconds=30)
    assert stranger.ask(ASKED).result == Result.UNAVAILABLE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", "registers.not_a_question"),
        (b"[", "registers.not_a_question"),
        (question_body("q", question(Kind.LEASE, 1)), "registers.other_kind"),
    ],
)
def test_the_reference_server_refuses_what_is_no_question(address: str, body: bytes, code: str) -> None:
    assert ask(address, body) == (400, code)
    assert ask(address, body, path="/x")[1] == "registers.not_here"
