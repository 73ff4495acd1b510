"""Giving a rating, answering a negative one, calling back."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Stale
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.feedback.deadlines import answer_due, law_of_case
from yizhengtong.rights.feedback.grades import GRADES, PAGE_SECONDS, WORD_BYTES
from yizhengtong.rights.feedback.models import LONGEST_WORDS, Rating
from yizhengtong.rights.feedback.policies import ensure_may_answer, ensure_may_open_page
from yizhengtong.rights.feedback.rules import is_negative, may_rate, stage_on

State, Channel = Rating.State, Rating.Channel
_PREFIX = "feedback.page."
_OF_THE_OFFICE = (
    *("state", "outcome", "answer", "answered_by", "answered_at", "answered_on"),
    *("called_back_at", "called_back_by", "was_reached", "call_back_words"),
)
"""What an office adds to a rating; the rest is the applicant's, and the web's role may not change it."""


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A rating page that an officer turned to the visitor of a case."""

    case_id: UUID
    opened_by: UUID
    office_path: str


@use_case
def rate(*, case_id: UUID, grade: int, words: str = "", acting: Person, on: date, by: Principal) -> Rating:
    """Rate how one's own or a ward's case was handled, once it is decided or over. Nothing depends on it.

    Raises NotFound, Forbidden `feedback.not_by_officers`, Conflict `feedback.not_yet`, `feedback.rated_already`,
    Invalid with the field.
    """
    if by.kind != PrincipalKind.RESIDENT:
        raise Forbidden("feedback.not_by_officers")
    case = case_for_resident(case_id=case_id, acting=acting, on=on)
    return _give(case, grade, words, on, by, channel=Channel.ONLINE, given_by=by.id)


def case_for_page(*, case_id: UUID, by: Principal) -> Case:
    """Return a case whose rating page an officer may open now. Raises as `open_page` does."""
    case = Case.objects.filter(pk=case_id).first()
    if case is None or by.id is None:
        raise NotFound("not_found")
    ensure_may_open_page(case, by)
    _ensure_may_be_rated(case, Channel.WINDOW)
    return case


@use_case
def open_page(*, case_id: UUID, by: Principal) -> str:
    """Open the rating page of a case for the visitor at the window; returns the word its address ends with.

    It holds for PAGE_SECONDS. Raises NotFound outside the area, Forbidden, Conflict as `rate` does.
    """
    case = case_for_page(case_id=case_id, by=by)
    word = secrets.token_urlsafe(WORD_BYTES)
    cache.set(_PREFIX + word, [str(case.pk), str(by.id), by.office_path], PAGE_SECONDS)
    record_act("feedback.open_page", by=by, on=("case", case.pk), person_id=case.person_id)
    return word


def opened_page(word: str) -> OpenedPage:
    """Return what a page's word stands for. Raises NotFound `feedback.page_closed` when it is over or was used."""
    found = cache.get(_PREFIX + word)
    if found is None:
        raise NotFound("feedback.page_closed")
    case_id, opened_by, office_path = cast(list[str], found)
    return OpenedPage(UUID(case_id), UUID(opened_by), office_path)


def case_of_page(page: OpenedPage) -> Case:
    """Return the case of an opened page. The request reads from now on as the office that opened it."""
    reader_connection().read_as(Reader(ReaderKind.STAFF, str(page.opened_by), page.office_path))
    case = Case.objects.select_related("application", "office").filter(pk=page.case_id).first()
    if case is None:
        raise NotFound("feedback.page_closed")
    return case


@use_case
def rate_at_window(*, word: str, grade: int, words: str = "", on: date) -> Rating:
    """Rate as the visitor whom an officer turned the page to; no account is needed.

    Raises NotFound `feedback.page_closed`, and what `rate` raises.
    """
    page = opened_page(word)
    case = case_of_page(page)
    rating = _give(case, grade, words, on, SYSTEM, channel=Channel.WINDOW, opened_by=page.opened_by)
    cache.delete(_PREFIX + word)
    return rating


