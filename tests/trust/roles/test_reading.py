"""The web's role finds no row that is not its reader's, when the code forgets to ask."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.utils import IntegrityError, ProgrammingError

from tests.contract.world import World
from tests.support.web_role import as_web
from tests.trust.roles.looking import (
    EMPTY_IN_THE_WORLD,
    NOT_FOR_THE_CASE,
    PERSON_OF,
    is_refused,
    keys,
    keys_of,
    run,
)
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.accounts.principals import principal_for
from yizhengtong.foundation.postgresql.readers import NOBODY, Reader, asking
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.queries import queue
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import latest_permit_by_number
from yizhengtong.registry.people.models import Person, Representation


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["holder", "stranger"])
@pytest.mark.parametrize("table", PERSON_OF)
def test_a_resident_finds_the_rows_of_their_own_persons_and_no_other(
    people: dict[str, Any], table: str, who: str
) -> None:
    own = keys_of(table, people["persons"][who])
    assert own or who == "stranger" or table in EMPTY_IN_THE_WORLD, "the world holds nothing to look for"
    with as_web(people[who]):
        assert keys(table) == own


@pytest.mark.django_db
@pytest.mark.parametrize("table", PERSON_OF)
def test_nobody_finds_nothing(people: dict[str, Any], table: str) -> None:
    with as_web(NOBODY):
        assert keys(table) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(PERSON_OF.keys() - {"audit_entry", "checks_check"}))
def test_an_officer_finds_what_belongs_to_cases_of_the_office(people: dict[str, Any], table: str) -> None:
    holder, stranger = people["persons"]["holder"], people["persons"]["stranger"]
    with as_web(people["officer"]):
        found = keys(table)
    assert found <= keys_of(table, holder)
    assert found or table in EMPTY_IN_THE_WORLD | NOT_FOR_THE_CASE
    assert not found & keys_of(table, stranger)
    with as_web(people["other officer"]):
        assert keys(table) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(PERSON_OF.keys() - {"checks_check"}))
def test_a_partner_finds_nothing_without_having_been_shown_a_number(people: dict[str, Any], table: str) -> None:
    with as_web(people["partner"]):
        assert keys(table) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", PERSON_OF)
def test_a_reporter_finds_what_they_reported_and_nothing_else_of_anybody(
    people: dict[str, Any], world: World, table: str
) -> None:
    with as_web(people["reporter"]):
        found = keys(table)
    assert found == ({parse_public_id("rep", world.ids["report_id"])} if table == "residence_report" else set())


@pytest.mark.django_db
def test_who_answers_for_a_rule_is_known_and_named_by_the_area_alone(people: dict[str, Any]) -> None:
    """Of Qingyuan: an office of Jinan, a resident or a reporter changes nothing."""
    area = Reader("staff", people["officer"].actor, "330000")
    for who, is_let in ((area, True), *((people[each], False) for each in ("officer", "holder", "reporter"))):
        with as_web(who):
            assert len(keys("casework_answering")) == 3
            assert bool(run("UPDATE casework_answering SET rule = rule")) == is_let


@pytest.mark.django_db
def test_a_partner_finds_the_one_permit_whose_number_it_was_shown(people: dict[str, Any], world: World) -> None:
    permit = Permit.objects.get(pk=parse_public_id("pmt", world.permit["id"]))
    with as_web(people["partner"]):
        found = latest_permit_by_number(world.permit["number"])
        assert found is not None
        assert found.person.pk == permit.person_id
        assert keys("people_person") == {permit.person_id}
        assert keys("people_personnumber") == set()
        asking(b"\0" * 16)
        assert keys("permits_permit") == set()
        assert keys("people_person") == set()


@pytest.mark.django_db
def test_an_officer_whose_office_has_no_path_finds_nothing(people: dict[str, Any]) -> None:
    with as_web(Reader("staff", people["officer"].actor, "")):
        assert keys("casework_case") == set()
        assert keys("people_person") == set()


@pytest.mark.django_db
def test_an_office_is_not_covered_by_one_whose_code_merely_begins_alike(people: dict[str, Any]) -> None:
    with as_web(Reader("staff", people["officer"].actor, people["officer"].office[:-1])):
        assert keys("casework_case") == set()


@pytest.mark.django_db
def test_who_acts_for_somebody_finds_their_rows_until_the_day_it_ends(people: dict[str, Any]) -> None:
    of_holder = Representation.objects.filter(representative__account_id=people["holder"].actor)
    ward = of_holder.order_by("pk").values_list("represented_id", flat=True)[0]
    with as_web(people["holder"]):
        assert ward in keys("people_person")
    run("UPDATE people_representation SET until = (now() AT TIME ZONE 'Asia/Shanghai')::date")
    with as_web(people["holder"]):
        assert ward not in keys("people_person")
        assert ward not in {row for (row,) in run("SELECT person_id FROM casework_case")}


@pytest.mark.django_db
def test_answers_are_found_by_the_caller_they_were_given_to(people: dict[str, Any]) -> None:
    for who in ("holder", "officer", "partner"):
        with as_web(people[who]):
            callers = {caller for (caller,) in run("SELECT caller FROM web_idempotentanswer")}
        assert callers == {f"{people[who].kind}:{people[who].actor}"}


@pytest.mark.django_db
def test_the_trail_is_found_by_the_office_that_wrote_it_and_by_the_one_at_the_top(people: dict[str, Any]) -> None:
    every, own = "SELECT count(*) FROM audit_entry", "SELECT count(*) FROM audit_entry WHERE office_id = %s"
    office = StaffMember.objects.get(account_id=people["officer"].actor).office
    with as_web(people["officer"]):
        assert run(every) == run(own, office.pk) != [(0,)]
    with as_web(people["other officer"]):
        assert run(own, office.pk) == [(0,)]
    for path, sees_all in (("370100", True), ("370100.370103", False), ("", False)):
        with as_web(Reader("staff", people["partner"].actor, path)):
            seen = run(every)
        assert (seen == run(every)) == sees_all, path


@pytest.mark.django_db
def test_columns_that_are_not_granted_are_not_read(people: dict[str, Any]) -> None:
    with as_web(people["officer"]):
        for statement in (
            "SELECT name FROM accounts_staffmember",
            "SELECT args FROM procrastinate_jobs",
            "SELECT person_id FROM events_event",
            "SELECT * FROM people_personevent",
            "SELECT * FROM audit_link",
        ):
            assert is_refused(statement), statement
        assert run("SELECT count(*) FROM accounts_staffmember")[0][0] > 1


@pytest.mark.django_db
def test_a_search_reads_its_index_under_row_policies_and_ends_at_the_area(world: World, people: dict[str, Any]) -> None:
    name = Person.objects.get(pk=parse_public_id("per", world.ids["person_id"])).name
    for who, is_found in (("officer", True), ("other officer", False)):
        principal = principal_for(Account.objects.get(pk=people[who].actor), has_second_factor=True)
        assert principal is not None
        with as_web(people[who]):
            assert bool(queue(by=principal, search=name, limit=5)) == is_found
            assert bool(queue(by=principal, limit=5)) == is_found
            (found,) = run(_EVERY_KEY)[0]
            assert found == (0 if who == "other officer" else 1), "what the function finds is no row yet"


_EVERY_KEY = """
    SELECT count(DISTINCT casework_case.id) FROM accounts_office office, casework_found(
        '{}', ARRAY[office.id], ARRAY['received'], '-infinity', '00000000-0000-0000-0000-000000000000', 9
    ) AS found(id) JOIN casework_case USING (id)
"""


@pytest.mark.django_db
def test_a_person_registered_in_this_transaction_is_read_in_it_and_not_after(people: dict[str, Any]) -> None:
    """Also when a savepoint around it was undone."""
    key = uuid4()
    insert = """INSERT INTO people_person (id, name, latin_name, birth_date, sex, region, phone, name_bigrams, version)
        VALUES (%s, '', '', '', 'F', 'HK', '', '{}', 1)"""
    with as_web(people["stranger"]):
        with transaction.atomic():
            run(insert, key)
            assert key in keys("people_person")
            transaction.set_rollback(True)
        assert key not in keys("people_person")
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            run(insert.replace("(id,", "(account_id, id,").replace("(%s,", "(%s, %s,"), people["holder"].actor, key)
