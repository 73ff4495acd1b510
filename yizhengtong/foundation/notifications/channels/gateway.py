"""SMS through a gateway over HTTP, by a contract of our own (docs/contracts/sms-gateway.md)."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.utils import timezone

from yizhengtong.foundation.notifications.channels.contract import (
    Accepted,
    Known,
    Outgoing,
    Rejected,
    TryLater,
    Unsure,
)
from yizhengtong.foundation.observability.context import outgoing_headers
from yizhengtong.kernel.outbound import Answer, OutboundProblem, Service

TIMESTAMP, SIGNATURE = "X-Yzt-Timestamp", "X-Yzt-Signature"
FRESH_SECONDS = 300
_MOST_BYTES = 64 * 1024


def signature(key: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """Return the signature of a request or a callback: HMAC-SHA256 over four lines, the body as its hash."""
    lines = "\n".join([timestamp, method, path, hashlib.sha256(body).hexdigest()])
    return hmac.new(key.encode(), lines.encode(), hashlib.sha256).hexdigest()


def is_signed(key: str, timestamp: str, given: str, method: str, path: str, body: bytes) -> bool:
    """Whether a callback was signed with the key within the last minutes."""
    if not key or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12 or not given.isascii():
        return False
    if abs(timezone.now().timestamp() - int(timestamp)) > FRESH_SECONDS:
        return False
    return hmac.compare_digest(signature(key, timestamp, method, path, body), given)


class GatewayWay:
    """Sends by POST; the idempotency key is the delivery's, so that a question repeated is no second message."""

    name = "gateway"
    repeats_safely = True

    def __init__(
        self, base_url: str, key: str, *, sender: str = "", private_networks: Sequence[str] = (),
        timeout_seconds: float = 10.0,
    ) -> None:  # fmt: skip
        """Raises ValueError for an address that is neither https nor on this machine."""
        self.service = Service(
            base_url, private_networks=private_networks, timeout_seconds=timeout_seconds, most_bytes=_MOST_BYTES
        )
        self.key, self.sender = key, sender

    def send(self, outgoing: Outgoing) -> Accepted:
        body = json.dumps(
            {"key": outgoing.key, "to": outgoing.address, "from": self.sender, "text": outgoing.text},
            ensure_ascii=False,
        ).encode()
        try:
            answer = self._ask("POST", "/messages", body, outgoing.key)
        except OutboundProblem:
            raise Unsure("notifications.link_broke") from None
        if answer.status in {HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.CREATED}:
            return Accepted((f"gateway:{outgoing.key}",), is_final=False)
        raise _refusal(answer)

    def ask(self, key: str) -> Known:
        try:
            answer = self._ask("GET", f"/messages/{key}", b"", key)
        except OutboundProblem:
            return Known.CANNOT_TELL
        if answer.status == HTTPStatus.OK:
            return Known.HAS_IT
        return Known.HAS_IT_NOT if answer.status == HTTPStatus.NOT_FOUND else Known.CANNOT_TELL

    def close(self) -> None:
        """Nothing is kept open."""

    def _ask(self, method: str, path: str, body: bytes, key: str) -> Answer:
        timestamp = str(int(timezone.now().timestamp()))
        headers = {
            "Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": key,
            TIMESTAMP: timestamp, SIGNATURE: signature(self.key, timestamp, method, path, body), **outgoing_headers(),
        }  # fmt: skip
        return self.service.ask(method, path, body, headers)


def _refusal(answer: Answer) -> Rejected | TryLater:
    told = _told(answer.body)
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return Rejected("notifications.refused_by_server")
    wait = told.get("retry_after_seconds", 0)
    seconds = wait if isinstance(wait, int) and 0 < wait < 86_400 else 0
    return TryLater("notifications.server_busy", least=timedelta(seconds=seconds))


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
