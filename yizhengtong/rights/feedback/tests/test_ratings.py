"""Ratings: one a case, voluntary, by the applicant alone; negative ones have an owner, a deadline, a reply."""

from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.days import real_today
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Problem
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.values import Limit
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.rights.feedback.deadlines import answer_due
from yizhengtong.rights.feedback.forgetting import forget_words
from yizhengtong.rights.feedback.models import LONGEST_WORDS, Rating
from yizhengtong.rights.feedback.queries import (
    can_be_rated,
    counts_by_district,
    counts_by_office,
    rating_for_head,
    ratings_for_head,
)
from yizhengtong.rights.feedback.services import (
    answer_rating,
    open_page,
    opened_page,
    rate,
    rate_at_window,
    record_call_back,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def done(town: City) -> tuple[Case, Resident]:
    return case_at(town, CaseState.COMPLETED)


@pytest.fixture
def head(town: City) -> Principal:
    return town.officer("head", Role.SUPERVISOR, office="370102")


def rated(case: Case, who: Resident, grade: int = 5, words: str = "", acting: Resident | None = None) -> Rating:
    by = acting or who
    return rate(case_id=case.pk, grade=grade, words=words, acting=by.person, on=real_today(), by=by.principal)


def answered(rating: Rating, by: Principal, *, on: date | None = None, words: str = "已核实，窗口已加开") -> Rating:
    return answer_rating(
        rating_id=rating.pk, outcome="mended", words=words, version=rating.version, on=on or real_today(), by=by
    )


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    problem = refused.value
    return problem.errors[0].code if problem.errors else problem.code


def test_a_case_is_rated_once_after_its_end(done: tuple[Case, Resident]) -> None:
    case, wang = done
    assert can_be_rated(case)
    rating = rated(case, wang, 4, "很快")
    assert (rating.grade, rating.stage, rating.channel, rating.state, rating.due_on) == (
        4, "completion", "online", "noted", None,
    )  # fmt: skip
    assert not can_be_rated(case)
    assert refusal(lambda: rated(case, wang, 1)) == "feedback.rated_already"
    assert Rating.objects.get().grade == 4


def test_two_at_once_leave_one(done: tuple[Case, Resident]) -> None:
    case, wang = done
    rated(case, wang)
    with mock.patch("yizhengtong.rights.feedback.services._ensure_may_be_rated", return_value="completion"):
        assert refusal(lambda: rated(case, wang)) == "feedback.rated_already"


@pytest.mark.parametrize("state", [CaseState.RECEIVED, CaseState.ACCEPTED, CaseState.REVIEWED])
def test_online_nothing_is_rated_before_its_end(town: City, state: CaseState) -> None:
    case, wang = case_at(town, state)
    assert not can_be_rated(case)
    assert refusal(lambda: rated(case, wang)) == "feedback.not_yet"


@pytest.mark.parametrize("state", [CaseState.APPROVED, CaseState.REFUSED, CaseState.WITHDRAWN])
def test_every_way_a_case_ends_can_be_rated(town: City, state: CaseState) -> None:
    assert rated(*case_at(town, state)).stage == "completion"


@pytest.mark.parametrize("grade", [0, 6, -1])
def test_there_are_five_grades(done: tuple[Case, Resident], grade: int) -> None:
    assert refusal(lambda: rated(*done, grade)) == "feedback.choose_a_grade"
    rating = rated(*done, 3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.filter(pk=rating.pk).update(grade=grade)


def test_what_is_written_is_optional_sealed_and_bounded(done: tuple[Case, Resident]) -> None:
    case, wang = done
    assert refusal(lambda: rated(case, wang, 5, "字" * (LONGEST_WORDS + 1))) == "feedback.too_long"
    rating = rated(case, wang, 5, "字" * LONGEST_WORDS)
    assert Rating.objects.get(pk=rating.pk).words == "字" * LONGEST_WORDS
    trail = str(list(Entry.objects.filter(action="feedback.rate").values()))
    assert "字" not in trail


def test_nobody_but_the_applicant_rates(town: City, done: tuple[Case, Resident]) -> None:
    case, _ = done
    assert refusal(lambda: rated(case, a_resident())) == "not_found"
    officer = town.clerk
    assert (
        refusal(lambda: rate(case_id=case.pk, grade=5, acting=done[1].person, on=real_today(), by=officer))
        == "feedback.not_by_officers"
    )
    assert not Rating.objects.exists()


def test_a_rating_is_never_deleted(done: tuple[Case, Resident]) -> None:
    rating = rated(*done)
    with pytest.raises(DatabaseError), transaction.atomic():
        rating.delete()


@pytest.mark.parametrize(("grade", "state"), [(5, "noted"), (4, "noted"), (3, "noted"), (2, "open"), (1, "open")])
def test_only_the_two_lowest_grades_wait_for_an_answer(done: tuple[Case, Resident], grade: int, state: str) -> None:
    rating = rated(*done, grade)
    assert (rating.state, rating.due_on is None) == (state, state == "noted")


def test_where_the_pack_names_no_time_the_deployments_word_holds_and_says_so(
    done: tuple[Case, Resident], settings: Any
) -> None:
    settings.YZT_RATING_ANSWER_DAYS = 9
    rating = rated(*done, 1)
    assert (rating.due_on, rating.is_due_by_pack) == (real_today() + timedelta(days=9), False)


@pytest.mark.parametrize(("days", "due"), [(15, date(2026, 10, 15)), (5, date(2026, 9, 24))])
def test_the_packs_working_days_are_the_deadline(town: City, days: int, due: date) -> None:
    law = law_in_force("370102", "hmt", date(2026, 9, 18))
    limit = Limit(n=days, unit="workday", start="notice", end="corrected")
    with mock.patch.object(Law, "value", return_value=limit):
        found = answer_due(law, date(2026, 9, 18))
    assert (found.day, found.by_pack, found.is_provisional) == (due, True, False)


def test_a_head_whose_office_covers_the_one_rated_answers(
    town: City, done: tuple[Case, Resident], head: Principal
) -> None:
    rating = rated(*done, 1, "等得太久")
    city = town.officer("city-head", Role.SUPERVISOR, office="370100")
    for by in (head, city):
        assert [each.pk for each in ratings_for_head(by=by, limit=9)] == [rating.pk]
    elsewhere = town.officer("other-head", Role.SUPERVISOR, office="370103")
    assert ratings_for_head(by=elsewhere, limit=9) == []
    assert refusal(lambda: rating_for_head(rating_id=rating.pk, by=elsewhere)) == "not_found"
    assert refusal(lambda: answered(rating, elsewhere)) == "not_found"
    assert rating_for_head(rating_id=rating.pk, by=head).words == "等得太久"
    assert Entry.objects.filter(action="feedback.read", person_id=rating.person_id).exists()
    done_with = answered(rating, head)
    assert (done_with.state, done_with.outcome, done_with.answered_by) == ("answered", "mended", head.id)
    assert ratings_for_head(by=head, limit=9) == []


def test_who_handled_the_case_does_not_answer_for_it(town: City, done: tuple[Case, Resident]) -> None:
    rating = rated(*done, 2)
    reviewer = town.reviewer
    both = Principal(
        reviewer.kind, reviewer.id, reviewer.office_id, "370100.370102", "370102", frozenset([Role.SUPERVISOR]), True
    )
    assert refusal(lambda: answered(rating, both)) == "feedback.answers_for_self"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPERVISOR])
