"""A case by its pages: clock, notices with a page for each finding, visits, withdrawal, the list."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.cases import accepted, capture_all, case_at, fresh, judged
from tests.support.city import City, a_city
from tests.support.law import TODAY
from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.casework.models import Appointment, Case, Judgement, Notice
from yizhengtong.permitting.casework.services.judging import Word, request_supplement
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.waiting import Asked, waiting
from yizhengtong.sites.resident.cases.reading import COLOURS
from yizhengtong.sites.resident.tests.applying import on_the_day, picture, somebody
from yizhengtong.sites.resident.tests.browsing import links_of, sent, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Iterator[City]:
    with on_the_day():
        yield a_city()


def at(town: City, state: str, **application: Any) -> tuple[Client, Case, str, Resident]:
    """Return the browser of somebody whose case is in a state, the case and its address."""
    who, client = somebody()
    case, _ = case_at(town, state, resident=who, **application)
    return client, case, f"/cases/{public_id('cas', case.pk)}", who


@pytest.mark.parametrize("state", list(CaseState))
def test_every_state_is_told_in_words_and_colour_with_dates(town: City, state: CaseState) -> None:
    client, case, address, _ = at(town, state)
    page = client.get(address)
    assert page.status_code == 200
    assert f'<span class="tag {COLOURS[state]}">' in page.content.decode()
    assert "cases." not in words_of(page)
    assert "casework." not in words_of(page)
    assert "2026年9月18日" in words_of(page)
    assert client.get(f"{address}/done").status_code == 200
    assert (case.receipt_number or public_id("cas", case.pk)) in words_of(page)


def test_the_promised_day_says_how_many_working_days_are_left(town: City) -> None:
    client, case, address, _ = at(town, "accepted")
    case = fresh(case)
    assert case.due_on is not None
    page = words_of(client.get(address))
    assert "还有20个工作日" in page
    assert f"{case.due_on.year}年{case.due_on.month}月{case.due_on.day}日" in page
    Case.objects.filter(pk=case.pk).update(due_on=TODAY - timedelta(days=1))
    assert "已超过" in words_of(client.get(address))


@pytest.mark.row("S4-26")
def test_the_opinions_stand_with_their_office_and_day(town: City) -> None:
    client, _, address, _ = at(town, "approved")
    page = words_of(client.get(address))
    assert page.count("工作人员 · 2026年9月18日") == 3


@pytest.mark.row("S3-33", "S4-17")
def test_a_refusal_lists_all_reasons_once_each_with_article_fix_and_a_page_that_opens(town: City) -> None:
    client, case, address, _ = at(town, "refused", papers={"dwelling_proof": "lease"})
    notice = Notice.objects.get(case=case)
    assert len(notice.findings) > 1
    page = client.get(address)
    text = words_of(page)
    assert text.count("依据：") >= len(notice.findings)
    assert "行政复议" in text
    assert "行政诉讼" in text
    pages = {each for each in links_of(page) if each.startswith(("/apply", "/applications", "/cases", "/me"))}
    for link in {each for each in pages if not each.endswith("/file")}:  # these cases have no files, only their rows
        assert client.get(link, follow=True).status_code == 200, link
    assert sum(link.startswith("/apply/begin") for link in links_of(page)) >= 1


def test_a_supplement_is_mended_on_the_pages_it_names_and_answered_once(town: City) -> None:
    client, case, address, who = at(town, "received")
    case = accepted(capture_all(case, who), town.clerk)
    rejected = Word(Judgement.Target.DOCUMENT, "dwelling_proof", False, reason="看不清")
    case = judged(case, town.reviewer, rejected)
    request_supplement(case_id=case.pk, version=case.version, on=TODAY, by=town.reviewer)
    page = client.get(address)
    paper = f"/applications/{public_id('apl', case.application_id)}/papers/dwelling_proof"
    assert "待您补正" in words_of(page)
    assert paper in links_of(page)
    assert "看不清" in words_of(page)
    assert "待您补正" in words_of(client.get("/cases?state=supplement"))
    answer = client.post(paper, {"kind": "lease", "file": picture("sharp")}, follow=True)
    assert answer.status_code == 200
    assert address in links_of(answer)
    for _ in range(2):
        assert sent(client, f"{address}/supplement").redirect_chain[-1][0] == address
    assert not fresh(case).awaits_supplement
    assert Notice.objects.get(case=case).answered_on == TODAY


def test_a_paper_after_the_decision_is_refused_in_words(town: City) -> None:
    client, case, _, _ = at(town, "refused")
    paper = f"/applications/{public_id('apl', case.application_id)}/papers/dwelling_proof"
    answer = client.post(paper, {"kind": "lease", "file": picture("late")})
    assert answer.status_code == 422
    assert "不予批准" in words_of(answer)


def test_a_visit_is_booked_free_of_charge_one_a_person_and_given_back(town: City, roles: None) -> None:
    client, case, address, _ = at(town, "received")
    with requests_as_web():
        page = client.get(f"{address}/appointment")
        assert "免费" in words_of(page)
        day = next(link for link in links_of(page) if link.startswith("?day="))
        shown = client.get(f"{address}/appointment{day}").content.decode()
        time = shown.split('name="starts_at" value="', 1)[1].split('"', 1)[0]
        for _ in range(2):
            answer = client.post(f"{address}/appointment{day}", {"starts_at": time}, follow=True)
            assert answer.status_code == 200, words_of(answer)
        assert Appointment.objects.filter(case=case, state="booked").count() == 1
        assert "到访时间" in words_of(client.get(address))
        for _ in range(2):
            assert client.post(f"{address}/appointment/cancel", follow=True).status_code == 200
    assert not Appointment.objects.filter(case=case, state="booked").exists()


@pytest.mark.parametrize(
    "typed",
    [{}, {"starts_at": "tomorrow"}, {"starts_at": "2026-09-19T03:00:00+00:00"}, {"starts_at": "2026-09-19T03:00+23:00"},
     {"starts_at": "0001-01-01T00:00+23:00"}],
)  # fmt: skip
def test_a_time_that_is_not_free_is_told(town: City, typed: dict[str, str]) -> None:
    client, _, address, _ = at(town, "received")
    answer = client.post(f"{address}/appointment?day=2026-09-21", typed)
    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()
    assert not Appointment.objects.exists()


def test_a_ticket_drawn_on_site_is_shown(town: City) -> None:
    client, case, address, _ = at(town, "received")
    office = case.office
    Appointment.objects.create(
        case=case, office=office, starts_at="2026-09-18T02:00:00Z", seat=0, ticket_number=17, state="arrived"
    )
    assert "现场排队号 17" in " ".join(words_of(client.get(address)).split())


def test_withdrawing_asks_once_more_and_twice_is_once(town: City) -> None:
    client, case, address, _ = at(town, "received")
    assert f"{address}/withdraw" in links_of(client.get(address))
    for _ in range(2):
        assert sent(client, f"{address}/withdraw").redirect_chain[-1][0] == address
    assert fresh(case).state == CaseState.WITHDRAWN
    assert f"{address}/withdraw" not in links_of(client.get(address))


def test_what_cannot_be_done_any_more_is_told_on_its_page(town: City) -> None:
    client, case, address, _ = at(town, "refused")
    answer = client.post(f"{address}/withdraw")
    assert answer.status_code == 422
    assert "不予批准" in words_of(answer)
    assert fresh(case).state == CaseState.REFUSED


def test_an_officer_is_asked_for_once(town: City) -> None:
    client, case, address, _ = at(town, "received")
    for _ in range(2):
        assert sent(client, f"{address}/officer").redirect_chain[-1][0] == address
    assert "您已要求由工作人员办理" in words_of(client.get(address))
    assert fresh(case).automatic_declined_because == ["casework.declined_asked_for_officer"]


def test_the_list_is_searched_by_state_and_says_when_it_is_empty(town: City) -> None:
    client, _, address, _ = at(town, "accepted")
    for state, is_there in (("", True), ("accepted", True), ("refused", False), ("draft", False), ("nonsense", True)):
        page = client.get("/cases", {"state": state})
        assert (address in links_of(page)) == is_there, state
    assert "没有申请" in words_of(client.get("/cases?state=refused"))


def test_the_list_asks_no_statement_more_for_each_case(town: City) -> None:
    client, case, _, _ = at(town, "accepted")
    client.get("/cases")
    with CaptureQueriesContext(connection) as one:
        client.get("/cases")
    for item in ("hmt.replacement", "hmt.reissue"):
        application = case.application
        application.pk, application.item, application._state.adding = new_id(), item, True
        application.save(force_insert=True)
        Case(
            application=application, person=case.person, item=item, office=case.office, office_path=case.office_path,
            received_on=TODAY,
        ).save(force_insert=True)  # fmt: skip
    with CaptureQueriesContext(connection) as three:
        assert client.get("/cases").status_code == 200
    assert len(three) == len(one)


def test_a_case_says_which_number_it_is_that_it_shows(town: City) -> None:
    client, case, address, _ = at(town, "received")
    page = client.get(address).content.decode()
    assert f'<dt>申请编号</dt><dd><span class="number">{public_id("cas", case.pk)}</span>' in page
    assert "受理后会有受理编号" in page
    client, case, address, _ = at(town, "accepted")
    page = client.get(address).content.decode()
    assert f'<dt>受理编号</dt><dd><span class="number">{case.receipt_number}</span>' in page
    assert "cas_" not in words_of(client.get(address))


def test_the_number_that_is_shown_before_acceptance_finds_the_case_at_its_office_and_nowhere_else(town: City) -> None:
    _, case, _, _ = at(town, "received")
    shown = public_id("cas", case.pk)
    for typed in (shown, shown.upper(), f" {shown} "):
        assert [each.pk for each in waiting(by=town.clerk, asked=Asked(search=typed)).cases] == [case.pk]
    elsewhere = town.officer("elsewhere", Role.CLERK, office="370103")
    for officer, typed in ((elsewhere, shown), (town.clerk, public_id("cas", new_id())), (town.clerk, "cas_x")):
        assert waiting(by=officer, asked=Asked(search=typed)).cases == []
