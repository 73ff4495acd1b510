"""The shapes that go out."""

from datetime import date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no zone")
    return value


_TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
TimeOfDay = Annotated[time, AfterValidator(_without_zone), WithJsonSchema({"type": "string", "pattern": _TIME})]
"""In the platform's time, without a zone: what JSON Schema calls a time has one."""


class SourceOut(BaseModel):
    """Where the law says so."""

    text: str = Field(examples=["国办发〔2018〕81号"])
    article: str = ""
    words: str = ""


class FindingOut(BaseModel):
    """One condition or paper: what is asked, how it stands, how to mend it, when it would be met."""

    code: str
    met: bool | None = Field(description="null: an officer must settle it.")
    title: str
    detail: str
    fix: str = ""
    met_on: date | None = Field(None, description="First day on which it will be met if nothing else changes.")
    source: SourceOut


class NoticeOut(BaseModel):
    """A dated one-time notice: everything at once."""

    kind: str = Field(description="supplement or refusal")
    issued_on: date
    answered_on: date | None
    title: str
    findings: list[FindingOut]
    remedies: list[str]


class EvidenceOut(BaseModel):
    """A paper handed in."""

    id: str
    document_code: str
    kind: str
    media_type: str
    size_bytes: int


class ApplicationOut(BaseModel):
    """An application."""

    id: str
    item: str
    place: str
    ground: str
    claims: list[str]
    state: str
    answers: dict[str, str | bool]
    evidence: list[EvidenceOut]
    version: int


class AppointmentOut(BaseModel):
    """A time at a service point."""

    id: str
    service_point: str
    starts_at: datetime
    ticket_number: int | None = None
    state: str


class CaseOut(BaseModel):
    """A case as its applicant sees it."""

    id: str
    application_id: str
    item: str
    service_point: str
    state: str
    state_words: str
    receipt_number: str | None
    received_on: date
    accepted_on: date | None
    due_on: date | None
    is_due_provisional: bool = Field(description="The calendar of the year it ends in is not announced yet.")
    awaits_supplement: bool
    decided_on: date | None
    permit_id: str | None
    version: int


class PermitOut(BaseModel):
    """A permit as its holder sees it."""

    id: str
    kind: str
    number: str
    issue_count: int
    authority: str
    valid_from: date
    last_valid_day: date
    state: str
    is_valid: bool
    reason: str
    delivery: str
    made_on: date | None
    handed_over_on: date | None
    ended_on: date | None
    end_reason: str
