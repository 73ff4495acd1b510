"""Log lines: what may stand in them, and that values of libraries and databases never do."""

import json
import logging
import sys
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from yizhengtong.foundation.observability.context import is_request_id, outgoing_headers, request_id
from yizhengtong.foundation.observability.formatter import JsonLines
from yizhengtong.foundation.observability.scrubbing import (
    WITHHELD,
    error_facts,
    places,
    shown,
    statement_shape,
    template,
)
from yizhengtong.kernel.errors import Conflict

NAME, NUMBER, PHONE, ADDRESS = "王小明", "H01234567", "+852 5550 0100", "和平路47号1单元101"
SECRETS = (NAME, NUMBER, PHONE, ADDRESS)


def line(logger: str, message: object, *arguments: object, exc_info: Any = None, **extra: object) -> dict[str, Any]:
    """Return the JSON line of one record."""
    log = logging.getLogger(logger)
    record = log.makeRecord(logger, logging.INFO, "f.py", 7, message, arguments, exc_info, "work", extra)
    text = JsonLines().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


@pytest.mark.parametrize(
    "value", ["casework.deadlines", "web.defect", "GET", "events", "a-b", 0, 12, 999_999, 1.5, True, None, "UTF8"]
)
def test_codes_and_small_numbers_are_shown(value: object) -> None:
    assert shown(value) == value


@pytest.mark.parametrize(
    "value",
    [*SECRETS, "Wang Xiaoming", "13800138000", 13800138000, "370102199001011234", "a@b.cn", "", "x" * 81, b"x", {}],
)
def test_everything_else_is_withheld(value: object) -> None:
    assert shown(value) == WITHHELD


def test_our_own_line_is_a_code_with_its_values() -> None:
    told = line("yizhengtong.x", "events.delivery_failed subscriber=%s error=%s", "casework.cards", ValueError)
    assert told["event"] == "events.delivery_failed subscriber=casework.cards error=ValueError"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_value_that_is_no_code_is_withheld_even_from_our_own_line(secret: str) -> None:
    told = line("yizhengtong.x", "people.found who=%s", secret)
    assert told["event"] == f"people.found who={WITHHELD}"
    assert line("yizhengtong.x", f"people.found {secret}")["event"] == WITHHELD or secret.isascii()


@pytest.mark.parametrize("secret", SECRETS)
def test_a_librarys_message_is_shown_without_its_values(secret: str) -> None:
    assert line("django.request", "%s: %s", "Not Found", secret)["event"] == "%s: %s"
    assert line("procrastinate.worker", f"Starting job x(name='{secret}')")["event"] == "procrastinate.worker:work:7"


def test_a_dictionary_or_an_object_as_message_gives_only_its_place() -> None:
    assert line("lib", {"name": NAME})["event"] == "lib:work:7"
    assert line("lib", ValueError(NAME))["event"] == "lib:work:7"


def test_fields_that_nobody_allowed_are_left_out() -> None:
    told = line("yizhengtong.x", "web.answered", route="api/x/<id>", status=200, phone=PHONE, actor=NAME, path="/x")
    assert told.keys() == {"time", "level", "logger", "event", "route", "status"}


def test_of_a_job_only_the_task_is_told() -> None:
    told = line("procrastinate.worker", "x", job={"task_name": "people.tell", "task_kwargs": {"name": NAME}, "id": 1})
    assert told["task"] == "people.tell"
    assert NAME not in str(told)


@pytest.mark.parametrize(
    "identity",
    [
        *("short", "H01234567", "370102199001011234", "0192-abcd-ef", "x" * 32, "a" * 33, "a b c d e f", "<script>"),
        *(NAME * 4, f"{'a' * 32}\n", "01a1fc92-4f4f7feb-9a8a-b5beba972327"),
    ],
)
def test_an_odd_request_id_stays_out_of_line_and_header(identity: str) -> None:
    token = request_id.set(identity)
    try:
        assert "request_id" not in line("yizhengtong.x", "a.b")
    finally:
        request_id.reset(token)
    assert not is_request_id(identity)


def test_the_request_id_is_in_line_and_outgoing_header() -> None:
    assert outgoing_headers() == {}
    token = request_id.set("01a1fc92-4f4f-7feb-9a8a-b5beba972327")
    try:
        assert line("any", "x %s", 1)["request_id"] == "01a1fc92-4f4f-7feb-9a8a-b5beba972327"
        assert outgoing_headers() == {"X-Request-ID": "01a1fc92-4f4f-7feb-9a8a-b5beba972327"}
    finally:
        request_id.reset(token)


def test_an_error_is_told_by_kinds_code_and_places() -> None:
    try:
        try:
            raise ValueError(NAME)
        except ValueError as cause:
            raise Conflict("people.number_taken", who=NUMBER) from cause
    except Conflict:
        told = line("yizhengtong.x", "web.defect", exc_info=sys.exc_info())
    assert told["error"] == ["Conflict", "ValueError"]
    assert told["code"] == "people.number_taken"
    assert told["trace"][-1].endswith("test_an_error_is_told_by_kinds_code_and_places")
    assert not any(secret in str(told) for secret in SECRETS)


def test_a_broken_constraint_is_told_by_name_without_the_row(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (name text CONSTRAINT kept_once UNIQUE)")
        cursor.execute("INSERT INTO kept VALUES (%s)", [NAME])
        with pytest.raises(IntegrityError) as raised, transaction.atomic():
            cursor.execute("INSERT INTO kept VALUES (%s)", [NAME])
    assert NAME in str(raised.value)  # this is what must not come through
    facts = error_facts(raised.value)
    assert (facts["sqlstate"], facts["constraint"]) == ("23505", "kept_once")
    assert NAME not in str(facts)
    assert isinstance(raised.value.__cause__, psycopg.Error)


def test_an_error_without_end_of_causes_is_told_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert error_facts(first)["error"] == ["ValueError", "KeyError"]
    assert places(None) == []


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT * FROM t WHERE name = '王小明' AND n = 42", "SELECT * FROM t WHERE name = ? AND n = ?"),
        ("SELECT 'it''s', E'x', $tag$王$tag$, $1, %s", "SELECT ?, ?, ?, $1, %s"),
        ("x IN (%s, %s, %s)  AND\n y IN ($1,$2)", "x IN (?, …) AND y IN (?, …)"),
        (b"SELECT 1.5 FROM t1", "SELECT ? FROM t1"),
    ],
)
def test_a_statement_is_told_without_its_values(statement: object, shape: str) -> None:
    assert statement_shape(statement) == shape


def test_a_long_statement_is_cut() -> None:
    assert len(statement_shape("SELECT " + "a, " * 1000)) == 400


@pytest.mark.parametrize("message", ["", NAME, "call 13800138000", None, 5, "x" * 401])
def test_a_message_that_is_no_template_is_withheld(message: object) -> None:
    assert template(message) == WITHHELD


def test_percent_d_with_something_withheld_leaves_the_template() -> None:
    assert line("yizhengtong.x", "people.count n=%d", NAME)["event"] == "people.count n=%d"