def test_no_other_role_answers(town: City, done: tuple[Case, Resident], role: Role) -> None:
    rating = rated(*done, 2)
    other = town.officer("other", role, office="370102")
    assert refusal(lambda: answered(rating, other)) == "accounts.role_missing"
    assert refusal(lambda: ratings_for_head(by=other, limit=1)) == "accounts.role_missing"


def test_an_answer_says_what_was_found_and_is_given_once(done: tuple[Case, Resident], head: Principal) -> None:
    rating = rated(*done, 2)
    assert refusal(lambda: answered(rating, head, words="  ")) == "feedback.say_what_was_found"
    done_with = answered(rating, head)
    assert refusal(lambda: answered(done_with, head)) == "feedback.answered_already"
    assert refusal(lambda: answered(rating, head)) == "web.stale_version"


def test_a_good_rating_takes_no_answer(done: tuple[Case, Resident], head: Principal) -> None:
    assert refusal(lambda: answered(rated(*done, 3), head)) == "feedback.answered_already"


def test_the_call_back_is_recorded_after_the_answer_and_again_only_while_nobody_was_reached(
    done: tuple[Case, Resident], head: Principal
) -> None:
    def called(rating: Rating, *, reached: bool) -> Rating:
        return record_call_back(
            rating_id=rating.pk, was_reached=reached, words="没有人接", version=rating.version, by=head
        )

    rating = rated(*done, 1)
    assert refusal(lambda: called(rating, reached=True)) == "feedback.answer_first"
    rating = called(answered(rating, head), reached=False)
    rating = called(rating, reached=True)
    assert (rating.was_reached, rating.called_back_by) == (True, head.id)
    assert refusal(lambda: called(rating, reached=True)) == "feedback.called_back_already"


