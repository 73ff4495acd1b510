"""The kinds of value that only the law of the floating population has: registration, endorsement, conversion.

Strict and frozen like the others. Money in fen; times in the unit the text names.
"""

from typing import Literal

from pydantic import Field, model_validator

from yizhengtong.law.schema import Names
from yizhengtong.law.values import Natural, Positive, Role, Value

Crossing = Literal["county_or_urban_area", "city"]
"""What somebody leaves to be under these rules: the county or the districts of a city, or the city as a whole."""

CountsFrom = Literal["declaration", "arrival"]
EndorsementCountsFrom = Literal["issue", "residence"]
Overdue = Literal["functions_suspended"]
EndGround = Literal["not_eligible", "local_household", "death", "other"]
ExemptGroup = Literal["named_investor", "named_talent"]
RegistrationChannel = Literal["window", "mobile_app", "internet"]
Voucher = Literal["paper", "electronic"]
Channel = Literal["government_service_site", "zheliban_app", "window"]
OnlineChannel = Literal["government_service_site", "zheliban_app"]
ApplicationStep = Literal["promise", "fill_in", "upload", "confirm"]
"""告知承诺, 在线填表, 上传材料, 确认提交."""

DataItem = Literal[
    "name",
    "sex",
    "nation",
    "birth_date",
    "number",
    "photo",
    "household_address",
    "residence_address",
    "workplace",
    "political_status",
    "education",
    "marital_status",
    "employment",
    "social_security",
    "contact",
]
CardPrint = Literal[
    "photo", "identity", "bank_account", "unionpay_mark", "permit_name", "fluorescent_map", "barcode", "permit_number"
]
CardFeature = Literal["information_technology", "dual_interface", "large_capacity", "loads_and_reads", "durable"]
Indicator = Literal["residence_years", "employment_years", "insurance_years"]


class RegistrationExemption(Value):
    """Who need not declare, who registers instead and reports to the police; `most_days` where a stay is short."""

    group: Literal["lodging", "hospital", "boarding_school", "rescue_station", "with_near_relatives"]
    registered_by: Literal["operator", "hospital", "school", "rescue_station", "nobody"]
    reports: bool
    most_days: Positive | None = None


class ReportDuty(Value):
    """Who must tell the police of a resident, on which events and within which time after each."""

    reporter: Literal["employer", "landlord", "property_manager", "agent"]
    after: tuple[Literal["start", "end", "knowledge", "introduction"], ...] = Field(min_length=1)
    n: Positive
    unit: Literal["workday", "day"]
    to: tuple[Literal["police", "property_manager"], ...] = Field(min_length=1)
    tells_resident: bool


class Penalty(Value):
    """What an act costs by law. Recorded, never imposed here. Fines in fen; `per_person_fen`: for each not reported."""

    article: str
    act: str
    measures: tuple[Literal["warning", "order_to_correct", "fine", "seizure", "confiscation", "discipline"], ...]
    only_after_order: bool = False
    least_fen: Natural | None = None
    most_fen: Positive | None = None
    per_person_fen: Positive | None = None


class DataGroup(Value):
    """A group of data on the card's chip; `consent` separate: only with a consent asked by itself."""

    group: Literal["identity", "service", "bank_account"]
    consent: Literal["none", "separate"]


class CardFunction(Value):
    """A function of the card: open since the first issue, or announced for later; where it must be activated."""

    function: Literal["postal_savings", "bus", "library", "attendance", "payroll", "social_security"]
    is_open: bool
    activated_at: Literal["bank", "nowhere"] = "nowhere"


class OnlineEntry(Value):
    """Where one applies online: the site or app by its name, and the part of it that one opens there."""

    channel: OnlineChannel
    name: Names
    section: Names | None = None


class OnlineEntries(Value):
    """The ways in, and the platform of the province that stands behind them."""

    entries: tuple[OnlineEntry, ...] = Field(min_length=1)
    platform: Names


class Choice(Value):
    """A box to tick: its code and its words as printed."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    words: str


class FormField(Value):
    """A field of a printed form in its order. `cells`: how many boxes its characters have."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    words: str
    kind: Literal["text", "number_cells", "one_choice", "choices", "notice", "declaration", "opinion", "remark"]
    group: Literal["head", "type", "employment", "dwelling", "rented_dwelling", "study", "notice", "opinions", "remark"]
    cells: Positive | None = None
    choices: tuple[Choice, ...] = ()
    signed: bool = False

    @model_validator(mode="after")
    def _choices_belong(self) -> "FormField":
        if (self.kind in ("one_choice", "choices")) != bool(self.choices):
            raise ValueError("choices belong to a choice, and a choice needs them")
        return self


class SystemRule(Value):
    """The named rule of the system that fills one opinion, and the office whose officer answers for it (D24)."""

    opinion: Role
    rule: Literal["form_is_complete_and_declared", "every_fact_is_confirmed", "every_condition_is_met"]
    answers: Literal["accepting_station", "county_authority"]
