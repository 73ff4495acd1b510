"""Sending what waits, by the exchange's rounds: a few at a time to each party, signed for this attempt."""

import logging
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.rounds import Ask, Round
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.outbound import OutboundProblem
from yizhengtong.verification.webhooks.bounds import LANES
from yizhengtong.verification.webhooks.claiming import Answered, claim, open_endpoints, release, settle
from yizhengtong.verification.webhooks.models import Delivery, DeliveryKind, Endpoint
from yizhengtong.verification.webhooks.notices import Verdict, body_of, is_proof, signature_headers
from yizhengtong.verification.webhooks.services import service_of

log = logging.getLogger(__name__)

SUBSCRIPTION, NOTICE = "sub", "ntc"
"""Prefixes of the ids that are told."""


class Notices(Round[Endpoint, Delivery]):
    """One worker's round over the notices. However many addresses a party has, they share the lanes of one."""

    _served: ClassVar[dict[UUID, float]] = {}
    """When a party, and an address, was sent something last, in seconds of this process's clock."""

    def __init__(self) -> None:
        super().__init__(lanes=LANES)

    def places(self) -> list[Endpoint]:
        """Return the addresses that may be sent something, those first whose party was served the longest ago."""
        return sorted(open_endpoints(), key=lambda each: [self._served.get(key, 0) for key in (each.party_id, each.pk)])

    def whose(self, place: Endpoint) -> UUID:
        return place.party_id

    def claim(self, place: Endpoint, limit: int) -> Iterator[tuple[Delivery, Ask]]:
        self._served[place.party_id] = self._served[place.pk] = time.monotonic()
        secrets = secrets_of(place)
        for delivery in claim(place, limit):
            yield delivery, partial(send, delivery, secrets)

    def settle(self, sent: Delivery, told: Told) -> None:
        verdict = settle(sent, told)
        if verdict != Verdict.ACKNOWLEDGED:
            log.warning(
                "webhooks.not_acknowledged endpoint=%s verdict=%s status=%s attempts=%s",
                sent.endpoint_id, verdict, told.status, sent.attempts,
            )  # fmt: skip

    def release(self, claimed: Delivery) -> None:
        release(claimed)


def send_due(*, seconds: float) -> bool:
    """Send what can go now, for so long at most. Returns whether some may be left that can go at once."""
    return Notices().run(seconds=seconds)


def secrets_of(endpoint: Endpoint) -> list[str]:
    """Return the secrets that sign now, the newest first; opened here: threads do not ask the database."""
    good = endpoint.secrets.filter(Q(until=None) | Q(until__gt=timezone.now())).order_by("-made_at")
    return [row.secret for row in good]


def send(delivery: Delivery, secrets: Sequence[str]) -> Answered:
    """Send one notice and return what was answered."""
    content, notice_id = body(delivery), public_id(NOTICE, delivery.pk)
    signed = signature_headers(secrets, notice_id, int(timezone.now().timestamp()), content)
    headers = {"Content-Type": "application/json", **signed}
    try:
        answer = service_of(delivery.endpoint.url).ask("POST", "", content, headers)
    except (OutboundProblem, ValueError):  # ValueError: the address is not allowed any more
        return Answered(None)
    is_proven = delivery.kind != DeliveryKind.CHALLENGE or is_proof(answer.body, secrets, notice_id)
    return Answered(answer.status, answer.retry_after, is_proven)


def body(delivery: Delivery) -> bytes:
    """Return what a notice says. A challenge is answered by a proof over its own id."""
    if delivery.kind == DeliveryKind.CHALLENGE:
        challenge = public_id(NOTICE, delivery.pk)
        return body_of("webhook.challenge", delivery.happened_at, {"challenge": challenge})
    if delivery.subscription_id is None:
        return body_of("webhook.test", delivery.happened_at, {})
    said = {"subscription": public_id(SUBSCRIPTION, delivery.subscription_id), "state": delivery.told}
    return body_of("permit.state_changed", delivery.happened_at, said)
