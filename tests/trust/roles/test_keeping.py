"""What the policies keep of a request's answers is that reader's alone, and the queue costs the page it shows."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.world import World
from tests.support.web_role import as_web
from tests.trust.roles.looking import keys, run
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, principal_for
from yizhengtong.foundation.postgresql.readers import reader_connection
from yizhengtong.kernel.ids import new_id, parse_public_id
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import queue
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.registry.people.models import Person

OF_CASES = ("casework_judgement", "casework_journalentry", "applications_application", "applications_evidence")
_KNOWN = "SELECT current_setting('yzt.known', true)"
_CASES, _PAGE = 400, 5


@pytest.mark.django_db
@pytest.mark.parametrize("table", OF_CASES)
def test_what_one_reader_was_shown_is_not_shown_to_the_next(people: dict[str, Any], table: str) -> None:
    with as_web(people["officer"]):
        assert keys(table)
        ((known,),) = run(_KNOWN)
        assert known.startswith(f"{people['officer'].actor} "), "else there is nothing that could be kept too long"
        for other in ("other officer", "partner", "nobody"):
            reader_connection().read_as(people[other])
            assert keys(table) == set(), other


@pytest.mark.django_db
@pytest.mark.parametrize("table", OF_CASES)
def test_what_was_kept_of_somebody_else_counts_for_nobody(people: dict[str, Any], table: str) -> None:
    with as_web(people["officer"]):
        assert keys(table)
        ((known,),) = run(_KNOWN)
    for other in ("other officer", "nobody"):
        with as_web(people[other]):
            run(f"SELECT set_config('yzt.known', '{known}', false)")
            assert keys(table) == set(), other


@pytest.mark.django_db
def test_what_a_case_shows_an_officer_is_asked_once(people: dict[str, Any], world: World) -> None:
    case = Case.objects.get(person_id=parse_public_id("per", world.ids["person_id"]))
    with as_web(people["officer"]):
        run("SELECT id FROM casework_journalentry WHERE case_id = %s", case.pk)
        ((known,),) = run(_KNOWN)
    assert known.split() == [people["officer"].actor, str(case.pk), str(case.application_id), str(case.person_id)]


@pytest.mark.django_db
def test_nothing_is_kept_of_a_person_registered_in_this_transaction(people: dict[str, Any]) -> None:
    registered = new_id()
    with as_web(people["stranger"]):
        run(
            "INSERT INTO people_person (id, name, latin_name, birth_date, sex, region, phone, name_bigrams, version)"
            " VALUES (%s, '', '', '2020-01-01', 'F', 'HK', '', '{}', 1)", registered,
        )  # fmt: skip
        application = Application.objects.create(
            person_id=registered, filled_by_id=registered, item="hmt.first_issue", place="370102"
        )
        assert run("SELECT yzt_sees_application(%s)", application.pk) == [(True,)]
        ((known,),) = run(_KNOWN)
        assert str(application.pk) not in known
        assert str(registered) not in known


# The queue


@pytest.fixture
def officer(people: dict[str, Any], waiting: list[UUID]) -> Iterator[Principal]:
    """An officer of the office where cases wait, with the plans of a large table."""
    principal = principal_for(Account.objects.get(pk=people["officer"].actor), has_second_factor=True)
    assert principal is not None
    run("ANALYZE casework_case")  # else the plan is that of what another test left in the statistics
    for way in ("seqscan", "hashjoin", "mergejoin"):
        run(f"SET LOCAL enable_{way} = off")
    with as_web(people["officer"]):
        yield principal


@pytest.fixture
def waiting(world: World) -> list[UUID]:
    like = Case.objects.select_related("application").get(person_id=parse_public_id("per", world.ids["person_id"]))
    return [_another(like, number) for number in range(_CASES)]


def _another(like: Case, number: int) -> UUID:
    person = Person.objects.create(name="测试", birth_date=date(1990, 1, 1), sex="F", region="HK")
    application = Application.objects.create(person=person, filled_by=person, item=like.item, place="370102")
    made = Case.objects.create(
        application=application, person=person, item=like.item, office=like.office, office_path=like.office_path,
        received_on=like.received_on, search_keys=like.search_keys,
        state=OPEN[number % 2], receipt_number=f"r-{number}", accepted_on=like.received_on,
    )  # fmt: skip
    return made.pk


@pytest.mark.django_db
@pytest.mark.parametrize("searched", [False, True])
def test_the_policy_is_asked_of_the_shown_page_alone(officer: Principal, world: World, searched: bool) -> None:
    name = Person.objects.get(pk=parse_public_id("per", world.ids["person_id"])).name if searched else ""
    with CaptureQueriesContext(connection) as sent:
        assert len(queue(by=officer, search=name, limit=_PAGE)) == _PAGE
    (statement,) = (each["sql"] for each in sent if "casework_case" in each["sql"])
    ((plan,),) = run(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
    read = [node for node in _nodes(_read(plan)[0]["Plan"]) if node.get("Relation Name") == "casework_case"]
    assert read
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) < _CASES / 2


@pytest.mark.django_db
def test_the_planner_is_told_that_a_page_is_found_and_not_a_city(world: World) -> None:
    rows = run("SELECT proname, prorows FROM pg_proc WHERE proname IN ('casework_found', 'casework_waiting')")
    assert dict(rows) == {"casework_found": 50, "casework_waiting": 50}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _read(plan: Any) -> Any:
    return json.loads(plan) if isinstance(plan, str) else plan
