"""What a receiver does with one request: check it from the cheap to the dear, keep it, say what it thinks of it."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yizhengtong.foundation.exchange import envelopes
from yizhengtong.foundation.exchange.keys import PublicKey
from yizhengtong.foundation.exchange.receiver.store import Store, Taken
from yizhengtong.foundation.exchange.signatures import Message, NotSigned, is_digest_of, target_uri, verify


class Refused(Exception):
    """A request that is not taken: a status, a stable code and words. Words and code hold nothing of the event."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code

    @property
    def problem(self) -> dict[str, object]:
        """Return the problem document (RFC 9457)."""
        return {"type": "about:blank", "title": WORDS[self.code], "status": self.status, "code": self.code}


WORDS = {
    "exchange.not_here": "No such address. Push to the address that was agreed.",
    "exchange.method_not_allowed": "Events come by POST.",
    "exchange.length_needed": "The length of the content is needed, once, and no transfer coding.",
    "exchange.too_large": "The event is too large.",
    "exchange.media_type": "The content type is application/cloudevents+json, without a charset.",
    "exchange.signature_missing": "One signature with the tag yzt-exchange is needed (RFC 9421).",
    "exchange.component_unknown": "The signature covers a component that is not known here.",
    "exchange.component_missing": "The signature covers a component that the request does not have.",
    "exchange.not_covered": "The signature does not cover all that it must.",
    "exchange.key_unknown": "The key is not known here. Hand over its public part first.",
    "exchange.signature_wrong": "The signature is not right for this request at this address.",
    "exchange.stale": "The signature is too old, or of the future. Compare the clocks, then sign anew.",
    "exchange.digest_wrong": "The content is not what its digest tells.",
    "exchange.not_an_event": "The content is not a CloudEvent 1.0 in JSON.",
    "exchange.other_content": "An event of this id is here with another content.",
    "exchange.store_failed": "The event could not be kept. Send it again later.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: headers by lower-case name, several of one name joined by commas."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Takes events at one address. `url`: the address under which the platform knows it, also behind a proxy."""

    def __init__(self, *, url: str, keys: Mapping[str, PublicKey], store: Store, now: Callable[[], float]) -> None:
        self.url, self._keys, self._store, self._now = target_uri(url), keys, store, now

    def take(self, request: Request) -> tuple[Taken, dict[str, Any]]:
        """Keep the event of a request; on the disk when this returns. Raises Refused."""
        if request.headers.get("content-type", "").strip().lower() != envelopes.CONTENT_TYPE:
            raise Refused(415, "exchange.media_type")
        key_id = self._signed_by(request)
        if not is_digest_of(request.headers.get("content-digest", ""), request.body):
            raise Refused(400, "exchange.digest_wrong")
        try:
            event = envelopes.read(request.body)
        except ValueError:
            raise Refused(400, "exchange.not_an_event") from None
        try:
            taken = self._store.take(event, request.body, key_id=key_id, now=self._now())
        except (sqlite3.Error, OSError):
            raise Refused(503, "exchange.store_failed") from None
        if taken == Taken.OTHER:
            raise Refused(409, "exchange.other_content")
        return taken, event

    def _signed_by(self, request: Request) -> str:
        message = Message(request.method, self.url, request.headers)
        try:
            return verify(message, self._keys, now=self._now())
        except NotSigned as problem:
            raise Refused(401, problem.code) from None
        except UnicodeError:
            raise Refused(401, "exchange.signature_wrong") from None
