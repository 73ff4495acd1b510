"""Rating by page: the applicant at home, the visitor on a page that an officer opened, the head's answer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cases import case_at
from tests.support.city import City
from tests.support.days import real_today
from tests.support.people import Resident
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.rights.feedback.models import Rating
from yizhengtong.rights.feedback.services import open_page
from yizhengtong.sites.resident.mine.tests.conftest import Browse
from yizhengtong.sites.resident.mine.tests.test_pages import words_of


def officer(town: City, office: str, *roles: Role) -> Client:
    account = Account.objects.create(username=f"officer-{uuid4().hex[:8]}")
    StaffMember.objects.create(
        account=account, office=town.offices[office], name="演示", roles=[role.value for role in roles]
    )
    client = Client(raise_request_exception=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = session(account, has_second_factor=True)
    return client


def of(case: Case) -> str:
    return f"/cases/{public_id('cas', case.pk)}/rating"


def test_five_grades_none_chosen_and_a_word_that_it_is_voluntary(
    holder: tuple[Case, Resident], browse: Browse, language: str
) -> None:
    html = words_of(browse(holder[1].person).get(of(holder[0]), {"lang": language}))
    assert html.count('type="radio"') == 5
    assert "checked" not in html
    assert {"zh-Hans": "评不评由您决定", "en": "Rating is up to you"}.get(language, "評不評由您決定") in html


def test_one_rates_once_and_reads_the_day_of_the_answer(holder: tuple[Case, Resident], browse: Browse) -> None:
    case, wang = holder
    browser = browse(wang.person)
    empty = browser.post(of(case), {"text": "等得太久"})
    assert empty.status_code == 422
    assert "等得太久" in empty.content.decode()
    assert not Rating.objects.exists()
    assert browser.post(of(case), {"grade": "9"}).status_code == 422
    assert browser.post(of(case), {"grade": "1", "text": "等得太久"}).status_code == 302
    html = words_of(browser.get(of(case)))
    assert "非常不满意" in html
    assert "前答复并回访" in html
    assert browser.post(of(case), {"grade": "5"}).status_code == 422
    assert Rating.objects.get().grade == 1


def test_before_its_end_a_case_shows_no_form(town: City, browse: Browse) -> None:
    case, wang = case_at(town, CaseState.ACCEPTED)
    html = words_of(browse(wang.person).get(of(case)))
    assert 'type="radio"' not in html
    assert "还没有办完" in html


def test_nobody_rates_for_somebody_else(holder: tuple[Case, Resident], stranger: Client, town: City) -> None:
    assert stranger.get(of(holder[0])).status_code == 404
    assert stranger.post(of(holder[0]), {"grade": "5"}).status_code == 404
    clerk = officer(town, "370100-01", Role.CLERK)
    assert clerk.post(of(holder[0]), {"grade": "5"}).status_code == 403
    assert not Rating.objects.exists()


def test_a_visitor_without_an_account_rates_on_the_opened_page_and_an_officer_does_not(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    here = f"/rate/{open_page(case_id=case.pk, by=town.clerk)}"
    assert officer(town, "370100-01", Role.CLERK).post(here, {"grade": "5"}).status_code == 403
    assert not Rating.objects.exists()
    visitor = Client(raise_request_exception=True)
    html = words_of(visitor.get(here))
    assert 'type="radio"' in html
    assert case.person.name not in html
    assert "谢谢您的评价" in words_of(visitor.post(here, {"grade": "4", "text": ""}))
    assert visitor.get(here).status_code == 404
    assert Rating.objects.get().channel == "window"
    assert visitor.get("/rate/nothing").status_code == 404


def test_the_window_opens_the_page_by_a_sent_form_and_shows_a_code(town: City) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    here = f"/desk/cases/{public_id('cas', case.pk)}/rating-page"
    clerk = officer(town, "370100-01", Role.CLERK)
    assert "<svg" not in words_of(clerk.get(here))
    html = words_of(clerk.post(here))
    assert "<svg" in html
    assert "style=" not in html
    assert "/rate/" in html
    assert officer(town, "370100-02", Role.CLERK).post(here).status_code == 404


@pytest.fixture
def rated(holder: tuple[Case, Resident], browse: Browse) -> Rating:
    browse(holder[1].person).post(of(holder[0]), {"grade": "2", "text": "等得太久"})
    return Rating.objects.get()


def test_the_head_reads_answers_and_calls_back_and_the_applicant_reads_the_answer(
    town: City, rated: Rating, holder: tuple[Case, Resident], browse: Browse, language: str
) -> None:
    head = officer(town, "370102", Role.SUPERVISOR)
    one = f"/desk/ratings/{public_id('rtg', rated.pk)}"
    listed = words_of(head.get("/desk/ratings", {"lang": language}))
    assert one in listed
    assert "等得太久" not in listed
    assert "desk.ratings" not in listed
    shown = words_of(head.get(one))
    assert "等得太久" in shown
    assert "desk.ratings" not in shown
    answer: dict[str, Any] = {"outcome": "mended", "text": "窗口已加开", "version": rated.version}
    assert head.post(one, {**answer, "text": ""}).status_code == 422
    assert head.post(one, {**answer, "version": "77"}).status_code == 422
    assert head.post(one, answer).status_code == 302
    rated.refresh_from_db()
    called = {"reached": "yes", "said": "已满意", "version": rated.version}
    assert head.post(f"{one}/call-back", {"reached": "yes", "version": rated.version}).status_code == 422
    assert head.post(f"{one}/call-back", called).status_code == 302
    rated.refresh_from_db()
    assert (rated.state, rated.was_reached) == ("answered", True)
    assert one in words_of(head.get("/desk/ratings?state=answered"))
    html = words_of(browse(holder[1].person).get(of(holder[0]), {"lang": "zh-Hans"}))
    assert "窗口已加开" in html
    assert "已整改" in html


def test_another_area_and_another_role_see_no_rating(town: City, rated: Rating) -> None:
    one = f"/desk/ratings/{public_id('rtg', rated.pk)}"
    elsewhere = officer(town, "370103", Role.SUPERVISOR)
    assert elsewhere.get(one).status_code == 404
    assert one not in words_of(elsewhere.get("/desk/ratings"))
    clerk = officer(town, "370100-01", Role.CLERK)
    assert clerk.get("/desk/ratings").status_code == 403
    assert clerk.get(one).status_code == 403


def test_a_late_one_is_said_to_be_late(town: City, rated: Rating) -> None:
    head = officer(town, "370102", Role.SUPERVISOR)
    Rating.objects.update(due_on=real_today())
    assert "还有0天" in words_of(head.get("/desk/ratings"))
    Rating.objects.update(due_on=real_today() - timedelta(days=1))
    assert "已逾期" in words_of(head.get("/desk/ratings"))
