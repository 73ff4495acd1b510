"""The contract of device agents, against the simulator as a real server."""

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from yizhengtong.foundation.documents.checking import ContentKind, check_file
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.permitting.casework.devices.client import Agent
from yizhengtong.permitting.casework.devices.contract import (
    FINGERS,
    HEADER,
    READER,
    SCANNER,
    BrokenContract,
    Refused,
    read_document,
    read_fingerprint,
)
from yizhengtong.permitting.casework.devices.simulator import Simulator

ORIGIN = "https://permits.example"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    with Simulator(origin=ORIGIN, port=0, folder=tmp_path) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_agent_says_which_devices_it_has(simulator: Simulator) -> None:
    devices = Agent(ORIGIN, simulator.port).devices()
    assert [(device.kind, device.is_ready) for device in devices] == [(READER, True), (SCANNER, True)]


def test_a_document_read_names_a_number_that_is_well_formed(simulator: Simulator) -> None:
    document = Agent(ORIGIN, simulator.port).document()
    assert parse(DocumentKind(document.kind), document.number).text == document.number
    assert (document.region, document.sex, document.birth_date.isoformat()) == ("HK", "F", "1990-03-15")


def test_without_a_document_an_agent_says_so(simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "no-document").touch()
    with pytest.raises(Refused) as refused:
        Agent(ORIGIN, simulator.port).document()
    assert refused.value.code == "no_document"


def test_each_finger_is_another_picture_that_the_platform_takes(simulator: Simulator) -> None:
    agent = Agent(ORIGIN, simulator.port)
    images = {agent.fingerprint(finger).image for finger in FINGERS[:3]}
    assert len(images) == 3
    kept = check_file(next(iter(images)), "image/png", ContentKind.FINGERPRINT)
    assert (kept.width, kept.height) == (300, 300)


def test_a_finger_that_nobody_has_is_refused(simulator: Simulator) -> None:
    with pytest.raises(Refused):
        Agent(ORIGIN, simulator.port).fingerprint("sixth")


@pytest.mark.parametrize(
    "headers",
    [
        {HEADER: "1"},
        {HEADER: "1", "Origin": "https://elsewhere.example"},
        {"Origin": ORIGIN},
        {HEADER: "1", "Origin": ORIGIN, "Host": "permits.example"},
    ],
)
def test_a_page_of_somebody_else_reads_nothing(simulator: Simulator, headers: dict[str, str]) -> None:
    connection = HTTPConnection("127.0.0.1", simulator.port)
    connection.request("POST", "/v1/documents", "{}", headers)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (403, b'{"code": "not_asked_properly"}')
    connection.close()


@pytest.mark.parametrize("length", ["-1", "x", "٣"])
def test_a_length_that_is_none_holds_nothing_up(simulator: Simulator, length: str) -> None:
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as raw:
        head = f"POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1:{simulator.port}\r\nOrigin: {ORIGIN}\r\n"
        raw.sendall(f"{head}{HEADER}: 1\r\nContent-Length: {length}\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_browser_is_told_who_may_ask(simulator: Simulator) -> None:
    for origin, allowed in ((ORIGIN, ORIGIN), ("https://elsewhere.example", None)):
        connection = HTTPConnection("127.0.0.1", simulator.port)
        connection.request("OPTIONS", "/v1/documents", headers={"Origin": origin})
        answer = connection.getresponse()
        answer.read()
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        connection.close()


def test_what_the_contract_does_not_name_is_refused() -> None:
    with pytest.raises(BrokenContract):
        read_document(b'{"kind": "hrp", "number": "1", "religion": "none"}')
    with pytest.raises(BrokenContract):
        read_fingerprint(b'{"finger": "right_thumb", "image": "AAAA", "resolution_dpi": 500, "quality": 50}')
