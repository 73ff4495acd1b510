"""What a person lets happen now besides the uses of the law: codes shared, sign-ins remembered, papers handed out.

A room that keeps such things adds itself when its app is ready; the page of consents shows all in one list.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that was allowed and still holds.

    `words`: code of what it is, filled with `facts`. `party`: who may, by name; empty: whoever holds it. `purpose`:
    code of words, or empty. `address`: the page where it is ended.
    """

    words: str
    since: datetime
    address: str
    party: str = ""
    purpose: str = ""
    until: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


Provider = Callable[[UUID], Iterable[Given]]
_providers: dict[str, Provider] = {}


def add_provider(name: str, provider: Provider) -> None:
    """Take in a room that knows what persons allowed; called once, when its app is ready."""
    _providers[name] = provider


def given_by(person_id: UUID) -> list[Given]:
    """Return what a person lets happen now, the newest first. The caller records the read."""
    found = [each for provider in _providers.values() for each in provider(person_id)]
    return sorted(found, key=lambda each: each.since, reverse=True)
