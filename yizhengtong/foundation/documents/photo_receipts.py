"""Looking up the receipt of a digital-photo test that an applicant brings (S1-039).

docs/contracts/photo-receipts.md describes the service. The form of a receipt's number stands in no source (N); the
pattern is a setting. `taken_on` is an Asia/Shanghai date. An `image` comes from outside: it goes through
`store_document` like any upload.
"""

import base64
import binascii
import http.client
import json
import re
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound

DEFAULT_PATTERN = r"[A-Za-z0-9-]{1,32}"  # N: no source describes the number
MAX_ANSWER_BYTES = DEFAULT_LIMITS.max_bytes * 4 // 3 + 64 * 1024  # an image in base64 and some fields
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class PhotoTest:
    """What the photo service knows of a receipt; `region` is a GB/T 2260 code."""

    receipt: str
    passed: bool
    taken_on: date
    region: str | None = None
    image: bytes | None = None


class PhotoReceipts(Protocol):
    """Raises Invalid `documents.photo_receipt_malformed`, NotFound `documents.photo_receipt_unknown` and Conflict
    `documents.photo_service_unavailable`, and nothing else."""

    def look_up(self, receipt: str) -> PhotoTest: ...


def photo_receipts() -> PhotoReceipts:
    """Return the service at `settings.YZT_PHOTO_SERVICE`, or the files in `YZT_PHOTO_RECEIPTS` when that is None."""
    pattern = settings.YZT_PHOTO_RECEIPT_PATTERN
    if settings.YZT_PHOTO_SERVICE:
        return HttpPhotoReceipts(settings.YZT_PHOTO_SERVICE, settings.YZT_PHOTO_SERVICE_TOKEN, pattern=pattern)
    if settings.YZT_PRODUCTION:
        raise Conflict("documents.photo_service_unavailable")  # files are for demonstrations
    return FilePhotoReceipts(Path(settings.YZT_PHOTO_RECEIPTS), pattern=pattern)


class FilePhotoReceipts:
    """Receipts as files `NUMBER.json` in a folder, in the form of the service's answers. For demonstrations."""

    def __init__(self, folder: Path, *, pattern: str = DEFAULT_PATTERN) -> None:
        self.folder = folder
        self.pattern = pattern

    def look_up(self, receipt: str) -> PhotoTest:
        receipt = _well_formed(receipt, self.pattern)
        path = self.folder / f"{receipt}.json"
        if path.parent != self.folder:  # an operator's pattern may let a separator through
            raise Invalid("documents.photo_receipt_malformed")
        try:
            return _photo_test(path.read_bytes(), receipt)
        except FileNotFoundError:
            raise NotFound("documents.photo_receipt_unknown") from None
        except OSError:
            raise Conflict("documents.photo_service_unavailable") from None


class HttpPhotoReceipts:
    """The photo service over HTTPS (HTTP to this machine only). Talks to the configured host; follows no redirect."""

    def __init__(
        self, base_url: str, token: str, *, timeout_seconds: float = 5.0, pattern: str = DEFAULT_PATTERN
    ) -> None:
        """Raises ValueError for an address that is neither https nor on this machine."""
        parts = urlsplit(base_url)
        is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or parts.username or not (parts.scheme == "https" or is_here):
            raise ValueError("the photo service's address must be https, or http on this machine")
        self.kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.host, self.port, self.path = parts.hostname, parts.port, parts.path.rstrip("/")
        self.token, self.timeout_seconds, self.pattern = token, timeout_seconds, pattern

    def look_up(self, receipt: str) -> PhotoTest:
        receipt = _well_formed(receipt, self.pattern)
        try:
            status, answer = self._ask(receipt)
        except (OSError, http.client.HTTPException):
            raise Conflict("documents.photo_service_unavailable") from None
        if status == http.HTTPStatus.NOT_FOUND:
            raise NotFound("documents.photo_receipt_unknown")
        if status != http.HTTPStatus.OK:
            raise Conflict("documents.photo_service_unavailable")
        return _photo_test(answer, receipt)

    def _ask(self, receipt: str) -> tuple[int, bytes]:
        connection = self.kind(self.host, self.port, timeout=self.timeout_seconds)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                   "Accept": "application/json", "Connection": "close"}  # fmt: skip
        try:
            # The number goes in the body: addresses end up in logs.
            connection.request("POST", f"{self.path}/photo-tests/look-up", json.dumps({"receipt": receipt}), headers)
            response = connection.getresponse()
            return response.status, self._body(response)
        finally:
            connection.close()

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        body, deadline = b"", time.monotonic() + self.timeout_seconds
        while part := response.read1(64 * 1024):
            body += part
            if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                raise http.client.HTTPException("too much or too slow")
        return body


def _well_formed(receipt: str, pattern: str) -> str:
    receipt = receipt.strip()
    if not re.fullmatch(pattern, receipt):
        raise Invalid("documents.photo_receipt_malformed")
    return receipt


def _photo_test(answer: bytes, receipt: str) -> PhotoTest:
    """Read an answer. One that is not to the contract, or about another receipt, is a service that does not work."""
    try:
        fields: dict[str, Any] = json.loads(answer)
        if fields["receipt"] != receipt or not isinstance(fields["passed"], bool):
            raise ValueError("not the answer to the question")
        return PhotoTest(
            receipt=receipt, passed=fields["passed"], taken_on=date.fromisoformat(fields["taken_on"]),
            region=_text_or_none(fields.get("region")), image=_bytes_or_none(fields.get("image")),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise Conflict("documents.photo_service_unavailable") from None


def _text_or_none(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("not text")
    return value


def _bytes_or_none(value: object) -> bytes | None:
    text = _text_or_none(value)
    return None if text is None else base64.b64decode(text, validate=True)
