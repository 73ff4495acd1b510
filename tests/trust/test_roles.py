"""The web's role cannot read, change or forge what is not its reader's, when the code forgets to ask."""

# ruff: noqa: S608 the names of tables come from the tables of this file

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import override_settings

from tests.contract.conftest import places
from tests.contract.world import OFFICE, OTHER_OFFICE, World, make_world
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.accounts.principals import principal_for, principal_of_session
from yizhengtong.foundation.postgresql.readers import NOBODY, Reader, asking, reader_connection
from yizhengtong.foundation.vault.fields import PersonalField
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.queries import queue
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import latest_permit_by_number
from yizhengtong.project.database import PROCESS_ROLES, url_variable
from yizhengtong.project.roles import rows as whose
from yizhengtong.project.roles.applying import apply_roles, differences, unnamed
from yizhengtong.project.roles.statements import WEB, policies, rights_of
from yizhengtong.project.roles.tables import TABLES
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.verification.relying_parties.models import RelyingParty

_CASE = "(SELECT person_id FROM casework_case WHERE id = case_id)"
PERSON_OF = {
    "people_person": "id",
    "people_personnumber": "person_id",
    "people_representation": "represented_id",
    "residence_registration": "person_id",
    "applications_application": "person_id",
    "applications_evidence": "(SELECT person_id FROM applications_application WHERE id = application_id)",
    "casework_case": "person_id",
    "casework_appointment": _CASE,
    "casework_judgement": _CASE,
    "casework_notice": _CASE,
    "casework_journalentry": _CASE,
    "casework_decision": _CASE,
    "permits_permit": "person_id",
    "documents_document": "person_id",
    "checks_check": "person_id",
    "audit_entry": "person_id",
    "people_minorapproval": "person_id",
    "consents_consent": "person_id",
    "privacy_objection": "person_id",
    "privacy_correctionrequest": "person_id",
    "privacy_deletionrequest": "person_id",
}
"""Whose a row is, said apart from the policies. Tables with rows but without a person are looked at by name below."""
EMPTY_IN_THE_WORLD = {
    *("casework_notice", "people_minorapproval", "consents_consent"),
    *("privacy_objection", "privacy_correctionrequest", "privacy_deletionrequest"),
}
OTHERS = {
    "privacy_breach",
    "privacy_breachnotice",
    "web_idempotentanswer",
    "accounts_accountphone",
    "accounts_office",
    "accounts_staffmember",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, roles: None, django_db_blocker: Any) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), override_settings(**places(folder)), transaction.atomic(), requests_as_web():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(world: World) -> None:
    """What is marked django_db finds the world here."""


@pytest.fixture
def world(made: World) -> Iterator[World]:
    """As after a commit: what was registered here is nobody's of this transaction any more."""
    with transaction.atomic():
        _run("SELECT set_config('yzt.registered', '', true)")
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def people(world: World) -> dict[str, Any]:
    """Readers, and the persons that belong to two of them."""
    ward = parse_public_id("per", world.ids["person_id"])
    holder, stranger = (Person.objects.get(account_id=_account_of(world, who)) for who in ("holder", "stranger"))
    return {
        "holder": Reader("resident", str(holder.account_id)),
        "stranger": Reader("resident", str(stranger.account_id)),
        "officer": _officer(OFFICE),
        "other officer": _officer(OTHER_OFFICE),
        "partner": Reader("partner", str(RelyingParty.objects.get().pk)),
        "nobody": NOBODY,
        "persons": {"holder": {holder.pk, ward}, "stranger": {stranger.pk}},
    }


def _account_of(world: World, who: str) -> UUID:
    principal = principal_of_session(world.credentials[who]["X-Session-Token"])
    reader_connection().read_as(NOBODY)
    assert principal is not None
    assert principal.id is not None
    return principal.id


def _officer(username: str) -> Reader:
    member = StaffMember.objects.select_related("office").get(account__username=username)
    return Reader("staff", str(member.account_id), member.office.path)