def test_at_the_window_a_visitor_rates_on_a_page_that_an_officer_opened(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    word = open_page(case_id=case.pk, by=town.clerk)
    assert opened_page(word).opened_by == town.clerk.id
    rating = rate_at_window(word=word, grade=2, words="", on=real_today())
    assert (rating.channel, rating.stage, rating.given_by, rating.opened_by) == (
        "window", "acceptance", None, town.clerk.id,
    )  # fmt: skip
    assert refusal(lambda: rate_at_window(word=word, grade=5, on=real_today())) == "feedback.page_closed"
    entry = Entry.objects.get(action="feedback.rate")
    assert (entry.actor_kind, entry.person_id) == (SYSTEM.kind, case.person_id)


def test_who_opened_the_page_does_not_answer_for_what_was_said_on_it(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    head = town.officer("head", Role.SUPERVISOR, office="370102")
    rating = rate_at_window(word=open_page(case_id=case.pk, by=head), grade=1, on=real_today())
    assert refusal(lambda: answered(rating, head)) == "feedback.answers_for_self"


def test_a_page_is_opened_by_an_officer_of_the_area_alone_and_not_before_acceptance(town: City) -> None:
    case, wang = case_at(town, CaseState.ACCEPTED)
    elsewhere = town.officer("demo-shizhong", Role.CLERK, office="370103")
    assert refusal(lambda: open_page(case_id=case.pk, by=elsewhere)) == "not_found"
    assert refusal(lambda: open_page(case_id=case.pk, by=wang.principal)) == "not_found"
    early, _ = case_at(town, CaseState.RECEIVED)
    assert refusal(lambda: open_page(case_id=early.pk, by=town.clerk)) == "feedback.not_yet"


def test_a_page_nobody_used_closes_by_itself(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    word = open_page(case_id=case.pk, by=town.clerk)
    cache.clear()
    assert refusal(lambda: rate_at_window(word=word, grade=5, on=real_today())) == "feedback.page_closed"


def test_the_figures_count_each_office_of_the_area_and_each_district(town: City, head: Principal) -> None:
    rows = [case_at(town, CaseState.COMPLETED) for _ in range(3)]
    good, late, fixed = (rated(*row, grade) for row, grade in zip(rows, (5, 1, 2), strict=True))
    Rating.objects.filter(pk=late.pk).update(due_on=real_today() - timedelta(days=1))
    answered(fixed, head)
    period: dict[str, Any] = {"since": real_today(), "until": real_today(), "on": real_today()}
    [office] = counts_by_office(by=head, **period)
    assert (office.code, office.grades) == ("370100-01", {5: 1, 4: 0, 3: 0, 2: 1, 1: 1})
    assert (office.total, office.negative, office.waiting, office.late) == (3, 2, 1, 1)
    assert office.satisfied_percent == pytest.approx(100 / 3)
    [district] = counts_by_district(by=head, **period)
    assert (district.code, district.total, district.late) == ("370102", 3, 1)
    assert counts_by_office(by=town.officer("h", Role.SUPERVISOR, office="370103"), **period) == []
    before: dict[str, Any] = {**period, "since": date(2020, 1, 1), "until": real_today() - timedelta(days=1)}
    assert counts_by_office(by=head, **before) == []
    assert good.state == "noted"


def test_who_asks_for_deletion_loses_the_words_and_not_the_grade(
    town: City, done: tuple[Case, Resident], head: Principal
) -> None:
    case, wang = done
    rating = rated(case, wang, 1, "等得太久")
    assert forget_words(person_id=wang.person.pk) == 0
    answered(rating, head)
    assert forget_words(person_id=wang.person.pk) == 1
    kept = Rating.objects.get(pk=rating.pk)
    assert (kept.grade, kept.words, kept.answer != "") == (1, "", True)
    history: Any = Rating.history.field.model  # type: ignore[attr-defined]
    assert not history.objects.filter(pgh_obj_id=rating.pk).exists()


def test_an_answer_and_a_call_back_are_told_below_as_events_of_the_case_without_a_word_of_them(
    done: tuple[Case, Resident], head: Principal
) -> None:
    rating = answered(rated(done[0], done[1], 1, "等得太久"), head)
    rating = record_call_back(rating_id=rating.pk, was_reached=False, words="没有接听", version=rating.version, by=head)
    record_call_back(rating_id=rating.pk, was_reached=True, words="已说明", version=rating.version, by=head)
    events = Event.objects.filter(kind__startswith="feedback.").order_by("at")
    assert [(each.kind, each.object_kind, each.object_id, each.person_id, each.facts) for each in events] == [
        ("feedback.answered", "case", done[0].pk, done[1].person.pk, {}),
        ("feedback.called_back", "case", done[0].pk, done[1].person.pk, {"was_reached": False}),
        ("feedback.called_back", "case", done[0].pk, done[1].person.pk, {"was_reached": True}),
    ]


def test_a_good_rating_tells_nobody_anything(done: tuple[Case, Resident]) -> None:
    rated(*done, 5)
    assert not Event.objects.filter(kind__startswith="feedback.").exists()
