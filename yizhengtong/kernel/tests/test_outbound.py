"""A service outside that lies, stalls, floods or points elsewhere gets nothing from us but one question."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from yizhengtong.kernel.outbound import OutboundProblem, Service

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, list[bytes]]]]:
    """Serve bytes on this machine as they are, each after a pause; returns the address and what was asked."""
    doors: list[socket.socket] = []

    def start(*parts: bytes, pause_seconds: float = 0.0, host: str = "127.0.0.1") -> tuple[str, list[bytes]]:
        door = socket.create_server((host, 0))
        doors.append(door)
        asked: list[bytes] = []
        threading.Thread(target=_answer, args=(door, parts, pause_seconds, asked), daemon=True).start()
        return f"http://127.0.0.1:{door.getsockname()[1]}", asked

    yield start
    for door in doors:
        door.close()


def _answer(door: socket.socket, parts: tuple[bytes, ...], pause_seconds: float, asked: list[bytes]) -> None:
    try:
        while True:
            caller, _ = door.accept()
            with caller:
                asked.append(caller.recv(65536))
                for part in parts:
                    caller.sendall(part)
                    time.sleep(pause_seconds)
    except OSError:
        return  # the test is over, or the caller hung up


def ask(url: str, **limits: float) -> tuple[int, bytes]:
    answer = Service(url, timeout_seconds=limits.get("seconds", 20.0), most_bytes=int(limits.get("most", 1000))).ask(
        "POST", "/x", b"{}", {"Authorization": "Bearer secret"}
    )
    return answer.status, answer.body


def test_an_answer_comes_back(serve: Callable[..., tuple[str, list[bytes]]]) -> None:
    url, asked = serve(PLAIN)
    assert ask(url) == (200, b"{}")
    assert asked[0].startswith(b"POST /x HTTP/1.1\r\n")


def test_a_redirect_is_an_answer_and_nobody_follows_it(serve: Callable[..., tuple[str, list[bytes]]]) -> None:
    elsewhere, asked_elsewhere = serve(PLAIN)
    url, _ = serve(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode())
    assert ask(url) == (302, b"")
    assert asked_elsewhere == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"3e8\r\n"
        + b"x" * 1000
        + b"\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
)
def test_too_much_or_something_else_is_refused(serve: Callable[..., tuple[str, list[bytes]]], answer: bytes) -> None:
    url, _ = serve(answer)
    with pytest.raises(OutboundProblem):
        ask(url)


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_byte_now_and_then_does_not_hold_us(serve: Callable[..., tuple[str, list[bytes]]], begin: bytes) -> None:
    url, _ = serve(begin, *[b"X"] * 900, pause_seconds=0.05)
    begun = time.monotonic()
    with pytest.raises(OutboundProblem):
        ask(url, seconds=0.4)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "url",
    [
        "http://service.example/",
        "ftp://service.example/",
        "file:///etc/passwd",
        "//service.example/",
        "https://user:pass@service.example/",
        "https://service.example/?a=b",
        "https://service.example/#a",
        "http://127.0.0.1.example/",
        "http://127.0.0.2/",
        "https:///x",
    ],
)
def test_an_address_that_is_no_service_is_refused_when_set(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Service(url)


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every host have these addresses, and note where connections would go."""
    went: list[str] = []

    def getaddrinfo(_host: str, port: int, **_named: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    def create_connection(address: tuple[str, int], **_named: object) -> socket.socket:
        went.append(address[0])
        raise OSError("nobody there")

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    monkeypatch.setattr("socket.create_connection", create_connection)
    return went


def test_a_name_that_is_looked_up_without_end_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: is_over.wait(60) and [])
    begun = time.monotonic()
    with pytest.raises(OutboundProblem):
        ask("https://service.example", seconds=0.2)
    assert time.monotonic() - begun < 20
    is_over.set()


PRIVATE = (
    *("127.0.0.1", "10.20.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),  # noqa: S104
    *(
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "fe80::1%eth0",
        "fd00::1",
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
        "64:ff9b::a00:1",
        "::7f00:1",
        "2002:a00:1::1",
        "fec0::1",
    ),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_host_that_resolves_into_a_private_network_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    went = resolved(monkeypatch, address)
    with pytest.raises(OutboundProblem):
        Service("https://service.example").ask("GET", "/", b"", {})
    assert went == []


def test_one_bad_address_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    went = resolved(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(OutboundProblem):
        Service("https://service.example").ask("GET", "/", b"", {})
    assert went == []


def test_a_public_address_is_connected_to_as_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    went = resolved(monkeypatch, "93.184.216.34")
    with pytest.raises(OutboundProblem):
        Service("https://service.example").ask("GET", "/", b"", {})
    assert went == ["93.184.216.34"]


@pytest.mark.parametrize(("address", "goes"), [("10.20.3.4", True), ("10.21.3.4", False), ("127.0.0.1", False)])
def test_the_operators_own_network_is_open_and_no_other(
    monkeypatch: pytest.MonkeyPatch, address: str, goes: bool
) -> None:
    went = resolved(monkeypatch, address)
    with pytest.raises(OutboundProblem):
        Service("https://service.example", private_networks=["10.20.0.0/16"]).ask("GET", "/", b"", {})
    assert bool(went) is goes


def test_a_certificate_that_nobody_vouches_for_is_refused(serve: Callable[..., tuple[str, list[bytes]]]) -> None:
    url, asked = serve(PLAIN)
    with pytest.raises(OutboundProblem):
        ask(url.replace("http:", "https:"))
    assert not any(b"secret" in each for each in asked)