def _run(statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def _keys(table: str) -> set[UUID]:
    return {key for (key,) in _run(f"SELECT id FROM {table}")}


def _keys_of(table: str, persons: set[UUID]) -> set[UUID]:
    return {key for (key,) in _run(f"SELECT id FROM {table} WHERE {PERSON_OF[table]} = ANY(%s)", list(persons))}


def _refused(statement: str, *parameters: Any) -> bool:
    try:
        with transaction.atomic():
            _run(statement, *parameters)
    except ProgrammingError as problem:
        if not isinstance(problem.__cause__, psycopg.errors.InsufficientPrivilege):
            raise
        return True
    return False


# Everything is decided about


@pytest.mark.django_db
def test_every_table_is_decided_about(world: World) -> None:
    assert unnamed() == [], "name them in yizhengtong/project/roles/tables.py"


def test_every_table_with_a_personal_column_has_row_policies_or_keeps_that_column_from_the_web() -> None:
    for model in apps.get_models():
        personal = {field.column for field in model._meta.get_fields() if isinstance(field, PersonalField)}
        if not personal:
            continue
        table = TABLES[model._meta.db_table]
        seen = rights_of(WEB, table).get("SELECT", None)
        is_kept = seen is None or (bool(seen) and personal.isdisjoint(seen))
        is_by_row = table.rows is not None and table.rows not in (whose.OPEN, whose.LOCKED)
        assert is_kept or is_by_row, model._meta.db_table


def test_every_table_that_names_a_person_has_row_policies() -> None:
    for model in apps.get_models():
        names = {"person_id", "person", "case", "case_id", "application"}
        table = TABLES.get(model._meta.db_table)  # a model without a table of its own is not there
        if (
            table is not None
            and names & {field.name for field in model._meta.get_fields() if hasattr(field, "column")}
            and table.web
        ):
            assert table.rows is not None or "select" not in table.web, model._meta.db_table


def test_every_table_with_rows_is_looked_at_here() -> None:
    by_row = {name for name, table in TABLES.items() if table.rows not in (None, whose.HISTORY)}
    looked_at = set(PERSON_OF) | OTHERS | {name for name in by_row if name.startswith("importing_")}
    assert by_row <= looked_at, by_row - looked_at


# Reading


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["holder", "stranger"])
@pytest.mark.parametrize("table", PERSON_OF)
def test_a_resident_finds_the_rows_of_their_own_persons_and_no_other(
    people: dict[str, Any], table: str, who: str
) -> None:
    own = _keys_of(table, people["persons"][who])
    assert own or who == "stranger" or table in EMPTY_IN_THE_WORLD, "the world holds nothing to look for"
    with as_web(people[who]):
        assert _keys(table) == own


@pytest.mark.django_db
@pytest.mark.parametrize("table", PERSON_OF)
def test_nobody_finds_nothing(people: dict[str, Any], table: str) -> None:
    with as_web(NOBODY):
        assert _keys(table) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(PERSON_OF.keys() - {"audit_entry", "checks_check"}))
def test_an_officer_finds_what_belongs_to_cases_of_the_office(people: dict[str, Any], table: str) -> None:
    holder, stranger = people["persons"]["holder"], people["persons"]["stranger"]
    with as_web(people["officer"]):
        found = _keys(table)
    assert found <= _keys_of(table, holder)
    assert found or table in EMPTY_IN_THE_WORLD
    assert not found & _keys_of(table, stranger)
    with as_web(people["other officer"]):
        assert _keys(table) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(PERSON_OF.keys() - {"checks_check"}))
def test_a_partner_finds_nothing_without_having_been_shown_a_number(people: dict[str, Any], table: str) -> None:
    with as_web(people["partner"]):
        assert _keys(table) == set()


