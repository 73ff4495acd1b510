"""The trail under the database's roles: the sealer can do its work and no more; nobody else can take anything away."""

import os
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from yizhengtong.foundation.audit.models import Entry, Link
from yizhengtong.foundation.audit.tests import trails
from yizhengtong.foundation.audit.tests.trails import codes, expire, plan_in, seal, verified, write, write_old
from yizhengtong.foundation.audit.verifying import verify
from yizhengtong.project.database import PROCESS_ROLES
from yizhengtong.project.database.connection import url_variable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("roles")]


def reached_as(role: str) -> str:
    """Return how a process role reaches the test's database."""
    return make_conninfo(os.environ[url_variable(role)], dbname=connection.settings_dict["NAME"])


def test_the_sealers_role_is_enough_to_seal_sign_and_let_expire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_in(tmp_path)
    write_old(2)
    write(3)
    monkeypatch.setattr(trails, "conninfo", lambda: reached_as("yzt_sealer"))
    seal(plan)
    expire(plan)
    assert (Entry.objects.filter(retention="log").count(), Link.objects.count()) == (0, 6)
    assert codes(verified(plan)) == []


def test_the_auditors_role_is_enough_to_verify(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(3)
    seal(plan)
    report = verify(reached_as("yzt_auditor"), plan.file)
    assert (codes(report), report.entries) == ([], 3)


TAKING_AWAY = [
    "DELETE FROM audit_entry",
    "UPDATE audit_entry SET person_id = NULL",
    "TRUNCATE audit_entry",
    "SELECT audit_delete_expired(10)",
    "DELETE FROM audit_link",
    "UPDATE audit_link SET retention = 'log'",
    "INSERT INTO audit_checkpoint (number, sequence, line) VALUES (9, 9, '')",
    "INSERT INTO audit_statement (expiry_id, checkpoint_number) SELECT id, 1 FROM audit_expiry",
    "UPDATE audit_position SET transaction_id = '0'",
    "SET pgtrigger.ignore = '{audit_entry}'; DELETE FROM audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
]


@pytest.mark.parametrize("role", [role for role in PROCESS_ROLES if role != "yzt_sealer"])
@pytest.mark.parametrize("statement", TAKING_AWAY)
def test_no_other_role_can_take_anything_from_the_trail(tmp_path: Path, role: str, statement: str) -> None:
    write_old(1)
    plan = plan_in(tmp_path)
    seal(plan)
    with psycopg.connect(reached_as(role)) as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute(statement.encode())
    assert Entry.objects.count() == Link.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET person_id = NULL",
        "INSERT INTO audit_entry SELECT * FROM audit_entry",
        "UPDATE audit_link SET retention = 'log'",
        "DELETE FROM audit_checkpoint",
        "INSERT INTO audit_expiry SELECT gen_random_uuid(), 'log', 1, 1, now()",
    ],
)
def test_the_sealer_itself_cannot_write_change_or_ask(tmp_path: Path, statement: str) -> None:
    write_old(1)
    seal(plan_in(tmp_path))
    with psycopg.connect(reached_as("yzt_sealer")) as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute(statement.encode())


def test_the_sealer_cannot_delete_what_no_checkpoint_states(tmp_path: Path) -> None:
    write_old(1)
    seal(plan_in(tmp_path))
    with psycopg.connect(reached_as("yzt_sealer")) as own:
        with pytest.raises(psycopg.Error):
            own.execute(b"DELETE FROM audit_entry")
        own.rollback()
        assert own.execute(b"SELECT audit_delete_expired(10)").fetchone() == (0,)
    assert Entry.objects.count() == 1
