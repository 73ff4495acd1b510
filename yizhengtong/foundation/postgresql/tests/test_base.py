"""A connection that the server ended is noticed before a request uses it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection as django_connection
from django.db import connections
from django.db.utils import OperationalError
from django.test.utils import CaptureQueriesContext

connection: Any = django_connection
pytestmark = pytest.mark.django_db(transaction=True)


def _next_request() -> None:
    connection.health_check_enabled = True
    connection.close_if_unusable_or_obsolete()


def _end_from_outside() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        other.close()


def _one() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def _checks_as_before() -> Iterator[None]:
    before = connection.health_check_enabled
    yield
    connection.health_check_enabled = before


def test_a_quiet_connection_is_used_again_without_a_statement() -> None:
    _one()
    inner = connection.connection
    _next_request()
    with CaptureQueriesContext(connection) as queries:
        _one()
    assert connection.connection is inner
    assert [query["sql"] for query in queries] == ["SELECT 1"]


def test_a_connection_that_the_server_ended_is_made_anew_for_the_next_request() -> None:
    _end_from_outside()
    _next_request()
    assert _one() == 1


def test_without_the_check_the_ended_connection_would_fail() -> None:
    _end_from_outside()
    connection.health_check_enabled = False
    with pytest.raises(OperationalError):
        _one()
    connection.close()


def test_after_an_error_the_server_is_asked() -> None:
    _end_from_outside()
    with pytest.raises(OperationalError):
        _one()
    _next_request()
    assert _one() == 1