@pytest.mark.django_db
def test_a_partner_finds_the_one_permit_whose_number_it_was_shown(people: dict[str, Any], world: World) -> None:
    permit = Permit.objects.get(pk=parse_public_id("pmt", world.permit["id"]))
    with as_web(people["partner"]):
        found = latest_permit_by_number(world.permit["number"])
        assert found is not None
        assert found.person.pk == permit.person_id
        assert _keys("people_person") == {permit.person_id}
        assert _keys("people_personnumber") == set()
        asking(b"\0" * 16)
        assert _keys("permits_permit") == set()
        assert _keys("people_person") == set()


@pytest.mark.django_db
def test_an_officer_whose_office_has_no_path_finds_nothing(people: dict[str, Any]) -> None:
    with as_web(Reader("staff", people["officer"].actor, "")):
        assert _keys("casework_case") == set()
        assert _keys("people_person") == set()


@pytest.mark.django_db
def test_an_office_is_not_covered_by_one_whose_code_merely_begins_alike(people: dict[str, Any]) -> None:
    with as_web(Reader("staff", people["officer"].actor, people["officer"].office[:-1])):
        assert _keys("casework_case") == set()


@pytest.mark.django_db
def test_who_acts_for_somebody_finds_their_rows_until_the_day_it_ends(people: dict[str, Any]) -> None:
    ward = Representation.objects.get(representative__account_id=people["holder"].actor).represented_id
    with as_web(people["holder"]):
        assert ward in _keys("people_person")
    _run("UPDATE people_representation SET until = (now() AT TIME ZONE 'Asia/Shanghai')::date")
    with as_web(people["holder"]):
        assert ward not in _keys("people_person")
        assert ward not in {row for (row,) in _run("SELECT person_id FROM casework_case")}


@pytest.mark.django_db
def test_answers_are_found_by_the_caller_they_were_given_to(people: dict[str, Any]) -> None:
    for who in ("holder", "officer", "partner"):
        with as_web(people[who]):
            callers = {caller for (caller,) in _run("SELECT caller FROM web_idempotentanswer")}
        assert callers == {f"{people[who].kind}:{people[who].actor}"}


@pytest.mark.django_db
def test_the_trail_is_found_by_the_office_that_wrote_it_and_by_the_one_at_the_top(people: dict[str, Any]) -> None:
    every, own = "SELECT count(*) FROM audit_entry", "SELECT count(*) FROM audit_entry WHERE office_id = %s"
    office = StaffMember.objects.get(account_id=people["officer"].actor).office
    with as_web(people["officer"]):
        assert _run(every) == _run(own, office.pk) != [(0,)]
    with as_web(people["other officer"]):
        assert _run(own, office.pk) == [(0,)]
    for path, sees_all in (("370100", True), ("370100.370103", False), ("", False)):
        with as_web(Reader("staff", people["partner"].actor, path)):
            seen = _run(every)
        assert (seen == _run(every)) == sees_all, path


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
            assert _refused(statement), statement
        assert _run("SELECT count(*) FROM accounts_staffmember")[0][0] > 1


# Changing


@pytest.mark.django_db
@pytest.mark.parametrize("table", PERSON_OF)
@pytest.mark.parametrize("who", ["stranger", "other officer", "partner", "nobody"])
def test_rows_of_others_are_neither_changed_nor_locked_nor_deleted(
    people: dict[str, Any], table: str, who: str
) -> None:
    rights, not_theirs = rights_of(WEB, TABLES[table]), list(_keys_of(table, people["persons"]["holder"]))
    with as_web(people[who]):
        for privilege, statement in (
            ("UPDATE", f"UPDATE {table} SET {{column}} = {{column}} WHERE id = ANY(%s)"),
            ("UPDATE", f"SELECT id FROM {table} WHERE id = ANY(%s) FOR NO KEY UPDATE"),
            ("DELETE", f"DELETE FROM {table} WHERE id = ANY(%s)"),
        ):
            said = statement.format(column=(rights.get("UPDATE") or ("id",))[0])
            if privilege in rights:
                assert _run(said, not_theirs) in (0, []), said
            else:
                assert _refused(said, not_theirs), said


