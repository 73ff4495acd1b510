"""The receiver kit: what is signed, fresh and whole is kept once and on the disk; everything else gets a problem."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yizhengtong.foundation.exchange.envelopes import CONTENT_TYPE, MOST_BYTES, Envelope, read, type_of, write
from yizhengtong.foundation.exchange.keys import SigningKey, new_signing_key, public_key
from yizhengtong.foundation.exchange.receiver.serving import ReceivingServer
from yizhengtong.foundation.exchange.receiver.store import Store, Taken
from yizhengtong.foundation.exchange.receiver.taking import WORDS, Receiver, Refused, Request
from yizhengtong.foundation.exchange.signatures import Message, content_digest, sign, target_uri

NOW = 1_780_000_000
URL = "https://platform.example/events"
KEY = new_signing_key()
_TREE = Path(__file__).resolve().parents[4]


def event(number: int = 1, *, person: str = "p1", identity: str | None = None) -> bytes:
    envelope = Envelope(
        id=identity or f"event-{number}",
        source="urn:yizhengtong:370100",
        type=type_of("permit", "issued"),
        subject="pmt_1",
        time=datetime(2026, 9, 18, tzinfo=UTC),
        dataschema="urn:yizhengtong:schema:permit-event:1",
        sequence=f"{number:020d}",
        partitionkey=person,
    )
    return write(envelope, {"number": number}).encode()


def signed(body: bytes, *, key: SigningKey = KEY, created: int = NOW, url: str = URL, nonce: str = "n") -> Request:
    headers = {
        "content-type": CONTENT_TYPE,
        "content-length": str(len(body)),
        "content-digest": content_digest(body),
    }
    message = Message("POST", target_uri(url), headers)
    made = sign(message, key, created=created, nonce=nonce)
    return Request("POST", "/events", {**headers, **{name.lower(): text for name, text in made.items()}}, body)


def changed(request: Request, body: bytes | None = None, **headers: Any) -> Request:
    told = {**request.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return Request(request.method, request.target, told, request.body if body is None else body)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = Store(tmp_path / "events.sqlite")
    yield kept
    kept.close()


def receiver(store: Store, *, now: float = NOW, url: str = URL, key: SigningKey = KEY) -> Receiver:
    return Receiver(url=url, keys={key.id: public_key(key.public_jwk())}, store=store, now=lambda: now)


def refusal(store: Store, request: Request, *, now: float = NOW) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        receiver(store, now=now).take(request)
    assert list(store.events()) == []
    return refused.value.status, refused.value.code


def test_a_signed_event_is_kept_with_its_body_as_it_came(store: Store) -> None:
    taken, found = receiver(store).take(signed(event(1)))
    (kept,) = store.events()
    assert (taken, found["id"], kept.body, kept.came) == (Taken.NEW, "event-1", event(1), 1)


def test_the_same_event_again_is_acknowledged_and_kept_once(store: Store) -> None:
    receiver(store).take(signed(event(1)))
    assert receiver(store).take(signed(event(1), nonce="other"))[0] == Taken.KNOWN
    assert receiver(store).take(signed(event(1)))[0] == Taken.KNOWN
    assert [kept.came for kept in store.events()] == [3]


def test_another_content_under_a_known_id_is_refused_and_changes_nothing(store: Store) -> None:
    receiver(store).take(signed(event(1)))
    with pytest.raises(Refused) as refused:
        receiver(store).take(signed(event(2, identity="event-1")))
    assert (refused.value.status, refused.value.code) == (409, "exchange.other_content")
    assert [kept.body for kept in store.events()] == [event(1)]


def test_a_body_that_was_exchanged_is_refused(store: Store) -> None:
    assert refusal(store, changed(signed(event(1)), event(2))) == (400, "exchange.digest_wrong")


def test_a_body_exchanged_with_its_digest_is_refused(store: Store) -> None:
    forged = changed(signed(event(1)), event(2), content_digest=content_digest(event(2)))
    assert refusal(store, forged) == (401, "exchange.signature_wrong")


def test_what_is_signed_for_another_address_is_refused(store: Store) -> None:
    elsewhere = signed(event(1), url="https://other.example/events")
    assert refusal(store, elsewhere) == (401, "exchange.signature_wrong")


def test_a_strangers_key_is_refused(store: Store) -> None:
    assert refusal(store, signed(event(1), key=new_signing_key())) == (401, "exchange.key_unknown")


@pytest.mark.parametrize("now", [NOW - 31, NOW + 331])
def test_what_is_too_old_or_of_the_future_is_refused(store: Store, now: int) -> None:
    assert refusal(store, signed(event(1)), now=now) == (401, "exchange.stale")


def test_a_request_kept_back_and_sent_later_is_refused_though_it_was_once_right(store: Store) -> None:
    request = signed(event(1))
    receiver(store).take(request)
    with pytest.raises(Refused, match=r"exchange\.stale"):
        receiver(store, now=NOW + 3600).take(request)


@pytest.mark.parametrize("header", ["signature", "signature-input"])
def test_a_request_without_signature_is_refused(store: Store, header: str) -> None:
    assert refusal(store, changed(signed(event(1)), None, **{header: ""})) == (401, "exchange.signature_missing")


@pytest.mark.parametrize("text", ["application/json", "", "application/cloudevents+json; charset=gbk", "text/plain"])
def test_another_content_type_is_refused(store: Store, text: str) -> None:
    assert refusal(store, changed(signed(event(1)), content_type=text)) == (415, "exchange.media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"specversion": "0.3", "id": "1", "source": "a", "type": "b"}',
        b'{"specversion": "1.0", "id": "", "source": "a", "type": "b"}',
        b'{"specversion": "1.0", "id": 1, "source": "a", "type": "b"}',
        b'{"specversion": "1.0", "id": "1", "source": "a", "type": "b", "id": "2"}',
        b'{"specversion": "1.0", "id": "1", "source": "a", "type": "b", "Subject": "c"}',
        b'{"specversion": "1.0", "id": "1", "source": "a", "type": "b", "subject": 3}',
        b'{"specversion": "1.0", "id": "\\ud800", "source": "a", "type": "b"}',
        b'{"specversion": "1.0", "id": "1\\n2", "source": "a", "type": "b"}',
        b"[" * 60_000,
    ],
)
def test_what_is_no_cloudevent_is_refused_though_it_is_signed(store: Store, body: bytes) -> None:
    assert refusal(store, signed(body)) == (400, "exchange.not_an_event")


def test_a_store_that_fails_asks_to_try_again_and_acknowledges_nothing(store: Store) -> None:
    store._connection.execute("DROP TABLE event")
    with pytest.raises(Refused) as refused:
        receiver(store).take(signed(event(1)))
    assert (refused.value.status, refused.value.code) == (503, "exchange.store_failed")


def test_a_full_disk_rolls_back_and_the_event_can_come_again(store: Store) -> None:
    store._connection.execute(f"PRAGMA max_page_count = {store._connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(Refused, match=r"exchange\.store_failed"):
        _fill(store)
    before = len(list(store.events()))
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert receiver(store).take(signed(event(5000)))[0] == Taken.NEW
    assert len(list(store.events())) == before + 1


def _fill(store: Store) -> None:
    for number in range(2000):
        receiver(store).take(signed(event(number)))


def test_every_refusal_has_words_and_none_tells_anything_of_the_event() -> None:
    for code in WORDS:
        problem = Refused(400, code).problem
        assert problem.keys() == {"type", "title", "status", "code"}


def test_the_file_is_for_its_owner_and_survives_being_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    first = Store(path)
    receiver(first).take(signed(event(1)))
    first.close()
    assert path.stat().st_mode & 0o077 == 0
    second = Store(path)
    assert receiver(second).take(signed(event(1)))[0] == Taken.KNOWN
    second.close()


def test_a_commit_waits_for_the_disk(store: Store) -> None:
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_events_out_of_order_are_counted_per_person(store: Store) -> None:
    for number, person in ((1, "a"), (5, "b"), (2, "a"), (4, "b"), (3, "a")):
        receiver(store).take(signed(event(number, person=person)))
    assert store.out_of_order() == 1


RIGHT = signed(event(1))
PLACES = [*RIGHT.headers, "body", "method"]


@settings(max_examples=300)
@given(place=st.sampled_from(PLACES), at=st.integers(0, 10_000), letter=st.characters(codec="ascii"))
def test_no_change_of_one_letter_is_taken(tmp_path_factory: Any, place: str, at: int, letter: str) -> None:
    store = _shared(tmp_path_factory)
    request = _with_letter(RIGHT, place, at, letter)
    if request == RIGHT or _means_the_same(request):
        return
    with pytest.raises(Refused):
        receiver(store).take(request)
    assert list(store.events()) == []


_stores: dict[str, Store] = {}


def _shared(factory: Any) -> Store:
    if "one" not in _stores:
        _stores["one"] = Store(factory.mktemp("receiver") / "events.sqlite")
    return _stores["one"]


def _means_the_same(request: Request) -> bool:
    """Whether only the case of the content type, or spaces around, were changed."""
    told, right = request.headers, RIGHT.headers
    if request.body != RIGHT.body or request.method != RIGHT.method:
        return False
    different = {name for name in right if told[name] != right[name]}
    return different == {"content-type"} and told["content-type"].strip().lower() == right["content-type"]


def _with_letter(request: Request, place: str, at: int, letter: str) -> Request:
    if place == "body":
        at %= len(request.body)
        return changed(request, request.body[:at] + letter.encode() + request.body[at + 1 :])
    text = request.method if place == "method" else request.headers[place]
    at %= len(text)
    text = text[:at] + letter + text[at + 1 :]
    if place == "method":
        return Request(text, request.target, request.headers, request.body)
    return changed(request, None, **{place: text})


@given(st.binary(max_size=300))
def test_whatever_comes_is_an_event_or_refused(body: bytes) -> None:
    try:
        event = read(body)
    except ValueError:
        return  # nothing else may be raised
    assert event["specversion"] == "1.0"


class Served:
    """A receiver that serves in a thread."""

    def __init__(self, store: Store) -> None:
        self.said: list[str] = []
        self.server = ReceivingServer(0, receiver(store), self.said.append)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers["Content-Type"], json.loads(content) if content else None

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def served(store: Store) -> Iterator[Served]:
    found = Served(store)
    yield found
    found.end()


def test_over_http_an_event_is_stored_then_known_then_refused_with_a_problem(served: Served) -> None:
    request = signed(event(1))
    assert served.ask("POST", "/events", request.body, request.headers)[:2] == (201, "application/json")
    assert served.ask("POST", "/events", request.body, request.headers)[0] == 200
    status, content_type, problem = served.ask("POST", "/events", b"{}", {**request.headers, "content-length": "2"})
    assert (status, content_type) == (401, "application/problem+json")
    assert (problem["code"], problem["status"], problem["type"]) == ("exchange.signature_wrong", 401, "about:blank")


def test_over_http_other_paths_methods_and_sizes_are_refused(served: Served) -> None:
    request = signed(event(1))
    assert served.ask("POST", "/other", request.body, request.headers)[0] == 404
    assert served.ask("POST", "/events?x=1", request.body, request.headers)[0] == 404
    assert served.ask("GET", "/events")[0] == 405
    assert served.ask("POST", "/events", b"", {"content-length": str(MOST_BYTES + 1)})[0] == 413
    assert served.ask("POST", "/events", b"", {"content-length": "-1"})[0] == 411
    assert served.ask("POST", "/events", b"", {"content-length": "9" * 5000})[0] == 413
    assert served.ask("POST", "/events", b"", {"transfer-encoding": "chunked", "content-length": "1"})[0] == 411


def test_a_header_that_stands_twice_is_not_what_was_signed(served: Served) -> None:
    request = signed(event(1))
    lines = [f"{name}: {text}" for name, text in request.headers.items()]
    head = "\r\n".join(["POST /events HTTP/1.1", "Host: x", *lines, "Content-Type: text/plain", "", ""])
    with socket.create_connection(("127.0.0.1", served.server.port), timeout=10) as raw:
        raw.sendall(head.encode() + request.body)
        assert raw.recv(64).startswith(b"HTTP/1.1 415")


def test_what_the_receiver_says_holds_no_data(served: Served) -> None:
    request = signed(event(1))
    served.ask("POST", "/events", request.body, request.headers)
    assert served.said == [f"stored cn.yizhengtong.permit.issued.v1 event-1 {1:020d}"]


def start_program(folder: Path, port: int) -> "subprocess.Popen[str]":
    (folder / "keys.json").write_text(json.dumps({"keys": [KEY.public_jwk()]}))
    found = subprocess.Popen(
        [
            sys.executable, "-m", "yizhengtong.foundation.exchange.receiver", "--port", str(port),
            "--keys", str(folder / "keys.json"), "--store", str(folder / "events.sqlite"),
        ],
        cwd=_TREE, env={**os.environ, "PYTHONPATH": str(_TREE)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert found.stdout is not None
    assert "receiving at" in found.stdout.readline()
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def test_what_was_acknowledged_before_a_kill_is_there_after_the_restart(tmp_path: Path) -> None:
    port, acknowledged = free_port(), []
    for round_number in range(3):
        program = start_program(tmp_path, port)
        try:
            for number in range(round_number * 10, round_number * 10 + 10):
                if _pushed(port, number):
                    acknowledged.append(f"event-{number}")
                if number % 10 == 7:
                    os.kill(program.pid, signal.SIGKILL)
        finally:
            program.kill()
            program.wait()
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        kept = {row[0] for row in connection.execute("SELECT id FROM event")}
    assert set(acknowledged) <= kept
    assert len(acknowledged) >= 24


def _pushed(port: int, number: int) -> bool:
    url = f"http://127.0.0.1:{port}/events"
    request = signed(event(number), url=url, created=int(time.time()))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/events", request.body, dict(request.headers))
        return connection.getresponse().status in {200, 201}
    except OSError:
        return False
    finally:
        connection.close()


def test_the_program_ends_when_told_and_shows_what_it_kept(tmp_path: Path) -> None:
    port = free_port()
    program = start_program(tmp_path, port)
    assert _pushed(port, 1)
    program.terminate()
    assert program.wait(timeout=30) == 0
    shown = subprocess.run(
        [sys.executable, "-m", "yizhengtong.foundation.exchange.receiver", "--store",
         str(tmp_path / "events.sqlite"), "--show"],
        cwd=_TREE, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(_TREE)},
    )  # fmt: skip
    assert "1x cn.yizhengtong.permit.issued.v1 pmt_1" in shown.stdout
    assert "out of order: 0" in shown.stdout
    assert '"number"' not in shown.stdout


def test_the_receiver_needs_no_django(tmp_path: Path) -> None:
    asked = (
        "import sys; import yizhengtong.foundation.exchange.receiver.__main__; "
        "print(sorted(name for name in sys.modules if name.split('.')[0] in {'django', 'psycopg', 'pydantic', 'yaml'}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=_TREE, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(_TREE)},
    )  # fmt: skip
    assert found.stdout.strip() == "[]"
