"""The limit of a submission that is approved and pushed: an empty answer, then an event signed and handed over. Frozen.

The same server, the same receiver and the same signature, with nothing looked at, decided or written in between.
"""

import http.client
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit

from benchmarks.wire import Connection
from yizhengtong.foundation.exchange.envelopes import CONTENT_TYPE, Envelope, type_of, write
from yizhengtong.foundation.exchange.keys import signing_key_of
from yizhengtong.foundation.exchange.signatures import Message, content_digest, sign, target_uri

_DATA = {
    "permit": "pmt_00000000000000000000000000", "version": 1, "kind": "zhejiang_digital", "state": "held",
    "issue_count": 1, "region": "331126", "authority": "庆元县公安局", "valid_from": "2026-11-21",
    "last_valid_day": None, "endorsed_until": "2027-11-20", "ended_on": None, "end_reason": None,
    "predecessors": ["pmt_00000000000000000000000000"], "successor": None,
}  # fmt: skip
_SECONDS = 10.0


class Handing:
    """Asks the empty server, then pushes to a receiver. Shared between threads."""

    def __init__(self, port: int, url: str, secret: str) -> None:
        self._port, self._url, self._key = port, url, signing_key_of(secret)
        self._of_thread = threading.local()

    def hand_over(self) -> None:
        """Return when the receiver has acknowledged. Raises RuntimeError, WrongAnswer, OSError."""
        self._empty().get("/empty")
        body = _event().encode()
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Content-Length": str(len(body)),
            "Content-Digest": content_digest(body),
        }
        message = Message("POST", target_uri(self._url), {name.lower(): value for name, value in headers.items()})
        signed = sign(message, self._key, created=int(time.time()), nonce=secrets.token_urlsafe(16))
        address = urlsplit(self._url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_SECONDS)
        try:
            connection.request("POST", address.path, body, {**headers, **signed})
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != http.client.CREATED:
            raise RuntimeError(f"the receiver answered {status}")

    def _empty(self) -> Connection:
        client: Connection | None = getattr(self._of_thread, "client", None)
        if client is None:
            client = self._of_thread.client = Connection(self._port)
        return client


def _event() -> str:
    envelope = Envelope(
        id=str(uuid.uuid4()), source="urn:yizhengtong:bench", type=type_of("permit", "issued"),
        subject=str(_DATA["permit"]), time=datetime.now(UTC), dataschema="urn:yizhengtong:schema:permit-event:1",
        sequence=f"{time.time_ns():020d}", partitionkey=uuid.uuid4().hex,
    )  # fmt: skip
    return write(envelope, _DATA)
