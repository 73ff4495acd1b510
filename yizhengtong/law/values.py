"""The kinds of value a parameter of the law may have. Strict and frozen: a pack means exactly what it says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yizhengtong.kernel.dates import Duration

Certainty = Literal["C", "I", "M", "N"]
"""C read in the source, I inferred, M known but no stored page seen, N not found."""

DurationUnit = Literal["workday", "day", "month", "year"]
Claim = Literal["employment", "dwelling", "study"]
Natural = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class Value(BaseModel):
    """A value of several parts."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Limit(Value):
    """A time within which something must happen: from the day after `start` until the end of the day of `end`."""

    n: Positive
    unit: DurationUnit
    start: Literal["acceptance", "receipt", "notice", "request", "arrival", "change", "decision"]
    end: Literal["issued", "notified", "signed", "filed", "corrected", "pushed"]

    @property
    def duration(self) -> Duration:
        return Duration(self.n, self.unit)


class Extension(Value):
    """How much longer a limit may at most become, and where."""

    n: Positive
    unit: DurationUnit
    where: Literal["remote_area", "prefecture_rules"]

    @property
    def duration(self) -> Duration:
        return Duration(self.n, self.unit)


class ResidenceMeasure(Value):
    """How long, and where, somebody must have lived. Days and months are never converted (D5)."""

    measure: Literal["months", "days"]
    n: Positive
    scope: Literal["county", "city", "province", "nation"]
    contiguous: bool
    evidence: Literal["registered", "any"]

    @property
    def duration(self) -> Duration:
        return Duration(self.n, "month" if self.measure == "months" else "day")


class Fee(Value):
    """What the applicant pays. `card_cost`: the cost of making the card; its amount in fen where known."""

    charge: Literal["free", "card_cost"]
    fen: Natural | None = None

    @model_validator(mode="after")
    def _free_is_nothing(self) -> "Fee":
        if self.charge == "free" and self.fen != 0:
            raise ValueError("free is 0 fen")
        if self.charge == "card_cost" and self.fen == 0:
            raise ValueError("a charge is not 0 fen")
        return self


class ProxyRule(Value):
    """Whom somebody else may act for, and who that may be. Ages in completed years on the day of the act."""

    who: Literal["minor", "elderly", "disabled", "seriously_ill"]
    by: tuple[Literal["guardian", "near_relative"], ...] = Field(min_length=1)
    under_age: Positive | None = None
    from_age: Positive | None = None
    papers: tuple[Literal["applicant_identity", "proxy_identity", "guardianship", "power_of_attorney"], ...] = ()

    @model_validator(mode="after")
    def _minors_have_an_age(self) -> "ProxyRule":
        if (self.who == "minor") != (self.under_age is not None):
            raise ValueError("under_age belongs to a minor, and a minor needs it")
        return self


class ProofRule(Value):
    """One kind of proof that settles a claim, with the least time it must show where a text says one.

    `measured` says of what the time is: months paid, since when it is held, or the term of a contract; None is held.
    `requires`: what else must be so, by codes that an officer or a register establishes.
    """

    evidence: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    n: Positive | None = None
    unit: DurationUnit | None = None
    measured: Literal["paid", "held", "term"] | None = None
    requires: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _number_has_unit(self) -> "ProofRule":
        if (self.n is None) != (self.unit is None):
            raise ValueError("a number needs a unit and a unit a number")
        return self

    @property
    def minimum(self) -> Duration | None:
        return Duration(self.n, self.unit) if self.n is not None and self.unit is not None else None


class Validity(Value):
    """How long a permit is good. No `n`: no expiry."""

    n: Positive | None
    unit: DurationUnit | None
    endorsement: Literal["none", "yearly"]
    uses_per_month: Positive | None = None

    @model_validator(mode="after")
    def _number_has_unit(self) -> "Validity":
        if (self.n is None) != (self.unit is None):
            raise ValueError("a number needs a unit and a unit a number")
        return self

    @property
    def duration(self) -> Duration | None:
        return Duration(self.n, self.unit) if self.n is not None and self.unit is not None else None


class Retention(Value):
    """How long something is kept: `long_term` by statute, `shortest_necessary` for its purpose, or a least time."""

    keep: Literal["long_term", "shortest_necessary", "at_least"]
    n: Positive | None = None
    unit: DurationUnit | None = None

    @model_validator(mode="after")
    def _only_least_times_have_numbers(self) -> "Retention":
        has_both = self.n is not None and self.unit is not None
        has_any = self.n is not None or self.unit is not None
        if has_both != (self.keep == "at_least") or has_any != has_both:
            raise ValueError("at_least, and only at_least, needs n and unit")
        return self


