"""The web's role cannot change or forge what is not its reader's, nor loosen what binds it."""

# ruff: noqa: S608 the names of tables come from the tables of the tests

from typing import Any
from uuid import uuid4

import pytest

from tests.support.web_role import as_web
from tests.trust.roles.looking import KEY_OF, PERSON_OF, is_refused, keys_of, run
from yizhengtong.project.roles.statements import WEB, rights_of
from yizhengtong.project.roles.tables import TABLES


@pytest.mark.django_db
@pytest.mark.parametrize("table", PERSON_OF)
@pytest.mark.parametrize("who", ["stranger", "other officer", "partner", "reporter", "nobody"])
def test_rows_of_others_are_neither_changed_nor_locked_nor_deleted(
    people: dict[str, Any], table: str, who: str
) -> None:
    rights, not_theirs = rights_of(WEB, TABLES[table]), list(keys_of(table, people["persons"]["holder"]))
    key = KEY_OF.get(table, "id")
    with as_web(people[who]):
        for privilege, statement in (
            ("UPDATE", f"UPDATE {table} SET {{column}} = {{column}} WHERE {key} = ANY(%s)"),
            ("UPDATE", f"SELECT {key} FROM {table} WHERE {key} = ANY(%s) FOR NO KEY UPDATE"),
            ("DELETE", f"DELETE FROM {table} WHERE {key} = ANY(%s)"),
        ):
            said = statement.format(column=(rights.get("UPDATE") or (key,))[0])
            if privilege in rights:
                assert run(said, not_theirs) in (0, []), said
            else:
                assert is_refused(said, not_theirs), said


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
        assert is_refused(f"{number} VALUES (%s, %s, 'hrp', '', '', true)", uuid4(), holder)
        assert is_refused(f"{appointed} VALUES (%s, %s, %s, 'guardian', now())", uuid4(), own, holder)
        reached = "INSERT INTO notifications_contact (id, person_id, channel, address, confirmed_at)"
        assert is_refused(f"{reached} VALUES (%s, %s, 'sms', '', now())", uuid4(), holder)
        values = "VALUES (%s, now(), 'act', 'x', 'resident', %s, 'person', 'x', '[]', '')"
        assert is_refused(f"{entry} {values}", uuid4(), people["holder"].actor)
        assert run(f"{entry} {values}", uuid4(), people["stranger"].actor) == 1


@pytest.mark.django_db
def test_a_reporter_reports_for_themselves_and_says_of_nobody_here_that_it_is_them(people: dict[str, Any]) -> None:
    own, holder = run("SELECT reporter_id FROM residence_report")[0][0], next(iter(people["persons"]["holder"]))
    other = run("SELECT id FROM residence_reporter WHERE id <> %s", own)[0][0]
    insert = "INSERT INTO residence_report (id, reporter_id, person_id) VALUES (%s, %s, %s)"
    with as_web(people["reporter"]):
        assert is_refused(insert, uuid4(), own, holder)
        assert is_refused(insert, uuid4(), other, None)


@pytest.mark.django_db
def test_history_is_written_by_its_triggers_alone(people: dict[str, Any]) -> None:
    before = run("SELECT count(*) FROM people_personevent")[0][0]
    with as_web(people["holder"]):
        assert run("UPDATE people_person SET version = version + 1 WHERE account_id IS NOT NULL") == 1
        assert is_refused("INSERT INTO people_personevent (pgh_label) VALUES ('forged')")
    assert run("SELECT count(*) FROM people_personevent")[0][0] == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_entry", "casework_journalentry", "casework_decision", "law_packtext"])
def test_what_is_written_once_is_neither_changed_nor_deleted(people: dict[str, Any], table: str) -> None:
    with as_web(people["holder"]):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET id = id"):
            assert is_refused(statement.replace("id = id", "hash = hash") if "law" in table else statement)


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
        assert is_refused(statement), statement


@pytest.mark.django_db
def test_offices_are_locked_for_tickets_but_never_changed(people: dict[str, Any]) -> None:
    with as_web(people["officer"]):
        assert run("SELECT id FROM accounts_office FOR NO KEY UPDATE")
        assert is_refused("UPDATE accounts_office SET id = id")
        assert is_refused("UPDATE accounts_office SET name = 'x'")
