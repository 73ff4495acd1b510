"""Packs on the desk: read by every officer, changed by two persons of the office above, who both see what comes out."""

import html
import re

import pytest

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.desk import Desk, at_the_desk
from tests.support.law import CITY_PACK, JINAN, LIXIA, NATION_PACK, library, with_value
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.law.models import Edition
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.oversight.models import Simulation
from yizhengtong.permitting.oversight.services import run_simulation

SIX, TWELVE = "{measure: months, n: 6", "{measure: months, n: 12"
MILDER = with_value("residence.requirement", SIX, "{measure: months, n: 2")[NATION_PACK]


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def head(town: City) -> Desk:
    return at_the_desk(town, "head", Role.SUPERVISOR, office=JINAN)


@pytest.fixture
def second(town: City) -> Desk:
    return at_the_desk(town, "second", Role.ADMINISTRATOR, office=JINAN)


def drafted(desk: Desk, text: str = MILDER, path: str = NATION_PACK) -> str:
    """Send a draft in by the form; return the address of its page."""
    answer = desk.browser.post(f"/desk/law/drafts/new?path={path}", {"path": path, "text": text})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return answer["Location"]


def test_every_pack_in_force_can_be_read_with_its_articles(town: City) -> None:
    clerk = at_the_desk(town, "clerk", Role.CLERK, office=LIXIA)
    contents = clerk.browser.get("/desk/law").content.decode()
    for path, file in library().files.items():
        assert f'href="/desk/law/packs/{path}"' in contents
        answer = clerk.browser.get(f"/desk/law/packs/{path}")
        assert answer.status_code == 200
        shown = html.unescape(answer.content.decode())
        for parameter in file.parameters:
            assert parameter.key in shown
            assert str(file.source(parameter.entry.source)) in shown
            assert file.source(parameter.entry.source).words in shown


def test_a_word_of_the_law_is_found(town: City, head: Desk) -> None:
    shown = head.browser.get("/desk/law", {"search": "半年"}).content.decode()
    assert "residence.requirement" in shown
    assert "desk.law.no_hits" not in head.browser.get("/desk/law", {"search": "没有这个"}).content.decode()


def test_what_differs_between_two_days_is_shown_with_both_values(town: City, head: Desk) -> None:
    same = head.browser.get("/desk/law/differences")
    assert same.status_code == 200
    other = head.browser.get("/desk/law/differences", {"before_on": "2018-01-01", "region": "370100"})
    assert "residence.requirement" in other.content.decode()
    assert head.browser.get("/desk/law/differences", {"before_on": "no day"}).status_code == 422


def test_all_errors_of_a_draft_stand_on_the_page_and_nothing_typed_is_lost(town: City, head: Desk) -> None:
    broken = MILDER.replace("certainty: C", "certainty: X", 3)
    answer = head.browser.post(f"/desk/law/drafts/new?path={NATION_PACK}", {"path": NATION_PACK, "text": broken})
    shown = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert len(set(re.findall(rf"<code>{NATION_PACK}:(\d+)</code>", shown))) >= 3
    assert "certainty: X" in shown
    assert Edition.objects.count() == 1


def test_a_draft_goes_into_force_by_the_pages_of_two_persons(town: City, head: Desk, second: Desk) -> None:
    case_at(town, CaseState.COMPLETED)
    refused, _ = case_at(town, CaseState.REFUSED)
    page = drafted(head)
    assert "months" in head.browser.get(page).content.decode()
    assert head.browser.post(f"{page}/proposal").status_code == 409
    assert head.browser.post(f"{page}/simulation", {"law_on": ""}).status_code == 302
    run_simulation(Simulation.objects.get().pk)
    for desk in (head, second):
        assert "看了 2 个决定，0 个会不同" in desk.browser.get(page).content.decode()
    assert head.browser.post(f"{page}/proposal").status_code == 302
    assert f'action="{page}/confirmation"' not in head.browser.get(page).content.decode()
    assert head.browser.post(f"{page}/confirmation").status_code == 403
    assert f'action="{page}/confirmation"' in second.browser.get(page).content.decode()
    assert second.browser.post(f"{page}/confirmation").status_code == 302
    assert Edition.objects.get(state=Edition.State.IN_FORCE).members[NATION_PACK]
    assert second.browser.post(f"{page}/confirmation").status_code == 404
    assert refused.state == CaseState.REFUSED