@pytest.mark.django_db
def test_nobody_writes_rows_in_another_ones_name(people: dict[str, Any]) -> None:
    holder = next(iter(people["persons"]["holder"]))
    number = "INSERT INTO people_personnumber (id, person_id, kind, number, number_index, is_current)"
    entry = (
        "INSERT INTO audit_entry (id, at, kind, action, actor_kind, actor_id, object_kind, purpose, fields, request_id)"
    )
    appointed = "INSERT INTO people_representation (id, representative_id, represented_id, relation, since)"
    own = next(iter(people["persons"]["stranger"]))
    with as_web(people["stranger"]):
        assert _refused(f"{number} VALUES (%s, %s, 'hrp', '', '', true)", uuid4(), holder)
        assert _refused(f"{appointed} VALUES (%s, %s, %s, 'guardian', now())", uuid4(), own, holder)
        values = "VALUES (%s, now(), 'act', 'x', 'resident', %s, 'person', 'x', '[]', '')"
        assert _refused(f"{entry} {values}", uuid4(), people["holder"].actor)
        assert _run(f"{entry} {values}", uuid4(), people["stranger"].actor) == 1


@pytest.mark.django_db
def test_history_is_written_by_its_triggers_alone(people: dict[str, Any]) -> None:
    before = _run("SELECT count(*) FROM people_personevent")[0][0]
    with as_web(people["holder"]):
        assert _run("UPDATE people_person SET version = version + 1 WHERE account_id IS NOT NULL") == 1
        assert _refused("INSERT INTO people_personevent (pgh_label) VALUES ('forged')")
    assert _run("SELECT count(*) FROM people_personevent")[0][0] == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_entry", "casework_journalentry", "casework_decision", "law_packtext"])
def test_what_is_written_once_is_neither_changed_nor_deleted(people: dict[str, Any], table: str) -> None:
    with as_web(people["holder"]):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET id = id"):
            assert _refused(statement.replace("id = id", "hash = hash") if "law" in table else statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE people_person DISABLE TRIGGER ALL",
        "DROP POLICY yzt_web_select ON people_person",
        "CREATE POLICY mine ON people_person USING (true)",
        "TRUNCATE people_person",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT audit_delete_expired(1)",
        "CREATE TABLE mine ()",
        "CREATE TEMP TABLE mine ()",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION yzt_oversees(person uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER ROLE yzt_web BYPASSRLS",
        "GRANT yzt_migrator TO yzt_web",
        "COPY people_person TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "SET session_replication_role = replica",
        "UPDATE law_edition SET state = 'retired'",
        "DELETE FROM relying_parties_relyingparty",
        "UPDATE django_migrations SET name = ''",
    ],
)
def test_the_web_cannot_loosen_what_binds_it(people: dict[str, Any], statement: str) -> None:
    with as_web(people["officer"]):
        assert _refused(statement), statement


# What works all the same


@pytest.mark.django_db
def test_offices_are_locked_for_tickets_but_never_changed(people: dict[str, Any]) -> None:
    with as_web(people["officer"]):
        assert _run("SELECT id FROM accounts_office FOR NO KEY UPDATE")
        assert _refused("UPDATE accounts_office SET id = id")
        assert _refused("UPDATE accounts_office SET name = 'x'")


@pytest.mark.django_db
def test_a_search_reads_its_index_under_row_policies_and_ends_at_the_area(world: World, people: dict[str, Any]) -> None:
    name = Person.objects.get(pk=parse_public_id("per", world.ids["person_id"])).name
    for who, is_found in (("officer", True), ("other officer", False)):
        principal = principal_for(Account.objects.get(pk=people[who].actor), has_second_factor=True)
        assert principal is not None
        with as_web(people[who]):
            assert bool(queue(by=principal, search=name, limit=5)) == is_found
            assert bool(queue(by=principal, limit=5)) == is_found
            (keys,) = _run(_EVERY_KEY)[0]
            assert keys == (0 if who == "other officer" else 1), "what the function finds is no row yet"


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
            _run(insert, key)
            assert key in _keys("people_person")
            transaction.set_rollback(True)
        assert key not in _keys("people_person")
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            _run(insert.replace("(id,", "(account_id, id,").replace("(%s,", "(%s, %s,"), people["holder"].actor, key)


