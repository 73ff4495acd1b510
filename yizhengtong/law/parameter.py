"""What the law says, as its readers get it: parameters, readings, service items, entitlements, points, duties."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yizhengtong.kernel.findings import Source
from yizhengtong.law.annexes import Agency, EntitlementKind
from yizhengtong.law.schema import Names
from yizhengtong.law.values import Certainty


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a key as one pack has it, in force on [since, until). `marks`: parts less certain than the whole."""

    key: str
    value: Any
    unit: str
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty
    note: str
    pack: str
    line: int
    since: date
    until: date | None
    marks: Mapping[str, Certainty] = field(default_factory=dict)
    deviation: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What decides for a key. With `deviation`, `readings` holds all that are in force, the most favourable first."""

    key: str
    value: Any
    unit: str
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty
    note: str
    pack: str
    line: int
    since: date
    until: date | None
    deviation: bool
    readings: tuple[Reading, ...]
    marks: Mapping[str, Certainty] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    rule: str
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A paper to show: any one of the evidence kinds `any_of`, when `when` holds."""

    code: str
    name: Names
    any_of: tuple[str, ...]
    when: str
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class ItemStep:
    step: str
    role: str
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """What may be applied for. `fee` and `limit` are the keys of its fee and of the time in which it is decided;
    `grounds` is empty where no ground is asked."""

    code: str
    name: Names
    permit_kind: str
    outcome: str
    grounds: tuple[str, ...]
    form: str
    fee: str
    conditions: tuple[Condition, ...]
    documents: tuple[RequiredDocument, ...]
    captures: tuple[str, ...]
    steps: tuple[ItemStep, ...]
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty
    since: date
    until: date | None
    pack: str
    line: int
    limit: str = "issue.limit"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kind of paper and what it proves."""

    code: str
    name: Names
    proves: str
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class ServicePoint:
    """A service point 受理点 as of `as_of`. `region` None: it lies in the functional zone `zone`, not in a district."""

    code: str
    number: int
    name: str
    kind: str
    address: str
    phone: str
    phone_normalised: str
    area_code_certainty: Certainty
    region: str | None
    zone: str | None
    as_of: date | None
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty
    pack: str
    line: int


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty clause: who must secure what. `coordinates`: it stands in for what no clause assigns."""

    clause: int
    agencies: tuple[Agency, ...]
    with_district_governments: bool
    open_ended: bool
    duty: str
    tasks: tuple[str, ...]
    serves: tuple[str, ...]
    coordinates: bool
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty
    pack: str
    line: int


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A right, service or convenience. `served_by`: clauses; `assigned` False: only the general co-ordinators."""

    code: str
    kind: EntitlementKind
    number: int
    name: Names
    place_bound: bool
    source: Source
    rows: tuple[str, ...]
    certainty: Certainty
    note: str
    served_by: tuple[int, ...]
    assigned: bool
    granted_by: tuple[Source, ...]
    pack: str
    line: int
