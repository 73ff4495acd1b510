"""The reconciler finds what is lost, doubled or half; a clean database it lets pass."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from faults.ledger import Entry
from faults.mutating import MUTATIONS, Ground, NothingToSpoil, both_living, lose, none_living
from faults.reconciling import Verdict, reconcile
from tests.faults.ground import another_connection, spoil
from tests.support.cases import case_at
from tests.support.city import City, a_city
from yizhengtong.foundation.audit import trail
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.tests.qingyuan import (
    QINGYUAN,
    RUIAN,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    registers_say,
    submitted,
)

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
        lose(Ground(other, entries, Path()))
    assert len(look().lost) == 1


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_a_mutation_with_nothing_to_spoil_says_so(mutation: str, entries: list[Entry], tmp_path: Path) -> None:
    for entry in entries:
        entry.status = 0
    spoil_so, _ = MUTATIONS[mutation]
    with another_connection() as other, pytest.raises(NothingToSpoil, match=r"acknowledged|no event|no message"):
        spoil_so(Ground(other, entries, tmp_path))


def test_a_mutation_whose_row_is_not_there_says_so(entries: list[Entry]) -> None:
    spoil("DELETE FROM casework_journalentry", "casework_journalentry")
    with another_connection() as other, pytest.raises(NothingToSpoil, match="not there"):
        lose(Ground(other, entries, Path()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'casework_journalentry'::regclass"
                       " AND NOT tgisinternal AND tgenabled = 'D'")  # fmt: skip
        assert cursor.fetchone() == (0,), "what protects the table is on again"


@pytest.fixture
def conversion(town: City) -> Entry:
    """A card converted by named rules, and the ledger's line of whoever asked for it."""
    qingyuan, ruian = a_county(), a_county(RUIAN, "瑞安市", answering=False)
    assert qingyuan.code == QINGYUAN
    who = a_mainlander()
    a_card(who, ruian)
    token = trail.request_id.set("conversion-request")
    try:
        with registers_say():
            case = submitted(who, a_draft(who))
    finally:
        trail.request_id.reset(token)
    facts = {"id": public_id("cas", case.pk), "state": case.state}
    return Entry("convert-key", "convert", "", ["conversion-request"], 201, facts)


def test_a_conversion_is_whole_with_every_opinion_of_its_rules(look: Callable[..., Verdict], conversion: Entry) -> None:
    verdict = look(conversion)
    assert verdict.is_whole, verdict
    assert verdict.found == 7


def test_a_conversion_left_to_officers_is_expected_to_be_accepted_and_no_more(
    look: Callable[..., Verdict], conversion: Entry
) -> None:
    conversion.facts["state"] = "accepted"
    spoil("DELETE FROM casework_journalentry WHERE action = 'complete'", "casework_journalentry")
    assert look(conversion).lost == []
    conversion.facts["state"] = "completed"
    assert look(conversion).lost == ["convert convert-key"]


@pytest.mark.parametrize(
    ("mutation", "what"),
    [
        (both_living, "two living permits of one person and family"),
        (none_living, "a converted permit without the one in its place"),
    ],
)
def test_both_living_permits_or_none_after_a_conversion_are_found(
    look: Callable[..., Verdict], conversion: Entry, mutation: Callable[[Ground], None], what: str
) -> None:
    with another_connection() as other:
        mutation(Ground(other, [conversion], Path()))
    assert look(conversion).half.get(what) == 1


@pytest.mark.parametrize(
    ("table", "statement", "what"),
    [
        ("permits_permitevent",
         "UPDATE permits_permitevent SET pgh_created_at = pgh_created_at - interval '1 second' WHERE state = 'ended'",
         "a conversion in two transactions"),
        ("permits_permit", "UPDATE permits_permit SET succeeded_by_id = NULL",
         "a converted permit without the one in its place"),
    ],
)  # fmt: skip
def test_a_conversion_in_two_steps_is_found(
    look: Callable[..., Verdict], conversion: Entry, table: str, statement: str, what: str
) -> None:
    spoil(statement, table)
    assert look(conversion).half.get(what) == 1
