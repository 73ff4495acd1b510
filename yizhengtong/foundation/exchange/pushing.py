"""Sending what waits: a few at a time to each destination, those of one person one after the other.

The threads only ask over HTTP; the database is the caller's. A worker killed at any point loses nothing: what it had
claimed is taken by another when the lease is over, and destinations know an event by its id.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from secrets import token_urlsafe

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from yizhengtong.foundation.exchange import rounds
from yizhengtong.foundation.exchange.claiming import Told, claim, open_destinations, release, settle
from yizhengtong.foundation.exchange.envelopes import CONTENT_TYPE
from yizhengtong.foundation.exchange.keys import SigningKey, signing_key_of
from yizhengtong.foundation.exchange.models import Destination, DestinationState, Push, PushState, SendingKey
from yizhengtong.foundation.exchange.rounds import LANES
from yizhengtong.foundation.exchange.rules import Verdict
from yizhengtong.foundation.exchange.signatures import Message, content_digest, sign, target_uri
from yizhengtong.kernel.outbound import OutboundProblem, Service

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
_MOST_ANSWER_BYTES = 16 * 1024
Send = Callable[[Push, SigningKey], Told]


class Round(rounds.Round[Destination, Push]):
    """One worker's round over the outbox."""

    def __init__(self, send: "Send | None" = None, *, lanes: int = LANES) -> None:
        super().__init__(lanes=lanes)
        self._send = send or send_push
        self._keys: dict[str, SigningKey] = {}

    def places(self) -> list[Destination]:
        return open_destinations()

    def claim(self, place: Destination, limit: int) -> Iterator[tuple[Push, rounds.Ask]]:
        key = self._key_of(place)
        if key is None:
            return
        for push in claim(place, limit):
            yield push, partial(self._send, push, key)

    def release(self, claimed: Push) -> None:
        release([claimed])

    def settle(self, sent: Push, told: Told) -> None:
        verdict = settle(sent, told)
        if verdict != Verdict.ACKNOWLEDGED:
            log.warning(
                "exchange.push_not_acknowledged destination=%s verdict=%s status=%s attempts=%s",
                sent.destination.code, verdict, told.status, sent.attempts,
            )  # fmt: skip

    def _key_of(self, destination: Destination) -> SigningKey | None:
        """Return the key to sign with, opened here: threads do not ask the database."""
        row = SendingKey.objects.filter(destination=destination, is_active=True).first()
        if row is None:
            log.error("exchange.no_key destination=%s", destination.code)
            return None
        if row.pk not in self._keys:
            self._keys[row.pk] = signing_key_of(row.secret)
        return self._keys[row.pk]


def push_due(*, seconds: float, send: Send | None = None) -> bool:
    """Send what can go now, for so long at most. Returns whether some may be left that can go at once."""
    return Round(send).run(seconds=seconds)


def next_due() -> datetime | None:
    """Return when the next push may go that waits for its time or its destination; None: nothing waits."""
    waiting = Push.objects.filter(
        state=PushState.WAITING, destination__state=DestinationState.ON, not_before__gt=timezone.now()
    )
    times = [
        waiting.aggregate(at=Min("not_before"))["at"],
        Destination.objects.filter(state=DestinationState.ON, rests_until__gt=timezone.now()).aggregate(
            at=Min("rests_until")
        )["at"],
    ]
    return min((at for at in times if at is not None), default=None)


def send_push(push: Push, key: SigningKey) -> Told:
    """Send one push, signed for this attempt, and return what was answered."""
    body, headers = signed_request(push.destination.url, str(push.body), key)
    try:
        answer = service_of(push.destination.url).ask("POST", "", body, headers)
    except (OutboundProblem, ValueError):  # ValueError: the address is not allowed any more
        return Told(None)
    return Told(answer.status, answer.retry_after)


def signed_request(url: str, content: str, key: SigningKey) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a POST of an event, signed now."""
    body = content.encode()
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Content-Digest": content_digest(body),
    }
    message = Message("POST", target_uri(url), {name.lower(): value for name, value in headers.items()})
    created = int(timezone.now().timestamp())
    return body, {**headers, **sign(message, key, created=created, nonce=token_urlsafe(16))}


def service_of(url: str) -> Service:
    """Return the guarded way to a destination. Raises ValueError for an address that is not allowed."""
    return Service(
        url,
        private_networks=settings.YZT_PRIVATE_NETWORKS,
        timeout_seconds=TIMEOUT_SECONDS,
        most_bytes=_MOST_ANSWER_BYTES,
    )
