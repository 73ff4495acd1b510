"""The reconciler finds what is lost, doubled or half; a clean database it lets pass."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from faults.ledger import Entry
from faults.mutating import MUTATIONS, NothingToSpoil, lose
from faults.reconciling import Verdict, reconcile
from tests.support.cases import case_at
from tests.support.city import City, a_city
from yizhengtong.foundation.audit import trail
from yizhengtong.kernel.ids import public_id

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = {"accept": "accept", "review": "review", "approve": "approve", "card": "record_made", "hand_over": "hand_over"}


@pytest.fixture
def town() -> City:
    return a_city()


@pytest.fixture
def entries(town: City) -> list[Entry]:
    """A completed case, and the ledger of a driver that was answered for every step of it."""
    token = trail.request_id.set("one-request")
    try:
        case, _ = case_at(town, "completed")
    finally:
        trail.request_id.reset(token)
    key = public_id("cas", case.pk)
    return [
        Entry("submit-key", "submit", "", ["one-request"], 201, {"id": key}),
        *(Entry(f"{operation}-key", operation, key, ["one-request"], 200, {"id": key}) for operation in STEPS),
    ]


@pytest.fixture
def look(entries: list[Entry]) -> Callable[..., Verdict]:
    def reconciled(*more: Entry) -> Verdict:
        with another_connection() as other:
            return reconcile([*entries, *more], other)

    return reconciled


def another_connection() -> psycopg.Connection[tuple[Any, ...]]:
    named = connection.settings_dict
    return psycopg.connect(
        host=named["HOST"], port=named["PORT"] or None, user=named["USER"], password=named["PASSWORD"],
        dbname=named["NAME"],
    )  # fmt: skip


def spoil(statement: str, table: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:  # or the triggers stay off for every test to come
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with events pending is not altered
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_whole_database_is_whole(look: Callable[..., Verdict]) -> None:
    verdict = look()
    assert verdict.is_whole, verdict
    assert verdict.found == verdict.acknowledged == 6


def test_an_acknowledged_request_without_any_trace_is_lost(look: Callable[..., Verdict]) -> None:
    verdict = look(Entry("gone-key", "book", "", ["never-seen"], 200, {}))
    assert verdict.lost == ["book gone-key"]
    assert not verdict.is_whole


def test_a_request_whose_two_sendings_both_took_effect_is_doubled(look: Callable[..., Verdict], town: City) -> None:
    token = trail.request_id.set("second-sending")
    try:
        case_at(town, "received")
    finally:
        trail.request_id.reset(token)
    verdict = look(Entry("twice-key", "book", "", ["one-request", "second-sending"], 0, {}))
    assert verdict.doubled == ["book twice-key"]
    assert verdict.unanswered == 1


@pytest.mark.parametrize(
    ("table", "statement", "lost"),
    [
        ("casework_journalentry", "DELETE FROM casework_journalentry WHERE action = 'accept'", ["accept accept-key"]),
        ("events_event", "DELETE FROM events_event WHERE kind = 'casework.review'", ["review review-key"]),
        ("permits_permit", "DELETE FROM permits_permit", ["approve approve-key"]),
    ],
)
def test_a_row_that_is_gone_is_found(look: Callable[..., Verdict], table: str, statement: str, lost: list[str]) -> None:
    spoil(statement, table)
    verdict = look()
    assert verdict.lost == lost
    assert verdict.half


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("casework_case", "UPDATE casework_case SET state = 'approved'"),
        ("casework_decision", "DELETE FROM casework_decision"),
        ("permits_permit", "UPDATE permits_permit SET version = version + 1"),
        ("casework_case", "UPDATE casework_case SET version = version + 1"),
    ],
)
def test_a_half_written_state_is_found(look: Callable[..., Verdict], table: str, statement: str) -> None:
    spoil(statement, table)
    assert look().half


def test_a_step_that_took_effect_twice_is_doubled(look: Callable[..., Verdict]) -> None:
    spoil(
        "INSERT INTO casework_journalentry SELECT (jsonb_populate_record(j, jsonb_build_object('id',"
        " gen_random_uuid()))).* FROM casework_journalentry j WHERE action = 'hand_over'",
        "casework_journalentry",
    )
    assert look().doubled == ["hand_over hand_over-key"]


def test_a_spoilt_step_is_seen_as_lost(look: Callable[..., Verdict], entries: list[Entry]) -> None:
    with another_connection() as other:
        lose(other, entries)
    assert len(look().lost) == 1


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_a_mutation_with_nothing_acknowledged_to_spoil_says_so(mutation: str, entries: list[Entry]) -> None:
    for entry in entries:
        entry.status = 0
    spoil_so, _ = MUTATIONS[mutation]
    with another_connection() as other, pytest.raises(NothingToSpoil, match="acknowledged"):
        spoil_so(other, entries)


def test_a_mutation_whose_row_is_not_there_says_so(entries: list[Entry]) -> None:
    spoil("DELETE FROM casework_journalentry", "casework_journalentry")
    with another_connection() as other, pytest.raises(NothingToSpoil, match="not there"):
        lose(other, entries)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'casework_journalentry'::regclass"
                       " AND NOT tgisinternal AND tgenabled = 'D'")  # fmt: skip
        assert cursor.fetchone() == (0,), "what protects the table is on again"
