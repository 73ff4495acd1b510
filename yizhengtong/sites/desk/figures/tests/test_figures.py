"""The figures of an area: what the pictures, the tables and the file say is what lies in the database."""

import csv
import html
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.desk import Desk, at_the_desk
from tests.support.law import JINAN, LIXIA, SHIZHONG, TODAY
from tests.support.people import a_resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.permitting.casework.models import Case, Notice
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.oversight.counting import count_anew
from yizhengtong.permitting.oversight.models import Figure, Measure
from yizhengtong.permitting.oversight.queries import FEWEST_SHOWN, figures
from yizhengtong.sites.desk.figures.views import _safe

PAGE = "/desk/figures?first=2026-01&last=2026-12"


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def head(town: City) -> Desk:
    return at_the_desk(town, "head", Role.SUPERVISOR, office=JINAN)


def an_archive(town: City) -> None:
    """Three granted (one of them too late), five refused, one withdrawn, two that wait, one of them overdue."""
    for number in range(3):
        case, _ = case_at(town, CaseState.COMPLETED)
        if number == 0:
            Case.objects.filter(pk=case.pk).update(due_on=TODAY - timedelta(days=1))
    for _ in range(FEWEST_SHOWN):
        case_at(town, CaseState.REFUSED)
    case_at(town, CaseState.WITHDRAWN)
    case_at(town, CaseState.RECEIVED)
    late, _ = case_at(town, CaseState.REVIEWED)
    Case.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=1))
    count_anew(on=TODAY)


def tables_of(content: str) -> dict[str, list[list[str]]]:
    """Return the rows of each part's table, cells as they are read."""
    found = {}
    for part in re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', content, re.S):
        rows = re.findall(r"<tr>(.*?)</tr>", part[1], re.S)
        cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
                 for row in rows]  # fmt: skip
        found[part[0]] = cells[1:]
    return found


def test_every_measure_is_what_the_cases_say(town: City, head: Desk) -> None:
    an_archive(town)
    found = figures(office=town.offices[JINAN], first=TODAY, last=TODAY, by=head.principal)
    counted = {measure: found.of(measure).cases for measure in Measure.values}
    assert counted == {
        "received": 11, "accepted": 9, "granted": 3, "refused": 5, "withdrawn": 1, "in_time": 7, "late": 1,
        "reason": 5, "waiting": 2, "overdue": 1, "due_soon": 0,
    }  # fmt: skip
    assert counted["received"] == Case.objects.count()
    assert {state: amount.cases for state, amount in found.waiting.items()} == {"received": 1, "reviewed": 1}
    codes = {finding["code"] for notice in Notice.objects.all() for finding in notice.findings}
    assert dict(found.reasons) == dict.fromkeys(codes, 5)


