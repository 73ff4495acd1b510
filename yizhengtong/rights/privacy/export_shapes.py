"""The documented schema of an export (docs/privacy.md); `schema_version` changes when one of these does."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field


class PersonExport(BaseModel):
    id: str
    name: str
    latin_name: str
    birth_date: date
    sex: str
    region: str
    phone: str


class NumberExport(BaseModel):
    kind: str
    number: str
    valid_until: date | None
    is_current: bool


class RepresentationExport(BaseModel):
    """Somebody acts for the person, or the person for somebody; who that is, is theirs to tell."""

    direction: str = Field(description="acts_for_somebody or somebody_acts")
    relation: str
    since: date
    until: date | None


class StayExport(BaseModel):
    region: str
    address: str
    start: date
    until: date | None
    reported_by: str
    is_current: bool


class PaperExport(BaseModel):
    document_code: str
    kind: str
    file_id: str
    is_withdrawn: bool


class ApplicationExport(BaseModel):
    id: str
    item: str
    place: str
    ground: str
    claims: list[str]
    answers: dict[str, Any]
    state: str
    created_at: datetime
    submitted_at: datetime | None
    papers: list[PaperExport]


class JournalExport(BaseModel):
    action: str
    on: date
    by: str = Field(description="resident, staff or system")
    opinion: dict[str, Any]


class NoticeExport(BaseModel):
    kind: str
    issued_on: date
    answered_on: date | None
    findings: list[dict[str, Any]]


class DecisionExport(BaseModel):
    granted: bool
    law_on: date
    law_hash: str
    facts: dict[str, Any]
    findings: list[dict[str, Any]]


class CaseExport(BaseModel):
    id: str
    application_id: str
    item: str
    state: str
    receipt_number: str | None
    received_on: date
    accepted_on: date | None
    due_on: date | None
    decided_on: date | None
    appointments: list[datetime]
    journal: list[JournalExport]
    notices: list[NoticeExport]
    decision: DecisionExport | None


class PermitExport(BaseModel):
    id: str
    kind: str
    number: str
    state: str
    authority: str
    valid_from: date
    last_valid_day: date
    ended_on: date | None
    end_reason: str
    card: dict[str, Any]
    delivery: str
    delivery_address: str


class ConsentExport(BaseModel):
    use: str
    answer: str
    at: datetime


class RequestExport(BaseModel):
    """An objection, or a request for correction or deletion."""

    kind: str
    about: str
    words: str
    filed_at: datetime
    state: str
    answer: str


class HistoryExport(BaseModel):
    at: datetime
    who: str
    office: str
    action: str
    purpose: str


class FileExport(BaseModel):
    """A kept file; its content is at `/api/resident/my/files/{id}`."""

    id: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    created_at: datetime


class Export(BaseModel):
    """What is kept of one person. History: the newest 1000 entries; the rest by the access history itself."""

    schema_version: str
    made_at: datetime
    person: PersonExport
    numbers: list[NumberExport]
    representations: list[RepresentationExport]
    stays: list[StayExport]
    applications: list[ApplicationExport]
    cases: list[CaseExport]
    permits: list[PermitExport]
    consents: list[ConsentExport]
    requests: list[RequestExport]
    history: list[HistoryExport]
    files: list[FileExport]
