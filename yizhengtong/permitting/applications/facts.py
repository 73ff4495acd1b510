"""The facts a decision rests on: complete, frozen, and no more than the rules look at.

No name, number or address: what the law asks for is a kind, a date, a place, a count. Ranges of days are half-open
unless a field says otherwise. A fact that came later than a frozen decision has a default: it was not asked for then.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, TypeVar

from yizhengtong.registry.residence.rules import Stay

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class TravelDocument:
    """The travel document shown: `kind` of kernel.numbers.DocumentKind, last valid day if it is known."""

    kind: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class HeldPermit:
    """A living permit: its state, last valid day (None: it does not expire), and the county it was issued for.

    `kind` as in Permit.kind. `endorsed_until`: last day, inclusive, of the endorsed year; None where none is endorsed.
    `years_count_from`: the day from which years of residence count (D22). `suspended`: its functions rest (art. 19 of
    浙江省流动人口居住登记条例).
    """

    state: str
    last_valid_day: date | None
    region: str
    kind: str = "hmt"
    issued_on: date | None = None
    endorsed_until: date | None = None
    years_count_from: date | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class ProofDetails:
    """What an officer established of a kind of proof; None: nobody has said.

    `months`: full months paid or held; `since`, `until`: the term of a contract, or since when a licence is held,
    `[since, until)`; `shows`, `lacks`: codes of what the pack's proof `requires`, found to be so or not.
    """

    months: int | None = None
    since: date | None = None
    until: date | None = None
    shows: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a register said of a kind of proof on the day `as_of`, instead of a paper; the rest as in ProofDetails."""

    register: str
    as_of: date
    months: int | None = None
    since: date | None = None
    until: date | None = None
    shows: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """An officer's word on a condition or a document: met or not, with the code of the reason where it is not."""

    met: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a rule may look at. `evidence` lists the kinds of paper handed in for each document of the item.

    `region`: CN for residents of the mainland, else HK, MO, TW. `hukou_region`: the county of household registration.
    `permit`: the living permit of the item's kind; `permits`: all living ones of its family. `confirmed` and
    `proof_details` go by kind of proof. `asked_on`: the legal day on which it was applied for. `is_exempt`: the group
    of `residence.exempt_groups` that the applicant claims to belong to. `channel`: online or window.
    """

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
    hukou_region: str = ""
    permits: tuple[HeldPermit, ...] = ()
    confirmed: Mapping[str, Confirmed] = field(default_factory=dict)
    proof_details: Mapping[str, ProofDetails] = field(default_factory=dict)
    asked_on: date | None = None
    channel: str = ""
    promises: bool = False
    declares_true: bool = False
    acknowledges_cancellation: bool = False
    chose_type: str = ""
    is_exempt: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, dates as ISO text: what a decision freezes."""
        return _plain(asdict(self))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Facts":
        """Return the facts that `to_json` gave, also that of an earlier release. Raises KeyError, TypeError or
        ValueError on anything else."""
        values = dict(stored)
        for name in _THAW.keys() & values.keys():
            values[name] = _THAW[name](values[name])
        return cls(**values)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _part(kind: type[Part], *, days: tuple[str, ...] = (), lists: tuple[str, ...] = ()) -> Callable[[Any], Part]:
    """Return what thaws one `kind`: named days from text, named lists to tuples."""

    def thaw(stored: Mapping[str, Any]) -> Part:
        values = dict(stored)
        for name in days:
            if values.get(name) is not None:
                values[name] = date.fromisoformat(values[name])
        for name in lists:
            if name in values:
                values[name] = tuple(values[name])
        return kind(**values)

    return thaw


def _by_name(thaw: Callable[[Any], Part]) -> Callable[[Mapping[str, Any]], dict[str, Part]]:
    return lambda stored: {name: thaw(value) for name, value in stored.items()}


def _perhaps(thaw: Callable[[Any], Part]) -> Callable[[Any], Part | None]:
    return lambda stored: None if stored is None else thaw(stored)


def _each(thaw: Callable[[Any], Part]) -> Callable[[Any], tuple[Part, ...]]:
    return lambda stored: tuple(thaw(value) for value in stored)


_permit = _part(HeldPermit, days=("last_valid_day", "issued_on", "endorsed_until", "years_count_from"))
_judged = _part(Judged)
_THAW: Mapping[str, Callable[[Any], Any]] = {
    "birth_date": date.fromisoformat,
    "asked_on": _day,
    "travel_document": _perhaps(_part(TravelDocument, days=("valid_until",))),
    "stays": _each(_part(Stay, days=("start", "until", "declared_on"))),
    "claims": tuple,
    "permit": _perhaps(_permit),
    "permits": _each(_permit),
    "evidence": _by_name(tuple),
    "judged_conditions": _by_name(_judged),
    "judged_documents": _by_name(_judged),
    "confirmed": _by_name(_part(Confirmed, days=("as_of", "since", "until"), lists=("shows", "lacks"))),
    "proof_details": _by_name(_part(ProofDetails, days=("since", "until"), lists=("shows", "lacks"))),
}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
