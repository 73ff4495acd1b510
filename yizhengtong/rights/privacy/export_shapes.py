"""The documented schema of an export (docs/privacy.md); `schema_version` changes when one of these does."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class PersonExport(BaseModel):
    id: str
    name: str
    latin_name: str
    birth_date: date
    sex: str
    region: str
    phone: str
    hukou_region: str
    hukou_address: str | None
    nation: str | None


class TelephoneExport(BaseModel):
    """The telephone of the person's account."""

    phone: str
    is_verified: bool


class IdentityExport(BaseModel):
    """A real-name service by which the person's account is entered."""

    service: str
    subject: str
    level: str
    proved_at: datetime


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
    declared_on: date
    is_late: bool
    workplace: str | None
    voucher_number: str


class ReportExport(BaseModel):
    """What somebody else reported of where the person lives; who it was is told by kind."""

    reporter_kind: str
    about: str
    region: str
    address: str
    happened_on: date
    reported_on: date
    state: str
    dispute_words: str | None
    decision_words: str | None


class PaperExport(BaseModel):
    document_code: str
    kind: str
    file_id: str
    is_withdrawn: bool


class ConfirmationExport(BaseModel):
    """What a register of another authority said in an application; `facts`: what it confirmed."""

    evidence: str
    kept_in: str
    answered_by: str = Field(description="Code of the register.")
    result: str
    basis: str
    source: str
    as_of: date | None
    facts: dict[str, Any]
    asked_at: datetime


class VoluntaryConfirmationExport(BaseModel):
    """That the notice on settling was read and confirmed; `text_hash` names the text."""

    text_hash: str
    language: str
    confirmed_at: datetime


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
    confirmations: list[ConfirmationExport]
    voluntary_confirmations: list[VoluntaryConfirmationExport]


class JournalExport(BaseModel):
    action: str
    on: date
    by: str = Field(description="resident, staff or system")
    opinion: dict[str, Any]


class JudgementExport(BaseModel):
    """An officer's word on a condition or a paper."""

    target: str
    code: str
    met: bool
    reason: str
    details: dict[str, Any] | None
    at: datetime


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
    application_number: str | None
    automatic_declined_because: list[str] | None
    post_check: str
    appointments: list[datetime]
    judgements: list[JudgementExport]
    journal: list[JournalExport]
    notices: list[NoticeExport]
    decision: DecisionExport | None


class EndorsementExport(BaseModel):
    on: date
    region: str
    window_from: date
    window_until: date
    endorsed_until: date
    was_late: bool
    years_count_from_after: date | None
    effect: str


class BankAccountExport(BaseModel):
    """The account for the chip."""

    bank: str
    number: str
    recorded_at: datetime


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
    tracking_number: str
    endorsed_until: date | None
    endorsed_on: date | None
    endorsed_region: str | None
    years_count_from: date | None
    endorsements: list[EndorsementExport]
    bank_account: BankAccountExport | None


class SettlementExport(BaseModel):
    """An approval notice (批准定居通知书), and the household registration that rests on it."""

    number: str
    region: str
    authority: str
    issued_on: date
    last_valid_day: date | None
    paper: dict[str, Any]
    registered_on: date | None


class MessageExport(BaseModel):
    kind: str
    language: str
    is_due: bool
    subject: str
    text: str
    at: datetime
    read_at: datetime | None


class DeliveryExport(BaseModel):
    """What was sent to an address. The words stand in the message; those of a code are told to its address alone."""

    kind: str
    channel: str
    address: str
    state: str
    at: datetime


class ContactExport(BaseModel):
    """Where the person is reached; `confirmed_at` is empty while a code waits to be said back."""

    channel: str
    address: str
    confirmed_at: datetime | None


class PreferenceExport(BaseModel):
    language: str
    channels: dict[str, list[str]]
    quiet_from: str = Field(description="HH:MM")
    quiet_until: str = Field(description="HH:MM")


class MinorApprovalExport(BaseModel):
    """That somebody in charge was asked to let an officer open a minor's record."""

    reason: str
    words: str
    state: str
    asked_at: datetime
    decision_words: str
    last_day: date | None


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


class RatingExport(BaseModel):
    """How a case was rated (5 very satisfied … 1 very dissatisfied), and what was answered to a negative one."""

    case_id: UUID
    grade: int
    stage: str
    channel: str
    words: str
    given_at: datetime
    state: str
    due_on: date | None
    outcome: str
    answer: str
    call_back_words: str


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
    telephones: list[TelephoneExport]
    identities: list[IdentityExport]
    numbers: list[NumberExport]
    representations: list[RepresentationExport]
    stays: list[StayExport]
    reports: list[ReportExport]
    applications: list[ApplicationExport]
    cases: list[CaseExport]
    permits: list[PermitExport]
    settlements: list[SettlementExport]
    messages: list[MessageExport]
    deliveries: list[DeliveryExport]
    contacts: list[ContactExport]
    preferences: list[PreferenceExport]
    minor_approvals: list[MinorApprovalExport]
    consents: list[ConsentExport]
    ratings: list[RatingExport]
    requests: list[RequestExport]
    history: list[HistoryExport]
    files: list[FileExport]
    more: dict[str, list[dict[str, Any]]] = Field(
        description="What further rooms keep, by name: checks, tickets about checks, blocked relying parties and so on."
    )
