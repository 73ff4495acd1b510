"""Looking up the receipt of a digital-photo test that an applicant brings (S1-039).

docs/contracts/photo-receipts.md describes the service. The form of a receipt's number stands in no source (N); the
pattern is a setting. `taken_on` is an Asia/Shanghai date. An `image` comes from outside: it goes through
`store_document` like any upload.
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS
from yizhengtong.foundation.observability.context import outgoing_headers
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.outbound import OutboundProblem, Service

DEFAULT_PATTERN = r"[A-Za-z0-9-]{1,32}"  # N: no source describes the number
MAX_ANSWER_BYTES = DEFAULT_LIMITS.max_bytes * 4 // 3 + 64 * 1024  # an image in base64 and some fields


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
        return HttpPhotoReceipts(
            settings.YZT_PHOTO_SERVICE,
            settings.YZT_PHOTO_SERVICE_TOKEN,
            pattern=pattern,
            private_networks=settings.YZT_PRIVATE_NETWORKS,
        )
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
    """The photo service over HTTPS (HTTP to this machine only), asked as kernel.outbound asks."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout_seconds: float = 5.0,
        pattern: str = DEFAULT_PATTERN,
        private_networks: Sequence[str] = (),
    ) -> None:
        """Raises ValueError for an address that is neither https nor on this machine."""
        self.service = Service(
            base_url, private_networks=private_networks, timeout_seconds=timeout_seconds, most_bytes=MAX_ANSWER_BYTES
        )
        self.token, self.pattern = token, pattern

    def look_up(self, receipt: str) -> PhotoTest:
        receipt = _well_formed(receipt, self.pattern)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                   "Accept": "application/json", **outgoing_headers()}  # fmt: skip
        question = json.dumps({"receipt": receipt}).encode()  # in the body: addresses end up in logs
        try:
            answer = self.service.ask("POST", "/photo-tests/look-up", question, headers)
        except OutboundProblem:
            raise Conflict("documents.photo_service_unavailable") from None
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotFound("documents.photo_receipt_unknown")
        if answer.status != HTTPStatus.OK:
            raise Conflict("documents.photo_service_unavailable")
        return _photo_test(answer.body, receipt)


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
