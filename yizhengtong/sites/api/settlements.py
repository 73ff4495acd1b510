"""What came of a settlement, as residents and officers see it."""

from datetime import date

from pydantic import BaseModel, Field

from yizhengtong.foundation.texts import say
from yizhengtong.permitting.settlement.models import ApprovalNotice
from yizhengtong.permitting.settlement.queries import Settled
from yizhengtong.permitting.settlement.rules import NextStep
from yizhengtong.sites.api.schemas import SourceOut

_TAIWAN = "TW"


class ApprovalNoticeOut(BaseModel):
    """《批准定居通知书》 as it is printed."""

    number: str
    issued_on: date
    last_valid_day: date | None = Field(description="null: no law says how long it is good.")
    authority: str
    region: str
    name: str
    sex: str
    birth_date: date
    travel_document_number: str
    settles_at: str


class NextStepOut(BaseModel):
    """One thing to do next."""

    code: str
    words: str
    source: SourceOut


class SettledOut(BaseModel):
    """The notice, the household registration, and what comes next; empty before the approval."""

    notice: ApprovalNoticeOut | None
    household_registered_on: date | None
    next: list[NextStepOut]


def settled_out(settled: Settled, language: str) -> SettledOut:
    registration = settled.registration
    return SettledOut(
        notice=_notice_out(settled.notice) if settled.notice else None,
        household_registered_on=registration.registered_on if registration else None,
        next=[next_step_out(step, language) for step in settled.next],
    )


def next_step_out(step: NextStep, language: str) -> NextStepOut:
    source = step.source
    return NextStepOut(
        code=step.code,
        words=say(step.code, language, region=_TAIWAN),
        source=SourceOut(text=source.text, article=source.article, words=source.words),
    )


def _notice_out(notice: ApprovalNotice) -> ApprovalNoticeOut:
    return ApprovalNoticeOut(
        number=notice.number,
        issued_on=notice.issued_on,
        last_valid_day=notice.last_valid_day,
        region=notice.region,
        **notice.paper,
    )
