"""Import proposals at the desk: a registrar of the area decides, and nobody else sees them."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.city import City, a_city
from tests.support.desk import Desk, at_the_desk
from tests.support.law import JINAN, SHIZHONG, TODAY
from tests.support.lists import somebody, write_csv
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.lists.telling import Unheard
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.importing import running
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.models import Proposal, Row
from yizhengtong.registry.people.models import MinorApproval, Person

HOME = "/desk/imports"
OTHER = {"证件号码": "H87654321", "居住证号": "", "签发日期": "", "有效期至": "", "出生日期": "1950-01-22",
         "登记日期": "2019-01-01", "离开日期": "2020-01-01"}  # fmt: skip


@pytest.fixture
def town(db: None, roles: None) -> City:
    return a_city()


@pytest.fixture
def registrar(town: City) -> Desk:
    return at_the_desk(town, "registrar", Role.REGISTRAR, office=JINAN)


@pytest.fixture
def waiting(tmp_path: Path, town: City, registrar: Desk) -> Proposal:
    for name, line in (("a", somebody(3, 出生日期="", 离开日期="")), ("b", somebody(3, **OTHER))):
        path = write_csv(tmp_path / f"{name}.csv", [line])
        request = running.Request(path, read_mapping(), town.offices[JINAN], registrar.principal, TODAY, True)
        running.run(request, Unheard())
    return Proposal.objects.get()


def page_of(proposal: Proposal) -> str:
    return f"{HOME}/{public_id('ipr', proposal.pk)}"


def test_the_list_leads_to_two_records_side_by_side_and_opens_no_name_itself(
    waiting: Proposal, registrar: Desk
) -> None:
    name = Person.objects.get().name
    with requests_as_web():
        listed = registrar.browser.get(HOME).content.decode()
        assert page_of(waiting) in listed
        assert name not in listed
        shown = registrar.browser.get(page_of(waiting)).content.decode()
    assert shown.count(name) == 2
    assert "H87654321" in shown
    assert Entry.objects.filter(action="importing.compare", actor_id=registrar.principal.id).exists()


@pytest.mark.parametrize(("answer", "persons", "state"), [("same", 1, "linked"), ("different", 2, "imported"),
                                                          ("later", 1, "waiting")])  # fmt: skip
def test_the_registrars_word_is_carried_out(
    waiting: Proposal, registrar: Desk, answer: str, persons: int, state: str
) -> None:
    with requests_as_web():
        sent = registrar.browser.post(page_of(waiting), {"answer": answer, "version": waiting.version})
        assert sent["Location"] == f"{HOME}?done={answer}"
        assert registrar.browser.get(sent["Location"]).status_code == 200
        assert registrar.browser.get(page_of(waiting)).status_code == (200 if answer == "later" else 404)
    assert Person.objects.count() == persons
    assert Row.objects.get(pk=waiting.row_id).state == state


def test_without_a_word_or_at_an_old_version_nothing_is_decided(waiting: Proposal, registrar: Desk) -> None:
    assert registrar.browser.post(page_of(waiting), {"version": waiting.version}).status_code == 422
    assert registrar.browser.post(page_of(waiting), {"answer": "same"}).status_code == 422
    stale = registrar.browser.post(page_of(waiting), {"answer": "same", "version": waiting.version + 1})
    assert stale.status_code == 412
    assert Row.objects.get(pk=waiting.row_id).state == "waiting"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.REGISTRAR])
def test_only_registrars_reach_it(town: City, waiting: Proposal, role: Role) -> None:
    officer = at_the_desk(town, "officer", role, office=JINAN)
    for address in (HOME, page_of(waiting)):
        assert officer.browser.get(address).status_code == 403
        assert f'"{HOME}"' not in officer.browser.get("/desk/").content.decode()
    assert officer.browser.post(page_of(waiting), {"answer": "same", "version": 1}).status_code == 403


def test_a_registrar_of_elsewhere_finds_nothing(town: City, waiting: Proposal) -> None:
    elsewhere = at_the_desk(town, "elsewhere", Role.REGISTRAR, office=SHIZHONG)
    with requests_as_web():
        assert page_of(waiting) not in elsewhere.browser.get(HOME).content.decode()
        for proposal_id in (public_id("ipr", waiting.pk), public_id("ipr", new_id()), "x"):
            assert elsewhere.browser.get(f"{HOME}/{proposal_id}").status_code == 404
            sent = elsewhere.browser.post(f"{HOME}/{proposal_id}", {"answer": "same", "version": 1})
            assert sent.status_code == 404


def test_a_minors_record_is_not_opened_without_a_supervisors_word(
    town: City, waiting: Proposal, registrar: Desk
) -> None:
    person = Person.objects.get()
    person.birth_date = date(TODAY.year - 10, 1, 1)
    person.save()
    head = at_the_desk(town, "head", Role.SUPERVISOR, office=JINAN)
    with requests_as_web():
        shut = registrar.browser.get(page_of(waiting))
        assert shut.status_code == 200
        assert person.name not in shut.content.decode()
        sent = registrar.browser.post(page_of(waiting), {"answer": "same", "version": waiting.version})
        assert sent.status_code == 422
        assert registrar.browser.post(page_of(waiting), {"why": "核对旧档案"}).status_code == 200
        asked = MinorApproval.objects.get()
        head.browser.post(f"/desk/approvals/{public_id('map', asked.pk)}", {"granted": "yes"})
        assert person.name in registrar.browser.get(page_of(waiting)).content.decode()
    assert Row.objects.get(pk=waiting.row_id).state == "waiting"
