"""The shapes of pack files. One model per entry, so that every wrong entry is told, not only the first."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from yizhengtong.law.rows import is_row
from yizhengtong.law.values import Certainty, Role

Subject = Literal["hmt", "floating", "settlement", "privacy", "any"]
FileKind = Literal["pack", "calendar", "service_points", "duties", "entitlements", "readings"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]*$")]
Words = Annotated[str, StringConstraints(min_length=1)]
RULES = (
    "is_hong_kong_macao_or_taiwan_resident",
    "holds_accepted_travel_document",
    "has_lived_here_long_enough",
    "has_one_of_three",
    "applies_of_own_will",
    "minor_is_represented",
    "photo_is_available",
    "fingerprints_are_captured",
    "form_is_signed",
    "holds_no_living_permit",
    "holds_permit_of_this_kind",
    "ground_for_replacement_holds",
    "permit_is_reported_lost",
    "is_under_the_floating_rules",
    "lives_away_from_household_registration",
    "is_registered_long_enough",
    "registrations_add_up",
    "is_registered_here",
    "proves_one_of_three",
    "representative_may_act",
    "holds_no_permit_of_the_family",
    "holds_permit_to_endorse",
    "endorsement_window_is_open",
    "holds_valid_zhejiang_permit",
    "makes_the_promise",
    "declares_truth",
    "acknowledges_cancellation",
    "is_taiwan_resident",
    "holds_valid_entry_document",
    "settlement_ground_holds",
    "health_certificate_is_recent",
    "settlement_representative_may_act",
    "no_refusal_ground_is_known",
)


def _known_row(row: str) -> str:
    if not is_row(row):
        raise ValueError(f"unknown row {row}")
    return row


def _known_rule(rule: str) -> str:
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule}")
    return rule


def _frozen_words(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Row = Annotated[str, AfterValidator(_known_row)]
Rows = tuple[Row, ...]
Rule = Annotated[str, AfterValidator(_known_rule)]
Article = Annotated[str, BeforeValidator(_frozen_words)]


class Shape(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True)


class Names(Shape):
    """A name in the three languages of the house."""

    zh_hans: Words = Field(alias="zh-Hans")
    zh_hant: Words = Field(alias="zh-Hant")
    en: Words

    def in_language(self, language: str) -> str:
        """The name in `zh-Hans`, `zh-Hant` or `en`; zh-Hans for any other."""
        return {"zh-Hant": self.zh_hant, "en": self.en}.get(language, self.zh_hans)


class SourceText(Shape):
    """A text of the law or a document, declared once in a pack."""

    text: Words
    title: str = ""
    issuer: str = ""
    published: date | None = None
    in_force: date | None = None
    based_on: tuple[str, ...] = ()
    addressed_to: tuple[str, ...] = ()
    certainty: Certainty
    rows: Rows = ()
    note: str = ""


class Cited(Shape):
    """Where the law says so: `text` is the id of a declared source."""

    text: str
    article: Article = ""
    words: str = ""


class Dated(Shape):
    """Days in force, half-open."""

    since: date = Field(alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Dated":
        if self.until is not None and self.until <= self.since:
            raise ValueError("until must lie after from")
        return self

    def overlaps(self, other: "Dated") -> bool:
        """Say whether both are in force on one day."""
        return all(end is None or max(self.since, other.since) < end for end in (self.until, other.until))


class Deviation(Shape):
    """Why a value that looks stricter or poorer than the nation's is known and kept."""

    why: Words
    rows: Rows = Field(min_length=1)


class Entry(Dated):
    """One dated value of a key."""

    value: Any
    unit: str
    source: Cited
    certainty: Certainty
    rows: Rows = ()
    note: str = ""
    marks: Mapping[str, Certainty] = Field(default_factory=dict)
    override: bool = False
    deviation: Deviation | None = None


class EvidenceKind(Shape):
    """A kind of paper that proves something."""

    name: Names
    proves: Literal[
        "employment",
        "dwelling",
        "study",
        "identity",
        "guardianship",
        "loss",
        "permit",
        "photo",
        "form",
        "exemption",
        "settlement_ground",
        "health",
    ]
    source: Cited
    rows: Rows = ()
    certainty: Certainty


class ConditionEntry(Shape):
    rule: Rule
    source: Cited
    rows: Rows = ()
    certainty: Certainty


WHEN = (
    r"^(always|minor|proxy|proxy:seriously_ill|exempt|ground:[a-z_]+|claim:(employment|dwelling|study)"
    r"|listed:[a-z_]+|tested:[a-z_]+)$"
)
"""`listed`: where the place's settle.docs names the paper; `tested`: on that ground, where the place tests grounds."""


class DocumentEntry(Shape):
    code: Code
    name: Names
    any_of: tuple[Code, ...] = Field(min_length=1)
    when: Annotated[str, StringConstraints(pattern=WHEN)]
    source: Cited
    rows: Rows = ()
    certainty: Certainty


class StepEntry(Shape):
    step: Literal["accept", "review", "approve", "produce", "hand_over"]
    role: Role
    source: Cited
    rows: Rows = ()
    certainty: Certainty


class ItemEntry(Dated):
    """A service item: what an applicant may ask for, on which conditions, with which papers, through which hands."""

    name: Names
    permit_kind: Literal["hmt", "zhejiang_card", "zhejiang_digital", "settlement"]
    outcome: Literal["first_issue", "replacement", "reissue", "endorsement", "conversion", "settlement"]
    grounds: tuple[Code, ...] = ()
    form: str
    fee: Code
    limit: Code = "issue.limit"
    source: Cited
    rows: Rows = ()
    certainty: Certainty
    conditions: tuple[ConditionEntry, ...] = Field(min_length=1)
    documents: tuple[DocumentEntry, ...] = Field(min_length=1)
    captures: tuple[Literal["photo", "fingerprints", "signature"], ...]
    steps: tuple[StepEntry, ...] = Field(min_length=1)


class Header(Shape):
    """What every file says of itself."""

    kind: FileKind
    region: Annotated[str, StringConstraints(pattern=r"^(cn|\d{6})$")]
    subject: Subject
    name: Words
    note: str = ""