# Bringing a database to it


@pytest.mark.django_db
def test_a_second_application_changes_nothing(world: World) -> None:
    assert apply_roles() == []
    assert differences() == [] or all("member of" in line for line in differences())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "drift",
    [
        "GRANT DELETE ON audit_entry TO yzt_web",
        "GRANT SELECT ON people_person TO PUBLIC",
        "GRANT SELECT (name) ON accounts_staffmember TO yzt_web",
        "REVOKE INSERT ON audit_entry FROM yzt_web",
        "GRANT EXECUTE ON FUNCTION people_born_on(bytea[]) TO PUBLIC",
        "CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM people_person'",
        "REVOKE EXECUTE ON FUNCTION casework_seats_taken(uuid, timestamptz[]) FROM yzt_web",
        "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        "ALTER POLICY yzt_web_select ON people_person USING (true)",
        "DROP POLICY yzt_web_select ON casework_case",
        "CREATE POLICY yzt_more ON people_person TO yzt_web USING (true)",
        "CREATE POLICY more ON people_person TO yzt_web USING (true)",
    ],
)
def test_what_drifts_is_told_and_mended(world: World, drift: str) -> None:
    _run("SET CONSTRAINTS ALL IMMEDIATE")  # a table is not altered while checks of its rows are outstanding
    _run(drift)
    assert differences()
    assert apply_roles()
    assert differences() == []


@pytest.mark.django_db
def test_a_table_that_nobody_decided_about_is_closed_and_told(people: dict[str, Any]) -> None:
    _run("CREATE TABLE later_thing (id uuid)")
    apply_roles()
    assert any(line.startswith("later_thing: ") for line in differences())
    for role in PROCESS_ROLES:
        with as_web(people["officer"], role):
            assert _refused("SELECT * FROM later_thing")


@pytest.mark.django_db
def test_the_auditor_reads_the_trail_and_nothing_else(world: World) -> None:
    with as_web(role="yzt_auditor"):
        assert _keys("audit_entry")
        assert _refused("DELETE FROM audit_entry")
        for table in sorted(TABLES.keys() - {name for name in TABLES if name.startswith("audit_")}):
            with transaction.atomic():
                exists = _run("SELECT to_regclass(%s) IS NOT NULL", table)[0][0]
            assert not exists or _refused(f"SELECT FROM {table}"), table


@pytest.mark.django_db
def test_the_gateway_may_nothing_yet(world: World) -> None:
    with as_web(role="yzt_gateway"):
        for table in ("people_person", "permits_permit", "audit_entry", "django_migrations"):
            assert _refused(f"SELECT FROM {table}")


@pytest.mark.django_db
def test_the_worker_sees_all_rows_and_cannot_change_the_trail(world: World) -> None:
    everyone = _keys("people_person")
    with as_web(role="yzt_worker"):
        assert _keys("people_person") == everyone
        assert _refused("DELETE FROM audit_entry")
        assert _refused("UPDATE casework_decision SET granted = true")


# Who signs in as a role


@pytest.mark.skipif(url_variable(WEB) not in os.environ, reason="this server was not made with the roles")
@pytest.mark.parametrize("role", PROCESS_ROLES)
def test_a_process_signs_in_as_an_ordinary_role_and_becomes_no_other(roles: None, role: str) -> None:
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(os.environ[url_variable(role)], dbname=name, autocommit=True) as session:
        flags = session.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles "
            "WHERE rolname = current_user AND current_user = session_user AND current_user = %s",
            [role],
        ).fetchone()
        assert flags == (False,) * 5
        for other in ("yzt_migrator", "postgres", *PROCESS_ROLES):
            if other != role:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    session.execute(f"SET ROLE {other}")


def test_every_policy_of_the_web_has_a_name_of_its_own_command() -> None:
    names = [(each.table, each.name) for each in policies()]
    assert len(names) == len(set(names))
