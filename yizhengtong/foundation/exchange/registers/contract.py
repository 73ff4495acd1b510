"""The one contract of all registers. No Django: the reference server and others use it as it is.

A register never raises: what cannot be told now is `unavailable`. No answer carries a name.
"""

from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from yizhengtong.kernel.numbers import DocumentKind


class Kind(StrEnum):
    """What a register keeps. The values are stored and sent: they never change."""

    SOCIAL_INSURANCE = "social_insurance"
    BUSINESS_LICENCE = "business_licence"
    LEASE = "lease"
    SCHOOL_ROLL = "school_roll"
    HOUSEHOLD_REGISTER = "household_register"
    RESIDENCE_PERMITS = "residence_permits"
    DEATH = "death"


class Result(StrEnum):
    """What became of a question."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"


LicenceStatus = Literal["active", "suspended", "revoked", "cancelled"]
School = Literal["primary", "secondary", "vocational", "university"]
PermitState = Literal["valid", "suspended", "lost", "ended"]


@dataclass(frozen=True, slots=True)
class SocialInsurance:
    """`months`: full months paid without a gap; `until`: the last day of the last of them."""

    months: int
    until: date


@dataclass(frozen=True, slots=True)
class BusinessLicence:
    """A licence held since `since`."""

    since: date
    status: LicenceStatus


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease of a home on [since, until), without an end where `until` is None. `is_registered` with the authority;
    `is_safe`: whether it met the rules of safety; None: nobody has looked."""

    since: date
    until: date | None
    is_registered: bool
    is_safe: bool | None


@dataclass(frozen=True, slots=True)
class SchoolRoll:
    """A pupil or student on the roll now, since `since`; full-time schools only (S3-45)."""

    since: date
    school: School


@dataclass(frozen=True, slots=True)
class HouseholdRegister:
    """Where somebody's household is registered: county (GB/T 2260) and address. `has_died`: struck off by death."""

    region: str
    address: str | None = field(repr=False)
    has_died: bool


@dataclass(frozen=True, slots=True)
class ResidencePermit:
    """A living permit of the province, whichever county gave it. `endorsed_until`: last day, inclusive."""

    permit_number: str = field(repr=False)
    region: str
    permit: str
    state: PermitState
    issued_on: date
    endorsed_until: date | None


@dataclass(frozen=True, slots=True)
class Death:
    died_on: date


Fact: TypeAlias = SocialInsurance | BusinessLicence | Lease | SchoolRoll | HouseholdRegister | ResidencePermit | Death

FACTS: dict[Kind, type[Fact]] = {
    Kind.SOCIAL_INSURANCE: SocialInsurance,
    Kind.BUSINESS_LICENCE: BusinessLicence,
    Kind.LEASE: Lease,
    Kind.SCHOOL_ROLL: SchoolRoll,
    Kind.HOUSEHOLD_REGISTER: HouseholdRegister,
    Kind.RESIDENCE_PERMITS: ResidencePermit,
    Kind.DEATH: Death,
}
"""What each register tells of a person, each fact typed."""


def names_of(kind: Kind) -> tuple[str, ...]:
    """Return what a register of this kind can be asked for."""
    return tuple(each.name for each in fields(FACTS[kind]))


@dataclass(frozen=True, slots=True)
class Number:
    """A document number of the person asked about, in normal form. Stays out of repr()."""

    kind: DocumentKind
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: of which kind, about whom, on which legal day, and what for. `asks`: the facts wanted, and no more.

    Raises ValueError for a question without a number or a purpose, or for facts the kind does not have.
    """

    kind: Kind
    numbers: tuple[Number, ...] = field(repr=False)
    on: date
    purpose: str
    asks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.numbers or not self.purpose:
            raise ValueError("a question names a person and a purpose")
        if not set(self.asks) <= set(names_of(self.kind)):
            raise ValueError("a question asks for facts that this kind of register does not have")

    @property
    def wanted(self) -> tuple[str, ...]:
        """What is asked for; all that the kind has where nothing is named."""
        return self.asks or names_of(self.kind)


Told: TypeAlias = dict[str, str | int | bool | date | None]
"""The facts of one entry that were asked for, by name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a register said. `register`: its code; `as_of`: the day its content is of, also of one too old to count.

    `facts`: one for each entry about the person, holding what was asked for and nothing else.
    """

    result: Result
    register: str
    as_of: date | None = None
    facts: tuple[Told, ...] = field(default=(), repr=False)


class Register(Protocol):
    """Something that answers. Never raises."""

    def ask(self, question: Question) -> Answer: ...


def unavailable(register: str, as_of: date | None = None) -> Answer:
    return Answer(Result.UNAVAILABLE, register, as_of)
