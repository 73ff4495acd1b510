"""How the destinations stand, what is dead, and how long it takes from what happened to the acknowledgement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from yizhengtong.foundation.exchange.models import Destination, Push, PushState

PLAIN = (
    "id", "destination_id", "position", "event_id", "kind", "person_id", "object_kind", "object_id", "told", "state",
    "attempts", "not_before", "status", "failure", "reason", "happened_at", "queued_at", "handed_over_at",
    "acknowledged_at", "leased_until",
)  # fmt: skip
"""Every column of a push but what it tells: what is shown, and what the web's role may read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A destination with what waits for it. `oldest_at`: when the oldest happened that is not acknowledged."""

    destination: Destination
    waiting: int
    dead: int
    oldest_at: datetime | None

    @property
    def lag(self) -> timedelta:
        """How long ago the oldest one happened that is not acknowledged; nothing waits: none."""
        return timezone.now() - self.oldest_at if self.oldest_at else timedelta(0)


def standings() -> list[Standing]:
    """Return every destination in the order of their codes."""
    counted: Mapping[tuple[UUID, str], tuple[int, datetime]] = {
        (destination_id, state): (number, oldest)
        for destination_id, state, number, oldest in Push.objects.filter(state__in=Push.UNSETTLED)
        .values_list("destination_id", "state")
        .annotate(number=Count("id"), oldest=Min("happened_at"))
    }
    return [_standing(destination, counted) for destination in Destination.objects.order_by("code")]


def _standing(destination: Destination, counted: Mapping[tuple[UUID, str], tuple[int, datetime]]) -> Standing:
    found = {state: counted[destination.pk, state] for state in Push.UNSETTLED if (destination.pk, state) in counted}
    dead = found.get(PushState.DEAD, (0, None))[0]
    waiting = sum(number for number, _ in found.values()) - dead
    return Standing(destination, waiting, dead, min((oldest for _, oldest in found.values()), default=None))


def dead_letters(*, after: int = 0) -> QuerySet[Push]:
    """Return what a destination refused, in the order of the events, from after a position on."""
    found = Push.objects.filter(state=PushState.DEAD, position__gt=after)
    return found.select_related("destination").only(*PLAIN, "destination__code").order_by("position")


def behind(push: Push) -> int:
    """Return how many of the same person wait behind a dead letter."""
    later = Push.objects.filter(destination_id=push.destination_id, position__gt=push.position)
    return later.filter(stream=push.person_id or push.object_id, state__in=Push.UNSETTLED).count()


def pushes_about(object_ids: "list[UUID]") -> QuerySet[Push]:
    """Return the pushes about some objects, in the order of the events."""
    found = Push.objects.filter(object_id__in=object_ids)
    return found.select_related("destination").only(*PLAIN, "destination__code").order_by("position")


def newest(*, kind: str, destination: str = "", before: int | None = None) -> QuerySet[Push]:
    """Return the pushes of a kind of event, the newest first, from before a position on."""
    found = Push.objects.filter(kind=kind)
    if destination:
        found = found.filter(destination__code=destination)
    if before is not None:
        found = found.filter(position__lt=before)
    return found.select_related("destination").only(*PLAIN, "destination__code").order_by("-position")


@dataclass(frozen=True, slots=True)
class Lag:
    """From what happened to the acknowledgement, in seconds, over acknowledged pushes; none: there were none."""

    count: int
    median_seconds: float
    p95_seconds: float
    longest_seconds: float


def push_lag(*, since: datetime, kind: str = "", destination: str = "") -> Lag | None:
    """Return how long pushes took that were acknowledged since an instant, the newest 10,000 of them at most."""
    found = Push.objects.filter(state=PushState.ACKNOWLEDGED, acknowledged_at__gte=since)
    if kind:
        found = found.filter(kind=kind)
    if destination:
        found = found.filter(destination__code=destination)
    pairs = found.order_by("-acknowledged_at").values_list("happened_at", "acknowledged_at")[:10_000]
    seconds = sorted((until - start).total_seconds() for start, until in pairs if until)
    if not seconds:
        return None
    at = len(seconds) - 1
    return Lag(len(seconds), seconds[at // 2], seconds[round(at * 0.95)], seconds[at])
