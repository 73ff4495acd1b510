"""One contract, two sources of photo receipts: files, and a real HTTP server on this machine."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from yizhengtong.foundation.documents.photo_receipts import (
    MAX_ANSWER_BYTES,
    FilePhotoReceipts,
    HttpPhotoReceipts,
    PhotoReceipts,
    PhotoTest,
)
from yizhengtong.foundation.documents.tests import files
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound, Problem

IMAGE = files.jpeg(300, 400)
PASSED = {"receipt": "JN-2026-000123", "passed": True, "taken_on": "2026-03-01", "region": "370100",
          "image": base64.b64encode(IMAGE).decode()}  # fmt: skip
FAILED = {"receipt": "JN-2026-000124", "passed": False, "taken_on": "2026-03-02"}
BROKEN: dict[str, bytes] = {
    "NOT-JSON": b"<html>", "LIST": b"[]", "OTHER": json.dumps(PASSED).encode(),
    "NO-DATE": b'{"receipt": "NO-DATE", "passed": true}',
    "BAD-DATE": b'{"receipt": "BAD-DATE", "passed": true, "taken_on": "2026-02-30"}',
    "NOT-BOOLEAN": b'{"receipt": "NOT-BOOLEAN", "passed": "yes", "taken_on": "2026-03-01"}',
    "BAD-IMAGE": b'{"receipt": "BAD-IMAGE", "passed": true, "taken_on": "2026-03-01", "image": "***"}',
    "DEEP": b"[" * 100_000, "NOT-UTF8": b"\xff\xfe\xfd",
}  # fmt: skip
ANSWERS = {"JN-2026-000123": json.dumps(PASSED).encode(), "JN-2026-000124": json.dumps(FAILED).encode(), **BROKEN}


class Service(BaseHTTPRequestHandler):
    """A service to the contract, that also misbehaves when asked for certain receipts."""

    seen: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["receipt"]
        self.seen.append(self.path)
        if self.headers["Authorization"] != "Bearer token":
            self._answer(401, b"")
        elif question == "REDIRECT":
            self._answer(302, b"", Location="/elsewhere")
        elif question == "HUGE":
            self._answer(200, b" " * (MAX_ANSWER_BYTES + 1))
        elif question == "CUT":
            self._answer(200, b"{", length=500)
        elif question == "ERROR":
            self._answer(500, b"")
        else:
            self._answer(200 if question in ANSWERS else 404, ANSWERS.get(question, b"{}"))

    def _answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output quiet."""


@pytest.fixture(scope="module")
def service_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/photos"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture(params=["files", "http"])
def receipts(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoReceipts:
    if request.param == "http":
        return HttpPhotoReceipts(request.getfixturevalue("service_url"), "token")
    for number, answer in ANSWERS.items():
        (tmp_path / f"{number}.json").write_bytes(answer)
    return FilePhotoReceipts(tmp_path)


@pytest.mark.row("S1-039")
def test_a_receipt_that_was_brought_is_looked_up(receipts: PhotoReceipts) -> None:
    assert receipts.look_up("JN-2026-000123") == PhotoTest("JN-2026-000123", True, date(2026, 3, 1), "370100", IMAGE)


@pytest.mark.row("S1-039")
def test_a_failed_test_is_told_and_may_have_no_image(receipts: PhotoReceipts) -> None:
    assert receipts.look_up(" JN-2026-000124 ") == PhotoTest("JN-2026-000124", False, date(2026, 3, 2))


def test_an_unknown_receipt_is_not_found(receipts: PhotoReceipts) -> None:
    with pytest.raises(NotFound, match=r"^documents\.photo_receipt_unknown$"):
        receipts.look_up("JN-2026-999999")


@pytest.mark.parametrize("receipt", ["", "../../etc/passwd", "A" * 33, "JN 1", "回執1", "A\n", "A/B", "A\0B"])
def test_a_malformed_receipt_is_refused_and_never_asked_for(receipts: PhotoReceipts, receipt: str) -> None:
    asked = len(Service.seen)
    if receipt == "A\n":
        receipt = "A\nB"
    with pytest.raises(Invalid, match=r"^documents\.photo_receipt_malformed$"):
        receipts.look_up(receipt)
    assert len(Service.seen) == asked


@pytest.mark.parametrize("receipt", sorted(BROKEN))
def test_an_answer_not_to_the_contract_is_a_service_that_does_not_work(receipts: PhotoReceipts, receipt: str) -> None:
    with pytest.raises(Conflict, match=r"^documents\.photo_service_unavailable$"):
        receipts.look_up(receipt)


@pytest.mark.parametrize("receipt", ["REDIRECT", "HUGE", "CUT", "ERROR"])
def test_a_redirect_is_not_followed_and_too_much_or_too_little_is_refused(service_url: str, receipt: str) -> None:
    with pytest.raises(Conflict, match=r"^documents\.photo_service_unavailable$"):
        HttpPhotoReceipts(service_url, "token").look_up(receipt)
    assert "/elsewhere" not in Service.seen


def test_the_number_stands_in_no_address(service_url: str) -> None:
    HttpPhotoReceipts(service_url, "token").look_up("JN-2026-000123")
    assert Service.seen[-1] == "/photos/photo-tests/look-up"


def test_a_wrong_token_or_no_server_is_a_service_that_does_not_work(service_url: str) -> None:
    for url, token in ((service_url, "wrong"), ("http://127.0.0.1:1", "token")):
        with pytest.raises(Conflict, match=r"^documents\.photo_service_unavailable$"):
            HttpPhotoReceipts(url, token).look_up("JN-2026-000123")


@pytest.mark.parametrize(
    "url", ["http://photos.example", "ftp://127.0.0.1", "photos.example", "https://a:b@photos.example"]
)
def test_an_address_that_is_not_https_is_refused_when_set(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HttpPhotoReceipts(url, "token")


def test_a_wider_pattern_lets_nobody_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "receipts"
    inside.mkdir()
    (tmp_path / "secret.json").write_bytes(ANSWERS["JN-2026-000123"])
    with pytest.raises(Problem, match=r"^documents\.photo_receipt_malformed$"):
        FilePhotoReceipts(inside, pattern=".*").look_up("../secret")
