"""What a check of the trail finds: stable codes, whose words stand in texts.yaml, and the order they are told in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One thing that is wrong. `at` is a link's sequence or a checkpoint's number; `entry`: the entry's id if known."""

    code: str
    at: int = 0
    entry: str = ""

    @property
    def facts(self) -> Mapping[str, object]:
        return {"at": self.at, "entry": self.entry or "-"}


@dataclass(slots=True)
class Report:
    """What a check came to. Findings are tampering or damage; notes are what a reader should know."""

    findings: list[Found] = field(default_factory=list)
    notes: list[Found] = field(default_factory=list)
    links: int = 0
    entries: int = 0
    checkpoints: int = 0
    root: str = ""
    """The public key that everything rests on: compare it with the one you noted when the deployment began."""

    @property
    def is_whole(self) -> bool:
        return not self.findings

    def add(self, code: str, at: int = 0, entry: str = "") -> None:
        self.findings.append(Found(code, at, entry))

    def note(self, code: str, at: int = 0, entry: str = "") -> None:
        self.notes.append(Found(code, at, entry))


@dataclass(slots=True)
class Statements:
    """What the checkpoints that hold say: links at sequences, and up to where which class expired."""

    links: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """By sequence: the checkpoints' numbers and the link they signed."""
    up_to: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    last_sequence: int = 0
    last_number: int = 0
    hash_name: str = "sha256"

    def covers(self, retention: str, sequence: int) -> bool:
        """Whether a content of this class may be gone."""
        return sequence <= self.up_to.get(retention, 0)

    def take(self, body: Mapping[str, Any]) -> None:
        """Take in a checkpoint that holds."""
        self.links.setdefault(body["sequence"], []).append((body["number"], body["link"]))
        self.last_sequence, self.last_number = body["sequence"], body["number"]
        for stated in body["expired"]:
            name = stated["class"]
            self.up_to[name] = max(self.up_to.get(name, 0), stated["up_to"])
            self.counts[name] = self.counts.get(name, 0) + stated["count"]
