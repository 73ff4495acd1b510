"""Rating how one's case was handled (好差评): once, at its end, only if one wishes."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.rights.feedback.grades import GRADES
from yizhengtong.rights.feedback.models import LONGEST_WORDS, Rating
from yizhengtong.rights.feedback.queries import rating_of
from yizhengtong.rights.feedback.services import rate
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.words import reader_language

router = Router()


class RatingIn(In):
    """One of the five grades, and a free word beside it."""

    grade: Literal[5, 4, 3, 2, 1] = Field(description="5 非常满意, 4 满意, 3 基本满意, 2 不满意, 1 非常不满意.")
    words: str = Field("", max_length=LONGEST_WORDS)


class RatingOut(BaseModel):
    """A rating and what became of it."""

    id: str
    case_id: str
    grade: int
    grade_words: str
    stage: str
    channel: str
    words: str
    given_at: datetime
    state: str
    state_words: str
    due_on: date | None = Field(description="Last day of the answer to a negative rating.")
    is_due_by_pack: bool = Field(description="The place's law names the time; else this deployment promises it.")
    outcome: str
    answer: str
    called_back_at: datetime | None


@router.post("/{decided_case_id}/rating", response={201: RatingOut}, openapi_extra=policy("own person or ward"))
def give(request: HttpRequest, decided_case_id: str, payload: RatingIn) -> Status[RatingOut]:
    """Rate a case that is decided or over. Once; nothing depends on it, and nobody is asked twice."""
    rating = rate(
        case_id=parse_public_id("cas", decided_case_id), grade=payload.grade, words=payload.words,
        acting=own_person(request), on=today(), by=by(request),
    )  # fmt: skip
    return Status(201, rating_out(rating, reader_language(request)))


@router.get("/{decided_case_id}/rating", response=RatingOut, openapi_extra=policy("own person or ward"))
def read(request: HttpRequest, decided_case_id: str) -> RatingOut:
    """How the case was rated, and what was answered. 404 while it was not."""
    case = _own(request, decided_case_id)
    rating = rating_of(case)
    if rating is None:
        raise NotFound("not_found")
    record_read("feedback.read", by=by(request), on=("rating", rating.pk), person_id=case.person_id, purpose="own data")
    return rating_out(rating, reader_language(request))


def rating_out(rating: Rating, language: str) -> RatingOut:
    return RatingOut(
        id=public_id("rtg", rating.pk), case_id=public_id("cas", rating.case_id), grade=rating.grade,
        grade_words=say(f"feedback.grade_{GRADES[rating.grade]}", language), stage=rating.stage,
        channel=rating.channel, words=rating.words, given_at=rating.given_at, state=rating.state,
        state_words=say(f"feedback.state_{rating.state}", language), due_on=rating.due_on,
        is_due_by_pack=rating.is_due_by_pack, outcome=rating.outcome, answer=rating.answer,
        called_back_at=rating.called_back_at,
    )  # fmt: skip


def _own(request: HttpRequest, case_id: str) -> Case:
    return case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
