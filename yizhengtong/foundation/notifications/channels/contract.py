"""What every way out fulfils.

`send` is called once an attempt, never within a transaction. It returns when the other side has acknowledged, or says
in which of three ways it has not; `Unsure` alone may mean that the message went.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way. `key` is the delivery's id in hexadecimal, the same at every attempt."""

    key: str
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Acknowledged: the ids the provider gave, one for each part, with the way's own prefix; none, if it gives none.

    `is_final`: nothing more will be heard of it.
    """

    provider_ids: tuple[str, ...] = ()
    is_final: bool = True


class Known(StrEnum):
    """What a provider answers about a message that may have gone."""

    HAS_IT = "has_it"
    HAS_IT_NOT = "has_it_not"
    CANNOT_TELL = "cannot_tell"


class NotSent(Exception):
    """It surely did not go. `code`: a stable code without personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Rejected(NotSent):
    """It will never go: the same again would be refused again."""


class TryLater(NotSent):
    """It may go later. `least`: how long the other side asks to wait."""

    def __init__(self, code: str, *, least: timedelta = timedelta()) -> None:
        super().__init__(code)
        self.least = least


class Unsure(Exception):
    """The other side may have it: the link broke between the message and its acknowledgement."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Way(Protocol):
    """A way out of the platform."""

    @property
    def name(self) -> str: ...
    @property
    def repeats_safely(self) -> bool:
        """Whether the same key sent again is no second message."""

    def send(self, outgoing: Outgoing) -> Accepted: ...
    def ask(self, key: str) -> Known: ...
    def close(self) -> None: ...
