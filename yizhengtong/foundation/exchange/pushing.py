"""Sending what waits: a few at a time to each destination, those of one person one after the other.

The threads only ask over HTTP; the database is the caller's. A worker killed at any point loses nothing: what it had
claimed is taken by another when the lease is over, and destinations know an event by its id.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from secrets import token_urlsafe

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from yizhengtong.foundation.exchange.claiming import LEASE, Told, claim, open_destinations, release, settle
from yizhengtong.foundation.exchange.envelopes import CONTENT_TYPE
from yizhengtong.foundation.exchange.keys import SigningKey, signing_key_of
from yizhengtong.foundation.exchange.models import Destination, DestinationState, Push, PushState, SendingKey
from yizhengtong.foundation.exchange.rules import Verdict
from yizhengtong.foundation.exchange.signatures import Message, content_digest, sign, target_uri
from yizhengtong.kernel.outbound import OutboundProblem, Service

log = logging.getLogger(__name__)

LANES = 4
"""Requests under way to one destination from one worker."""
LANES_OF_ALL = 16
TIMEOUT_SECONDS = 10.0
_STALE_SECONDS = LEASE.total_seconds() / 2
_MOST_ANSWER_BYTES = 16 * 1024
_LOOK_AGAIN_SECONDS = 0.5
Send = Callable[[Push, SigningKey], Told]


class Round:
    """One worker's round: claims, sends and settles until nothing is left that can go now, or the time is over."""

    def __init__(self, send: "Send | None" = None, *, lanes: int = LANES) -> None:
        self._send = send or send_push
        self._lanes = lanes
        self._keys: dict[str, SigningKey] = {}
        self._under_way: dict[Future[Told], Push] = {}
        self.sent = 0

    def run(self, *, seconds: float) -> bool:
        """Send until nothing can go now. Returns whether time was over before that."""
        ends = time.monotonic() + seconds
        with ThreadPoolExecutor(LANES_OF_ALL, thread_name_prefix="exchange") as threads:
            while True:
                is_over = time.monotonic() >= ends
                if not is_over:
                    self._claim(threads)
                if not self._under_way:
                    return is_over
                self._settle()

    def _claim(self, threads: ThreadPoolExecutor) -> None:
        busy = Counter(push.destination_id for push in self._under_way.values())
        for destination in open_destinations():
            free = min(self._lanes - busy[destination.pk], LANES_OF_ALL - len(self._under_way))
            key = self._key_of(destination) if free > 0 else None
            if key is None:
                continue
            claimed_at = time.monotonic()
            for push in claim(destination, free):
                self._under_way[threads.submit(self._ask, push, key, claimed_at)] = push

    def _ask(self, push: Push, key: SigningKey, claimed_at: float) -> Told:
        if time.monotonic() - claimed_at > _STALE_SECONDS:  # this process stood still: another may have taken it
            raise TimeoutError
        return self._send(push, key)

    def _settle(self) -> None:
        done, _ = wait(self._under_way, timeout=_LOOK_AGAIN_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            push = self._under_way.pop(future)
            try:
                told = future.result()
            except TimeoutError:
                release([push])
                continue
            self.sent += 1
            verdict = settle(push, told)
            if verdict != Verdict.ACKNOWLEDGED:
                log.warning(
                    "exchange.push_not_acknowledged destination=%s verdict=%s status=%s attempts=%s",
                    push.destination.code, verdict, told.status, push.attempts,
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
