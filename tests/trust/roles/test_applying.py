"""Bringing a database to its roles, and what each process may do then."""

import os
from typing import Any

import psycopg
import pytest
from django.db import transaction

from tests.contract.world import World
from tests.support.web_role import as_web
from tests.trust.roles.looking import is_refused, keys, run
from yizhengtong.project.database import PROCESS_ROLES, url_variable
from yizhengtong.project.roles.applying import apply_roles, differences
from yizhengtong.project.roles.statements import WEB
from yizhengtong.project.roles.tables import TABLES


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
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a table is not altered while checks of its rows are outstanding
    run(drift)
    assert differences()
    assert apply_roles()
    assert differences() == []


@pytest.mark.django_db
def test_a_table_that_nobody_decided_about_is_closed_and_told(people: dict[str, Any]) -> None:
    run("CREATE TABLE later_thing (id uuid)")
    apply_roles()
    assert any(line.startswith("later_thing: ") for line in differences())
    for role in PROCESS_ROLES:
        with as_web(people["officer"], role):
            assert is_refused("SELECT * FROM later_thing")


@pytest.mark.django_db
def test_the_auditor_reads_the_trail_and_nothing_else(world: World) -> None:
    with as_web(role="yzt_auditor"):
        assert keys("audit_entry")
        assert is_refused("DELETE FROM audit_entry")
        for table in sorted(TABLES.keys() - {name for name in TABLES if name.startswith("audit_")}):
            with transaction.atomic():
                exists = run("SELECT to_regclass(%s) IS NOT NULL", table)[0][0]
            assert not exists or is_refused(f"SELECT FROM {table}"), table


@pytest.mark.django_db
def test_the_gateway_may_nothing_yet(world: World) -> None:
    with as_web(role="yzt_gateway"):
        for table in ("people_person", "permits_permit", "audit_entry", "django_migrations"):
            assert is_refused(f"SELECT FROM {table}")


@pytest.mark.django_db
def test_the_worker_sees_all_rows_and_cannot_change_the_trail(world: World) -> None:
    everyone = keys("people_person")
    with as_web(role="yzt_worker"):
        assert keys("people_person") == everyone
        assert is_refused("DELETE FROM audit_entry")
        assert is_refused("UPDATE casework_decision SET granted = true")


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