def test_cases_of_another_area_are_counted_and_not_named(town: City, head: Desk) -> None:
    texts = with_value("residence.requirement", SIX, TWELVE, path=CITY_PACK,
                       texts=with_value("residence.requirement", SIX, TWELVE))  # fmt: skip
    granted, _ = case_at(town, CaseState.COMPLETED)
    page = drafted(head, texts[NATION_PACK].replace(TWELVE, SIX) + "# a draft\n")
    head.browser.post(f"{page}/simulation", {"law_on": "1990-01-01"})
    run_simulation(Simulation.objects.get().pk)
    elsewhere = at_the_desk(town, "elsewhere", Role.CLERK, office="370103")
    of_area, of_other = (desk.browser.get(page).content.decode() for desk in (head, elsewhere))
    for shown in (of_area, of_other):
        assert "看了 1 个决定，1 个会不同" in shown
    assert "不在您的辖区" in of_other
    assert "不在您的辖区" not in of_area
    assert granted.state == CaseState.COMPLETED


def test_a_file_can_be_uploaded_in_place_of_typing(town: City, head: Desk) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    address = f"/desk/law/drafts/new?path={NATION_PACK}"
    sent = {"path": NATION_PACK, "text": "", "file": SimpleUploadedFile("hmt.yaml", MILDER.encode())}
    assert head.browser.post(address, sent).status_code == 302
    wrong = {"path": NATION_PACK, "text": "", "file": SimpleUploadedFile("hmt.yaml", b"\xff\xfe\x00")}
    assert head.browser.post(address, wrong).status_code == 422


READ = ("/desk/law", f"/desk/law/packs/{CITY_PACK}", "/desk/law/differences")


@pytest.mark.parametrize("role", list(Role))
def test_every_officer_reads_and_only_the_office_above_all_others_changes(town: City, head: Desk, role: Role) -> None:
    page = drafted(head)
    officer = at_the_desk(town, "officer", role, office=LIXIA)
    for address in (*READ, page):
        assert officer.browser.get(address).status_code == 200
    assert officer.browser.get("/desk/law/drafts/new").status_code == 403
    for step in ("simulation", "proposal", "confirmation", "withdrawal"):
        assert officer.browser.post(f"{page}/{step}").status_code in {403, 409}
    assert Edition.objects.filter(state=Edition.State.DRAFT).count() == 1
    above = at_the_desk(town, "above", role, office=JINAN)
    expected = 200 if role in {Role.SUPERVISOR, Role.ADMINISTRATOR} else 403
    assert above.browser.get("/desk/law/drafts/new").status_code == expected


def test_nobody_reads_packs_on_the_desk_without_a_second_factor(town: City) -> None:
    officer = at_the_desk(town, "officer", Role.CLERK, office=LIXIA, has_second_factor=False)
    for address in READ:
        assert officer.browser.get(address).status_code == 403


def test_an_edition_that_is_none_is_not_found(town: City, head: Desk) -> None:
    for edition in ("edi_00000000000000000000000000", "nonsense", "cas_00000000000000000000000000"):
        assert head.browser.get(f"/desk/law/editions/{edition}").status_code == 404
    assert head.browser.get("/desk/law/packs/cn/nothing.yaml").status_code == 404


def test_the_web_role_may_do_all_of_it(town: City, head: Desk, second: Desk, roles: None) -> None:
    with requests_as_web():
        page = drafted(head)
        assert head.browser.post(f"{page}/simulation").status_code == 302
    run_simulation(Simulation.objects.get().pk)
    with requests_as_web():
        assert head.browser.post(f"{page}/proposal").status_code == 302
        assert second.browser.post(f"{page}/confirmation").status_code == 302
