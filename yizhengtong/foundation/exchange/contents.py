"""What the events tell: given by the rooms that own it, so that nothing here knows what a permit is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yizhengtong.foundation.events.journal import subscribe
from yizhengtong.foundation.events.models import Event

SUBSCRIBER = "exchange.outbox"


@dataclass(frozen=True, slots=True)
class Content:
    """`subject`: an opaque id. `told`: the names of personal fields in `data`, for the audit trail."""

    subject: str
    data: Mapping[str, object]
    told: tuple[str, ...] = ()


Provider = Callable[[Event, str], Content | None]
"""Returns what an event tells, minimal or licence; None: nothing, it is not pushed. It reads; it changes nothing."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A kind of event: what it is called outside, where its data are described, who gives them."""

    subject: str
    name: str
    dataschema: str
    provider: Provider


_followed: dict[str, Followed] = {}


def provide(*, subject: str, names: Mapping[str, str], dataschema: str, provider: Provider) -> None:
    """Register who gives the contents of some kinds of events (`names`: kind → what it is called outside).

    Called once, when the app of the room above is ready.
    """
    from yizhengtong.foundation.exchange.outbox import collect  # it needs models, which are not ready on import

    _followed.update({kind: Followed(subject, name, dataschema, provider) for kind, name in names.items()})
    subscribe(SUBSCRIBER, frozenset(_followed), collect)


def followed() -> Mapping[str, Followed]:
    """Return every kind that can be pushed."""
    return _followed