class NumberPrefixes(Value):
    """The address codes with which permit numbers begin, by region of origin."""

    hongkong: str = Field(pattern=r"^\d{6}$")
    macao: str = Field(pattern=r"^\d{6}$")
    taiwan: str = Field(pattern=r"^\d{6}$")


class SettlementGround(Value):
    """One ground on which a Taiwan resident may settle (values seen only; D18)."""

    ground: Literal["lineal_kin", "alone_with_lineal_kin", "spouse", "investment", "talent", "any_wish", "other"]
    married_years: Positive | None = None
    least_usd_cents: Positive | None = None
    least_tax_fen: Positive | None = None

    @property
    def least_usd(self) -> int | None:
        """The least amount in whole US dollars, as it is said."""
        return None if self.least_usd_cents is None else self.least_usd_cents // 100

    @property
    def least_tax_yuan(self) -> int | None:
        """The least tax in whole yuan, as it is said."""
        return None if self.least_tax_fen is None else self.least_tax_fen // 100


class EndorsementWindow(Value):
    """When a permit is endorsed: every `every`, within `n` `unit` before each is full."""

    every: Literal["year"]
    n: Positive
    unit: DurationUnit

    @property
    def duration(self) -> Duration:
        return Duration(self.n, self.unit)


PersonalKind = Literal[
    "identity", "numbers", "residence", "contact", "biometrics", "papers", "match", "reads_and_acts", "bank_account"
]
"""Kinds of personal data; `match`: whether what somebody was shown is right, and nothing more."""


class DataUse(Value):
    """What personal data are used for, and on which ground of 个人信息保护法 art. 13 (`article`).

    `separate`: the consents that are asked each by itself, for provision to others (art. 23) or sensitive data
    (art. 29). `keeps`: the retention class.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    basis: Literal["statutory_duty", "consent"]
    article: str
    kinds: tuple[PersonalKind, ...] = Field(min_length=1)
    keeps: Literal["archive", "work", "log", "provision"]
    separate: tuple[Literal["provision", "sensitive"], ...] = ()


class ReportClock(Value):
    """Within how many hours of its discovery an incident is reported, and to whom."""

    n: Positive
    unit: Literal["hour"]
    to: Literal[
        "protection_department", "own_department", "provincial_cyberspace_administration", "competent_department"
    ]


NoticeContent = Literal["handler", "contact", "purpose", "method", "kinds", "retention", "rights"]
BreachContent = Literal["kinds", "cause", "harm", "measures", "contact"]
BreachTold = Literal["protection_department", "persons"]
Travel = Literal["hrp", "mtp_five_year", "mtp_one_time", "hrp_non_chinese", "local_identity_card"]
"""hrp 港澳居民来往内地通行证, mtp 台湾居民来往大陆通行证; hrp_non_chinese: the card for non-Chinese holders."""

FormStep = Literal["filled_by_applicant", "filled_online", "printed_by_system", "signed_at_counter"]
Delivery = Literal["collect", "post"]
Role = Literal["clerk", "reviewer", "approver"]
ReaderDocument = Literal["identity_card", "social_security_card", "electronic_social_security_card", "residence_permit"]
VoidGround = Literal["lost_status", "false_proof", "harms_state", "travel_document_void"]
CardItem = Literal[
    "name",
    "sex",
    "birth_date",
    "residence_address",
    "number",
    "photo",
    "fingerprints",
    "validity",
    "authority",
    "issue_count",
    "travel_document_number",
    "nation",
    "household_address",
    "issued_on",
]
SettlementDocument = Literal[
    "application_form",
    "written_application",
    "photos",
    "taiwan_identity_card",
    "travel_document",
    "mainland_travel_permit",
    "health_certificate",
    "notarised_proof",
    "ground_proof",
]
SettlementRefusal = Literal["crime_suspected", "endangers_state", "false_statements", "serious_illness", "other_law"]
"""中国公民往来台湾地区管理办法 art. 19, in its order."""

SettlementNotice = Literal[
    "voluntary",
    "three_documents",
    "reported_effects",
    "no_agents",
    "only_card_cost",
    "materials_protected",
    "keep_safe",
]
SettlementOutput = Literal["approval_notice", "settlement_permit"]
AfterHousehold = Literal["officer_looks"]
Regions = Literal["hongkong", "macao", "taiwan"]
