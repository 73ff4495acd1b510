"""Ratings (好差评) as heads of office answer them, and the page that a window opens for its visitor."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.rights.feedback.models import LONGEST_WORDS, Rating
from yizhengtong.rights.feedback.queries import counts_by_office, rating_for_head, ratings_for_head
from yizhengtong.rights.feedback.services import answer_rating, open_page, record_call_back
from yizhengtong.sites.api.framework import In, by, policy, today

router = Router()


class RatingRowOut(BaseModel):
    """A rating in a head's list. What was written is opened with it."""

    id: str
    case_id: str
    item: str
    grade: int
    stage: str
    channel: str
    given_at: datetime
    state: str
    due_on: date | None
    is_due_provisional: bool
    is_late: bool


class StaffRatingOut(RatingRowOut):
    """A rating with what was written and answered."""

    words: str
    outcome: str
    answer: str
    answered_at: datetime | None
    called_back_at: datetime | None
    was_reached: bool | None
    call_back_words: str
    version: int


class RatingAnswerIn(In):
    """What came of looking into it, in words the applicant reads."""

    outcome: Literal["mended", "explained"]
    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class CallBackIn(In):
    """That the applicant was called back, and what they said or why they were not reached."""

    was_reached: bool
    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class OpenedPageOut(BaseModel):
    """Where the visitor rates, for half an hour and once. The officer turns the page to them."""

    path: str


class OfficeRatingsOut(BaseModel):
    """The ratings of one office: how many of each grade, how the negative ones were answered."""

    code: str
    name: str
    grades: dict[int, int]
    total: int
    negative: int
    waiting: int
    late: int
    called_back: int
    satisfied_percent: float | None


@router.get("/ratings", response=list[RatingRowOut], openapi_extra=policy("supervisor of the area"))
def list_waiting(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[RatingRowOut]:
    """Negative ratings that wait for an answer, the oldest first."""
    key = parse_public_id("rtg", after) if after is not None else None
    return [_row_out(each) for each in ratings_for_head(by=by(request), after=key, limit=PAGE_LIMIT)]


@router.get("/ratings/figures", response=list[OfficeRatingsOut], openapi_extra=policy("officer of the area"))
def read_figures(request: HttpRequest, since: date, until: date) -> list[OfficeRatingsOut]:
    """Ratings counted by office, from and to a day inclusive."""
    found = counts_by_office(by=by(request), since=since, until=until, on=today())
    return [OfficeRatingsOut.model_validate(each, from_attributes=True) for each in found]


@router.get("/ratings/{rating_id}", response=StaffRatingOut, openapi_extra=policy("supervisor of the area"))
def read_rating(request: HttpRequest, response: HttpResponse, rating_id: str) -> StaffRatingOut:
    """A rating with what was written; the read is recorded."""
    rating = rating_for_head(rating_id=parse_public_id("rtg", rating_id), by=by(request))
    set_version(response, rating.version)
    return _rating_out(rating)


@router.post(
    "/ratings/{rating_id}/answer", response=StaffRatingOut,
    openapi_extra=policy("supervisor of the area", versioned=True),
)  # fmt: skip
def answer(request: HttpRequest, response: HttpResponse, rating_id: str, payload: RatingAnswerIn) -> StaffRatingOut:
    """Answer a negative rating. Who handled the case does not."""
    rating = answer_rating(
        rating_id=parse_public_id("rtg", rating_id), outcome=payload.outcome, words=payload.words,
        version=version_read(request), on=today(), by=by(request),
    )  # fmt: skip
    set_version(response, rating.version)
    return _rating_out(rating)


@router.post(
    "/ratings/{rating_id}/call-back", response=StaffRatingOut,
    openapi_extra=policy("supervisor of the area", versioned=True),
)  # fmt: skip
def call_back(request: HttpRequest, response: HttpResponse, rating_id: str, payload: CallBackIn) -> StaffRatingOut:
    """Write down that the applicant was called back."""
    rating = record_call_back(
        rating_id=parse_public_id("rtg", rating_id), was_reached=payload.was_reached, words=payload.words,
        version=version_read(request), by=by(request),
    )  # fmt: skip
    set_version(response, rating.version)
    return _rating_out(rating)


@router.post(
    "/rating-pages/{decided_case_id}",
    response={201: OpenedPageOut},
    openapi_extra=policy("officer of the area who handles cases"),
)
def open_for_visitor(request: HttpRequest, decided_case_id: str) -> Status[OpenedPageOut]:
    """Open the rating page of a case for the visitor at the window. Officers open it and never fill it in."""
    word = open_page(case_id=parse_public_id("cas", decided_case_id), by=by(request))
    return Status(201, OpenedPageOut(path=f"/rate/{word}"))


def _row_out(rating: Rating) -> RatingRowOut:
    return RatingRowOut(
        id=public_id("rtg", rating.pk), case_id=public_id("cas", rating.case_id), item=rating.item,
        grade=rating.grade, stage=rating.stage, channel=rating.channel, given_at=rating.given_at, state=rating.state,
        due_on=rating.due_on, is_due_provisional=rating.is_due_provisional,
        is_late=rating.state == Rating.State.OPEN and rating.due_on is not None and today() > rating.due_on,
    )  # fmt: skip


def _rating_out(rating: Rating) -> StaffRatingOut:
    return StaffRatingOut(
        **_row_out(rating).model_dump(), words=rating.words, outcome=rating.outcome, answer=rating.answer,
        answered_at=rating.answered_at, called_back_at=rating.called_back_at, was_reached=rating.was_reached,
        call_back_words=rating.call_back_words, version=rating.version,
    )  # fmt: skip
