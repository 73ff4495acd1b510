"""`yzt migrate` beside those who work: it waits shortly and tries again, cleans up, and takes nothing away unasked."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from yizhengtong.project.upgrades import running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other() -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's connection to the same database, and a table to fight for."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE fought_for (n int)")
    parameters = {**connection.get_connection_params(), "cursor_factory": None}
    names = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    with psycopg.connect(**names) as somebody:
        yield somebody
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE fought_for")


def add_column() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fought_for ADD COLUMN IF NOT EXISTS m int")


def in_turns(work: Any, *, tries: int = 5) -> list[str]:
    said: list[str] = []
    running.again_and_again(work, connection=connection, tries=tries, lock_timeout_ms=50, tell=said.append)
    return said


def test_a_lock_that_is_not_free_is_asked_for_again(other: psycopg.Connection[Any]) -> None:
    other.execute("LOCK TABLE fought_for")
    timer = threading.Timer(0.2, other.rollback)
    timer.start()
    said = in_turns(add_column)
    timer.join()
    assert said
    assert all("No lock in time" in line for line in said)
    in_turns(add_column)


def test_in_the_end_it_gives_up_and_leaves_no_lock_and_no_time_out(other: psycopg.Connection[Any]) -> None:
    other.execute("LOCK TABLE fought_for")
    with pytest.raises(running.GaveUp):
        in_turns(add_column, tries=2)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
    row = other.execute("SELECT pg_try_advisory_lock(%s)", [running._ONE_AT_A_TIME]).fetchone()
    assert row == (True,)


def test_another_error_is_not_tried_again() -> None:
    tried = []

    def fail() -> None:
        tried.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(0)::text::int")

    with pytest.raises(Exception) as raised:
        in_turns(fail)
    assert not isinstance(raised.value, running.GaveUp)
    assert tried == [1]


def test_only_one_migrates_at_a_time(other: psycopg.Connection[Any]) -> None:
    other.execute("SELECT pg_advisory_lock(%s)", [running._ONE_AT_A_TIME])
    with pytest.raises(running.GaveUp):
        in_turns(add_column, tries=1)


def test_an_index_left_unfinished_is_removed_first(other: psycopg.Connection[Any]) -> None:
    other.execute("INSERT INTO fought_for VALUES (1), (1)")
    other.commit()
    other.autocommit = True
    with pytest.raises(psycopg.errors.UniqueViolation):
        other.execute("CREATE UNIQUE INDEX CONCURRENTLY half ON fought_for (n)")
    assert in_turns(lambda: None) == ["Removing the unfinished index public.half."]
    assert in_turns(lambda: None) == []


def test_a_lock_time_out_of_django_is_recognised(other: psycopg.Connection[Any]) -> None:
    other.execute("LOCK TABLE fought_for")
    with pytest.raises(OperationalError) as raised, running.alone(connection, 20):
        add_column()
    assert raised.value.__cause__ is not None
    assert raised.value.__cause__.sqlstate in running._AGAIN  # type: ignore[attr-defined]


def test_a_contract_step_is_refused_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    step = Migration("0099_contract", "casework")
    step.contract = True  # type: ignore[attr-defined]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_named, **__: [(step, False)])
    with pytest.raises(CommandError, match=r"casework\.0099_contract"):
        call_command("migrate", verbosity=0)


def test_a_database_that_is_up_to_date_is_migrated_by_doing_nothing() -> None:
    call_command("migrate", verbosity=0)
