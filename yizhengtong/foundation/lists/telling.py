"""What a run over a list tells of each line, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a report: its number, how it ended, the column, a code and its facts. Nothing of the person."""

    line: int
    outcome: str
    field: str = ""
    code: str = ""
    facts: Mapping[str, object] = dataclass_field(default_factory=dict)


class Reader(Protocol):
    """Who is told of each line, and of how far a run is."""

    def tell(self, told: Told) -> None:
        """Hear how a line ended."""

    def progress(self, line: int) -> None:
        """Hear up to which line the run has come."""


class Unheard:
    """A reader who hears everything and says nothing: for whoever reads the summary alone."""

    def tell(self, told: Told) -> None:
        """Keep nothing of a line."""

    def progress(self, line: int) -> None:
        """Keep nothing of how far it is."""
