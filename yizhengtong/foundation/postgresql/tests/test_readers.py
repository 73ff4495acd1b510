"""No statement runs for another reader than the one its request works for, whatever happened on the connection."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, connections, transaction
from django.db import connection as django_connection
from django.test.utils import CaptureQueriesContext

from yizhengtong.foundation.postgresql.readers import NOBODY, SAYING, SETTINGS, Reader, saying

connection: Any = django_connection
pytestmark = pytest.mark.django_db(transaction=True)
FIRST = Reader("resident", "00000000-0000-0000-0000-000000000001")
OFFICER = Reader("staff", "00000000-0000-0000-0000-000000000002", "370100.370102")


@pytest.fixture(autouse=True)
def _for_nobody() -> Iterator[None]:
    yield
    connection.close()
    connection.read_as(NOBODY)


def told(at: Any = connection) -> Reader:
    """What the server has been told, as a statement of this moment sees it."""
    columns = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
    with at.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        kind, *others = cursor.fetchone()
    return Reader(kind or "nobody", *others)


def evaluate(expression: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}")


def find_out(reader: Reader) -> None:
    """Name the reader by a statement that asks something else, as finding a principal does."""
    values = saying(reader, in_transaction=connection.is_transaction_open())
    assert list(connection.row_naming_the_reader(f"SELECT 7, {SAYING}", values)) == [7]


def next_request() -> None:
    request_started.send(sender=object)


def test_a_new_connection_works_for_nobody() -> None:
    connection.close()
    assert told() == NOBODY


def test_finding_out_who_reads_costs_no_statement_of_its_own() -> None:
    told()
    with CaptureQueriesContext(connection) as queries:
        find_out(FIRST)
        assert told() == FIRST
        told()
    assert len(queries) == 3


def test_the_next_request_starts_for_nobody_and_pays_only_if_it_asks_something_first() -> None:
    find_out(FIRST)
    next_request()
    with CaptureQueriesContext(connection) as queries:
        find_out(OFFICER)
        assert told() == OFFICER
    assert len(queries) == 2
    next_request()
    with CaptureQueriesContext(connection) as queries:
        assert told() == NOBODY
        assert told() == NOBODY
    assert len(queries) == 3


def test_after_a_request_nothing_runs_for_its_reader() -> None:
    find_out(OFFICER)
    request_finished.send(sender=object)
    assert told() == NOBODY


def test_the_reader_found_out_in_a_transaction_is_the_reader_after_it_too() -> None:
    with transaction.atomic():
        find_out(FIRST)
        assert told() == FIRST
    assert told() == FIRST
    next_request()
    assert told() == NOBODY


@pytest.mark.parametrize("former", [NOBODY, OFFICER])
def test_a_transaction_that_is_undone_brings_no_former_reader_back(former: Reader) -> None:
    find_out(former)
    next_request()
    with transaction.atomic():
        find_out(FIRST)
        transaction.set_rollback(True)
    assert told() == FIRST, "PostgreSQL is back at the former reader; the request is not"
    next_request()
    assert told() == NOBODY


def test_a_savepoint_that_is_undone_brings_no_former_reader_back() -> None:
    find_out(OFFICER)
    next_request()
    with transaction.atomic():
        with transaction.atomic():
            find_out(FIRST)
            transaction.set_rollback(True)
        assert told() == FIRST
        with transaction.atomic():
            assert told() == FIRST


def test_a_reader_found_out_before_a_savepoint_is_not_told_again_when_it_is_undone() -> None:
    with transaction.atomic():
        find_out(FIRST)
        with transaction.atomic():
            told()
            transaction.set_rollback(True)
        with CaptureQueriesContext(connection) as queries:
            assert told() == FIRST
        assert len(queries) == 1


def test_a_statement_that_fails_between_leaves_the_reader_as_wanted() -> None:
    find_out(OFFICER)
    next_request()
    with transaction.atomic():
        find_out(FIRST)
        with pytest.raises(DatabaseError):
            evaluate("1 / 0")
        transaction.set_rollback(True)
    next_request()
    assert told() == NOBODY


def test_finding_out_that_fails_names_nobody() -> None:
    find_out(OFFICER)
    next_request()
    with pytest.raises(DatabaseError):
        connection.row_naming_the_reader(f"SELECT 1 / 0, {SAYING}", saying(FIRST, in_transaction=False))
    assert told() == NOBODY


def test_finding_nobody_out_names_nobody() -> None:
    find_out(OFFICER)
    next_request()
    assert connection.row_naming_the_reader(f"SELECT {SAYING} WHERE false", saying(FIRST, in_transaction=False)) is None
    assert told() == NOBODY


def test_a_reader_refused_after_being_found_out_reads_as_nobody() -> None:
    find_out(OFFICER)
    connection.read_as(NOBODY)
    assert told() == NOBODY


def test_a_connection_made_anew_in_a_request_is_told_again() -> None:
    find_out(FIRST)
    connection.close()
    assert told() == FIRST


def test_in_a_failed_transaction_only_its_end_is_let_through() -> None:
    with transaction.atomic():
        with transaction.atomic():
            with pytest.raises(DatabaseError):
                evaluate("1 / 0")
            connection.read_as(FIRST)
            with pytest.raises(DatabaseError):
                told()
            transaction.set_rollback(True)
        assert told() == FIRST


def test_threads_know_nothing_of_each_others_readers() -> None:
    find_out(OFFICER)
    seen: list[Reader] = []
    barrier = threading.Barrier(2, timeout=90)

    def work(reader: Reader) -> None:
        own: Any = connections["default"]
        try:
            for _ in range(20):
                request_started.send(sender=object)
                seen.append(told(own))
                values = saying(reader, in_transaction=False)
                own.row_naming_the_reader(f"SELECT 7, {SAYING}", values)
                barrier.wait()
                assert told(own) == reader
        except BaseException as problem:
            seen.append(Reader(repr(problem)))
            raise
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(reader,)) for reader in (FIRST, Reader("partner", "p"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [NOBODY] * 40
    assert told() == OFFICER, "a request of another thread does not end this one"