@use_case
def answer_rating(*, rating_id: UUID, outcome: str, words: str, version: int, on: date, by: Principal) -> Rating:
    """Answer a negative rating: what was found, and what was mended. The applicant reads it.

    Raises NotFound outside the area, Forbidden, Stale, Conflict `feedback.answered_already`, Invalid.
    """
    rating = _locked(rating_id, version, by)
    if rating.state != State.OPEN:
        raise Conflict("feedback.answered_already")
    if outcome not in Rating.Outcome.values:
        raise Invalid("web.fields_wrong", errors=[FieldError("outcome", "feedback.say_what_came_of_it")])
    rating.answer = _written(words, "feedback.say_what_was_found")
    rating.state, rating.outcome, rating.answered_by = State.ANSWERED, outcome, by.id
    rating.answered_at, rating.answered_on = timezone.now(), on
    publish("feedback.answered", on=("case", rating.case_id), person_id=rating.person_id)
    return _saved(rating, "feedback.answer", by, [outcome])


@use_case
def record_call_back(*, rating_id: UUID, was_reached: bool, words: str, version: int, by: Principal) -> Rating:
    """Write down that the applicant of an answered negative rating was called back, and what they said.

    Raises as `answer_rating`, Conflict `feedback.answer_first`, `feedback.called_back_already`.
    """
    rating = _locked(rating_id, version, by)
    if rating.state != State.ANSWERED:
        raise Conflict("feedback.answer_first")
    if rating.called_back_at is not None and rating.was_reached:
        raise Conflict("feedback.called_back_already")
    rating.call_back_words = _written(words, "feedback.say_what_was_said")
    rating.called_back_at, rating.called_back_by, rating.was_reached = timezone.now(), by.id, was_reached
    told = {"was_reached": was_reached}
    publish("feedback.called_back", on=("case", rating.case_id), person_id=rating.person_id, facts=told)
    return _saved(rating, "feedback.call_back", by, ["reached" if was_reached else "not_reached"])


def _give(case: Case, grade: int, words: str, on: date, by: Principal, *, channel: str, **who: Any) -> Rating:
    stage = _ensure_may_be_rated(case, channel)
    if grade not in GRADES:
        raise Invalid("web.fields_wrong", errors=[FieldError("grade", "feedback.choose_a_grade")])
    rating = Rating(
        case=case, person_id=case.person_id, item=case.item, office_id=case.office_id, office_path=case.office_path,
        grade=grade, stage=stage, channel=channel, words=_bounded(words), given_on=on, state=State.NOTED, **who,
    )  # fmt: skip
    if is_negative(grade):
        due = answer_due(law_of_case(case, on), on)
        rating.state, rating.due_on = State.OPEN, due.day
        rating.is_due_by_pack, rating.is_due_provisional = due.by_pack, due.is_provisional
    _insert(rating)
    record_act("feedback.rate", by=by, on=("rating", rating.pk), person_id=case.person_id, fields=[channel])
    return rating


def _ensure_may_be_rated(case: Case, channel: str) -> str:
    """Return the stage. Raises Conflict `feedback.not_yet` or `feedback.rated_already`."""
    if Rating.objects.filter(case=case).exists():
        raise Conflict("feedback.rated_already")
    stage = stage_on(is_accepted=case.accepted_on is not None, is_closed=case.state not in UNDECIDED)
    if not may_rate(stage, channel):
        raise Conflict("feedback.not_yet")
    return stage


def _insert(rating: Rating) -> None:
    try:
        with transaction.atomic():
            rating.save(force_insert=True)
    except IntegrityError as error:
        if not broken_constraint(error).startswith("feedback_rating_case_id"):
            raise
        raise Conflict("feedback.rated_already") from error


def _locked(rating_id: UUID, version: int, by: Principal) -> Rating:
    found = Rating.objects.select_for_update(of=("self",)).select_related("case", "person").filter(pk=rating_id).first()
    if found is None:
        raise NotFound("not_found")
    ensure_may_answer(found, by)
    ensure_may_open(found.person, by)
    if found.version != version:
        raise Stale("web.stale_version")
    return found


def _saved(rating: Rating, action: str, by: Principal, fields: list[str]) -> Rating:
    rating.version += 1
    rating.save(update_fields=[*_OF_THE_OFFICE, "version"])
    record_act(action, by=by, on=("rating", rating.pk), person_id=rating.person_id, fields=fields)
    return rating


def _written(words: str, code: str) -> str:
    if not words.strip():
        raise Invalid("web.fields_wrong", errors=[FieldError("words", code)])
    return _bounded(words)


def _bounded(words: str) -> str:
    if len(words) > LONGEST_WORDS:
        raise Invalid("web.fields_wrong", errors=[FieldError("words", "feedback.too_long", {"most": LONGEST_WORDS})])
    return words.strip()