def test_the_page_the_picture_and_the_file_say_the_same(town: City, head: Desk) -> None:
    an_archive(town)
    content = head.browser.get(PAGE).content.decode()
    tables = tables_of(content)
    assert tables["limits"][0][1:] == ["7", "1", "87.5%", "0", "1"]
    assert tables["volumes"] == [["2026-09", "11", "3", "5", "1"]]
    for svg in re.findall(r'<svg class="chart".*?</svg>', content, re.S):
        named = re.search(r'id="(\w+)-title"', svg)
        assert named is not None
        assert "<desc" in svg
        shown = re.findall(r'font-weight="700"[^>]*>([^<]+)</text>', svg)
        column = {"limits": 3, "waiting": 1, "items": 1, "reasons": 1}.get(named[1])
        if column:
            assert shown == [row[column] for row in tables[named[1]]], named[1]
    answer = head.browser.get(PAGE.replace("figures?", "figures/export.csv?"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    written = [_as_numbers([html.unescape(cell) for cell in line]) for line in lines]
    for name, rows in tables.items():
        for row in rows if name != "urgent" else []:
            assert _as_numbers([html.unescape(cell) for cell in row]) in written, name


def test_no_two_landmarks_have_the_same_name(town: City, head: Desk) -> None:
    an_archive(town)
    content = head.browser.get(PAGE).content.decode()
    named = re.findall(r'<section[^>]* aria-labelledby="([^"]+)"|role="region"[^>]* aria-labelledby="([^"]+)"', content)
    names = ["".join(each) for each in named]
    assert len(names) > 5
    assert len(names) == len(set(names))


def _as_numbers(cells: list[str]) -> list[str]:
    """Return cells with figures written alike: 0.0 and 0, 87.5% and 87.5."""
    return [f"{float(each.rstrip('%')):g}" if re.fullmatch(r"-?\d+(\.\d+)?%?", each) else each for each in cells]


def test_the_lengths_of_bars_are_as_the_numbers(town: City, head: Desk) -> None:
    an_archive(town)
    content = head.browser.get(PAGE).content.decode()
    svg = content[content.index('id="volumes-title"') : content.index("</svg>", content.index('id="volumes-title"'))]
    heights = [float(height) for height in re.findall(r'class="mark"[^>]*height="([\d.]+)"', svg)]
    assert heights[0] == 150
    assert heights[1] == round(150 * 3 / 11, 1)


def test_reasons_of_few_cases_are_told_neither_on_the_page_nor_in_the_file(town: City, head: Desk) -> None:
    case_at(town, CaseState.REFUSED)
    count_anew(on=TODAY)
    rows = tables_of(head.browser.get(PAGE).content.decode())["reasons"]
    assert [row[1] for row in rows] == [f"&lt;{FEWEST_SHOWN}"]
    assert f",<{FEWEST_SHOWN}," in head.browser.get("/desk/figures/export.csv" + PAGE[13:]).content.decode()


def test_counting_twice_and_counting_part_change_nothing(town: City, head: Desk) -> None:
    an_archive(town)

    def counted() -> list[tuple[object, ...]]:
        names = ("office_path", "month", "item", "measure", "code", "cases", "days", "longest")
        return sorted(Figure.objects.values_list(*names))

    first = counted()
    count_anew(on=TODAY, since=TODAY)
    assert counted() == first
    count_anew(on=TODAY, since=TODAY + timedelta(days=40))
    assert counted() == first


def test_a_period_holds_what_happened_in_it_and_what_waits_now(town: City, head: Desk) -> None:
    an_archive(town)
    found = figures(office=town.offices[JINAN], first=date(2026, 1, 1), last=date(2026, 8, 1), by=head.principal)
    assert found.of(Measure.RECEIVED).cases == 0
    assert found.of(Measure.WAITING).cases == 2


def test_a_head_sees_the_own_area_and_no_other(town: City, head: Desk) -> None:
    an_archive(town)
    other = at_the_desk(town, "other", Role.SUPERVISOR, office=SHIZHONG)
    assert tables_of(other.browser.get(PAGE).content.decode())["volumes"] == []
    assert other.browser.get(f"{PAGE}&office={LIXIA}").status_code == 404
    assert other.browser.get(f"/desk/figures/export.csv?office={LIXIA}").status_code == 404
    with pytest.raises(NotFound):
        figures(office=town.offices[LIXIA], first=TODAY, last=TODAY, by=other.principal)
    assert tables_of(head.browser.get(f"{PAGE}&office={LIXIA}").content.decode())["volumes"] != []


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPERVISOR])
def test_only_supervisors_see_figures(town: City, role: Role) -> None:
    officer = at_the_desk(town, "officer", role, office=JINAN)
    assert officer.browser.get(PAGE).status_code == 403
    assert officer.browser.get("/desk/figures/export.csv").status_code == 403
    with pytest.raises(Forbidden):
        figures(office=town.offices[JINAN], first=TODAY, last=TODAY, by=officer.principal)


def test_without_a_second_factor_there_are_no_figures(town: City) -> None:
    officer = at_the_desk(town, "head", Role.SUPERVISOR, office=JINAN, has_second_factor=False)
    assert officer.browser.get(PAGE).status_code == 403


@pytest.mark.parametrize("period", ["first=x&last=2026-13", "first=2026-00", "office=", "first=9999-12&last=0001-01"])
def test_a_period_that_is_none_never_fails(town: City, head: Desk, period: str) -> None:
    assert head.browser.get(f"/desk/figures?{period}").status_code in {200, 422}


def test_a_page_asks_as_often_for_many_cases_as_for_few(town: City, head: Desk) -> None:
    case_at(town, CaseState.REFUSED)
    count_anew(on=TODAY)
    head.browser.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        head.browser.get(PAGE)
    for _ in range(4):
        case_at(town, CaseState.COMPLETED, resident=a_resident())
    count_anew(on=TODAY)
    with CaptureQueriesContext(connection) as many:
        head.browser.get(PAGE)
    assert len(many) == len(few)


def test_the_web_role_sees_the_figures_of_the_area_alone(town: City, head: Desk, roles: None) -> None:
    an_archive(town)
    other = at_the_desk(town, "other", Role.SUPERVISOR, office=SHIZHONG)
    with requests_as_web():
        assert tables_of(head.browser.get(PAGE).content.decode())["volumes"] != []
        assert other.browser.get(PAGE).status_code == 200


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "　=1", " =1"])
def test_no_name_is_taken_for_a_formula_by_a_spreadsheet(name: str) -> None:
    assert _safe(name) == f"'{name}"
    assert _safe("历下分局=1") == "历下分局=1"


def test_a_month_in_other_digits_is_none(head: Desk) -> None:
    assert head.browser.get("/desk/figures", {"first": "20２6-01", "last": "2026-٠3"}).status_code == 422
    assert head.browser.get("/desk/figures/export.csv", {"first": "20２6-01"}).status_code == 200
