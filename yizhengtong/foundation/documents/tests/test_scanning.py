"""One contract, two scanners: the fake and Debian's clamd with a database of one signature."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import ended_afterwards
from yizhengtong.foundation.documents.limits import MEBIBYTE
from yizhengtong.foundation.documents.scanning import (
    FAILED,
    TOO_LARGE,
    UNAVAILABLE,
    ClamdScanner,
    Scanner,
    SignatureScanner,
    Verdict,
)
from yizhengtong.foundation.documents.tests import files

EICAR = SignatureScanner.pattern
_CONFIGURATION = """
Foreground yes
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/database
TemporaryDirectory {folder}
StreamMaxLength 11M
MaxFileSize 11M
MaxScanSize 40M
AlertExceedsMax yes
MaxThreads 2
"""


def _clamd() -> str:
    found = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        reason = "clamd is missing: install Debian's clamav-daemon to run the contract on the real scanner"
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def clamd_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program, folder = _clamd(), tmp_path_factory.mktemp("c")
    (folder / "database").mkdir()
    (folder / "database" / "one.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    configuration = folder / "clamd.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(configuration)], stdout=log, stderr=log)
    with ended_afterwards(process):
        _wait_until_it_answers(process, folder)
        yield f"{folder}/clamd.sock"


def _wait_until_it_answers(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(f"{folder}/clamd.sock") == 0:
                return
        threading.Event().wait(0.05)
    pytest.fail(f"clamd did not start: {(folder / 'log').read_text()}")


@pytest.fixture(params=["fake", "clamd"])
def scanner(request: pytest.FixtureRequest) -> Scanner:
    if request.param == "fake":
        return SignatureScanner()
    return ClamdScanner(request.getfixturevalue("clamd_address"))


def test_ordinary_files_are_clean(scanner: Scanner) -> None:
    for content in (files.jpeg(), files.png(), files.saved(files.pdf()), b"text", b""):
        assert scanner.scan(content).verdict == Verdict.CLEAN


def test_the_test_pattern_is_infected_and_named(scanner: Scanner) -> None:
    result = scanner.scan(EICAR)
    assert result.verdict == Verdict.INFECTED
    assert "Eicar-Test-Signature" in result.signature


def test_the_pattern_behind_an_image_is_found(scanner: Scanner) -> None:
    assert scanner.scan(files.jpeg() + EICAR).verdict == Verdict.INFECTED


def test_the_pattern_behind_ten_mebibytes_is_found(scanner: Scanner) -> None:
    assert scanner.scan(bytes(10 * MEBIBYTE - len(EICAR)) + EICAR).verdict == Verdict.INFECTED


def test_a_half_of_the_pattern_is_clean(scanner: Scanner) -> None:
    assert scanner.scan(EICAR[: len(EICAR) // 2]).verdict == Verdict.CLEAN


def test_clamd_says_when_a_content_is_over_its_limit(clamd_address: str) -> None:
    result = ClamdScanner(clamd_address).scan(bytes(30 * MEBIBYTE))
    assert (result.verdict, result.reason) == (Verdict.UNSCANNABLE, TOO_LARGE)


@pytest.mark.parametrize("address", ["/nonexistent/clamd.sock", "127.0.0.1:1", "nonsense", "127.0.0.1:x"])
def test_a_daemon_that_is_away_has_found_nothing_clean(address: str) -> None:
    result = ClamdScanner(address, timeout_seconds=1).scan(b"text")
    assert (result.verdict, result.reason) == (Verdict.UNSCANNABLE, UNAVAILABLE)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"", UNAVAILABLE),
        (b"stream: O", UNAVAILABLE),
        (b"stream: OK", UNAVAILABLE),
        (b"stream: lstat() failed. ERROR\0", FAILED),
        (b"UNKNOWN COMMAND\0", FAILED),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", TOO_LARGE),
    ],
)
def test_over_tcp_an_answer_that_is_cut_or_strange_is_never_clean(reply: bytes, reason: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer_once, args=(server, reply))
        thread.start()
        result = ClamdScanner(f"127.0.0.1:{server.getsockname()[1]}", timeout_seconds=30).scan(b"text")
        thread.join(60)
    assert (result.verdict, result.reason) == (Verdict.UNSCANNABLE, reason)


def test_a_daemon_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = ClamdScanner(f"127.0.0.1:{server.getsockname()[1]}", timeout_seconds=0.2).scan(b"text")
    assert result.reason == UNAVAILABLE


def _answer_once(server: socket.socket, reply: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        received = b""
        while not received.endswith(b"\0\0\0\0"):
            received += connection.recv(4096)
        connection.sendall(reply)
