"""The facts a decision rests on: complete, frozen, and no more than the rules look at.

No name, number or address: what the law asks for is a kind, a date, a place, a count.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from yizhengtong.registry.residence.rules import Stay


@dataclass(frozen=True, slots=True)
class TravelDocument:
    """The travel document shown: `kind` of kernel.numbers.DocumentKind, last valid day if it is known."""

    kind: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class HeldPermit:
    """The living permit of the same kind: its state, last valid day, and the county it was issued for."""

    state: str
    last_valid_day: date
    region: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An officer's word on a condition or a document: met or not, with the code of the reason where it is not."""

    met: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a rule may look at. `evidence` lists the kinds of paper handed in for each document of the item."""

    region: str
    birth_date: date
    place: str
    travel_document: TravelDocument | None = None
    stays: tuple[Stay, ...] = ()
    claims: tuple[str, ...] = ()
    ground: str = ""
    applies_of_own_will: bool = False
    relation: str = ""
    photo: str = ""
    has_fingerprints: bool = False
    has_signed_form: bool = False
    permit: HeldPermit | None = None
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    judged_conditions: Mapping[str, Judged] = field(default_factory=dict)
    judged_documents: Mapping[str, Judged] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, dates as ISO text: what a decision freezes."""
        return _plain(asdict(self))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Facts":
        """Return the facts that `to_json` gave. Raises KeyError or ValueError on anything else."""
        values = dict(stored)
        document, permit = values["travel_document"], values["permit"]
        return cls(
            **{
                **values,
                "birth_date": date.fromisoformat(values["birth_date"]),
                "travel_document": document and TravelDocument(document["kind"], _day(document["valid_until"])),
                "stays": tuple(
                    Stay(stay["region"], date.fromisoformat(stay["start"]), _day(stay["until"]), stay["reported_by"])
                    for stay in values["stays"]
                ),
                "claims": tuple(values["claims"]),
                "permit": permit
                and HeldPermit(permit["state"], date.fromisoformat(permit["last_valid_day"]), permit["region"]),
                "evidence": {code: tuple(kinds) for code, kinds in values["evidence"].items()},
                "judged_conditions": {code: Judged(**word) for code, word in values["judged_conditions"].items()},
                "judged_documents": {code: Judged(**word) for code, word in values["judged_documents"].items()},
            }
        )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
