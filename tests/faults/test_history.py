"""Checks that were acknowledged are in their holders' histories once; what is lost, doubled or half is found."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from faults import checked
from faults.history import CHECK, FILE
from faults.ledger import Entry
from faults.mutating import Ground, double_check, lose_check
from faults.reconciling import Verdict, reconcile
from tests.faults.ground import another_connection, spoil
from tests.support.cases import case_at, permit_of
from tests.support.city import a_city
from tests.support.law import TODAY
from tests.support.people import a_resident
from yizhengtong.foundation.audit import trail
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.registry.consents.models import Consent
from yizhengtong.verification.bulk.running import run_due
from yizhengtong.verification.bulk.services import take_file
from yizhengtong.verification.bulk.tests.files import a_school, as_csv
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.tests.asking import a_caller, ask
from yizhengtong.verification.relying_parties.authenticating import caller_of_secret

pytestmark = pytest.mark.django_db(transaction=True)
IN_NONE = "an entry of a check that is in no history"


@pytest.fixture
def entries() -> list[Entry]:
    """A bank that checked somebody, a school that sent a file about the same one, and the ledger of both."""
    case, wang = case_at(a_city(), "completed", resident=a_resident())
    number = permit_of(case).number
    for use in ("check_bank", "check_school"):
        Consent.objects.create(person=wang.person, use=use, answer="given", account_id=new_id(), law_hash="")
    token = trail.request_id.set("one-check")
    try:
        ask(a_caller("bank"), number)
    finally:
        trail.request_id.reset(token)
    token = trail.request_id.set("one-file")
    try:
        row = ("居住证", number, wang.person.name, "", "S1")
        file = take_file(caller=a_school(), purpose="school", content=as_csv([row]), on=TODAY)
    finally:
        trail.request_id.reset(token)
    run_due(seconds=30)
    return [
        Entry("check-key", CHECK, "", ["lost-on-the-way", "one-check"], 201, {}),
        Entry("file-key", FILE, "", ["one-file"], 201, {"id": public_id("blk", file.pk)}),
    ]


@pytest.fixture
def look(entries: list[Entry]) -> Callable[[], Verdict]:
    def looked() -> Verdict:
        with another_connection() as other:
            return reconcile(entries, other)

    return looked


def test_whom_the_run_lets_be_checked_are_known_and_agreed() -> None:
    shown = checked.people(next(iter(a_city().offices.values())), TODAY)
    bank = checked.bank(1, shown)
    caller = caller_of_secret(bank["secret"])
    assert caller is not None
    one = shown[-1]
    answer = ask(caller, one["number"], name=one["name"], birth_date=date.fromisoformat(one["birth_date"]))
    assert answer.is_match
    assert answer.is_valid
    assert len({each["number"] for each in shown}) == len(shown) == checked.PEOPLE


def test_checks_that_are_in_their_holders_histories_once_are_whole(look: Callable[[], Verdict]) -> None:
    verdict = look()
    assert verdict.is_whole, verdict
    assert verdict.found == verdict.acknowledged == 2
    assert Check.objects.count() == 2


@pytest.mark.parametrize(
    ("statement", "lost", "half"),
    [
        ("DELETE FROM checks_check WHERE way = 'match'", "check check-key", IN_NONE),
        ("DELETE FROM checks_check WHERE way = 'bulk'", "check_file file-key", IN_NONE),
        ("UPDATE bulk_bulkfile SET state = 'running', ended_at = NULL", "check_file file-key", ""),
        ("UPDATE bulk_bulkfile SET state = 'stopped', failure = 'bulk.failed'", "check_file file-key", ""),
        ("DELETE FROM events_event WHERE kind = 'checks.made' AND facts->>'way' = 'match'", "check check-key",
         "a check without its event"),
    ],
    ids=["no row", "no row of the file", "a file that never ended", "a file that was given up", "no event"],
)  # fmt: skip
def test_a_check_that_is_gone_is_lost(look: Callable[[], Verdict], statement: str, lost: str, half: str) -> None:
    for table in ("checks_check", "bulk_bulkfile", "events_event"):
        if table in statement:
            spoil(statement, table)
    verdict = look()
    assert verdict.lost == [lost]
    assert list(verdict.half) == ([half] if half else [])


def test_a_check_whose_entry_in_the_trail_is_gone_is_lost_and_half(look: Callable[[], Verdict]) -> None:
    spoil("DELETE FROM audit_entry WHERE action = 'checks.match'", "audit_entry")
    verdict = look()
    assert verdict.lost == ["check check-key"]
    assert verdict.half == {"a check without its entry in the trail": 1}


@pytest.mark.parametrize("way", ["match", "bulk"])
def test_a_check_that_was_written_twice_is_doubled(look: Callable[[], Verdict], way: str) -> None:
    """As if the same key had taken effect twice: another row, another entry, of the same request."""
    for table, whose in (("checks_check", f"way = '{way}'"), ("audit_entry", f"action = 'checks.{way}'")):
        again = "SELECT (jsonb_populate_record(row, jsonb_build_object('id', gen_random_uuid()))).*"
        spoil(" ".join(("INSERT INTO", table, again, "FROM", table, "row WHERE", whose)), table)
    assert len(look().doubled) == 1


def test_a_check_that_nobody_asked_for_is_found(look: Callable[[], Verdict]) -> None:
    spoil("UPDATE audit_entry SET request_id = 'of-nobody' WHERE action = 'checks.match'", "audit_entry")
    verdict = look()
    assert verdict.half == {"a check that nobody asked for": 1}
    assert verdict.lost == ["check check-key"]


def test_the_spoilings_of_the_run_are_seen(look: Callable[[], Verdict], entries: list[Entry]) -> None:
    with another_connection() as other:
        double_check(Ground(other, entries, Path()))
    assert look().doubled == ["check check-key"]
    with another_connection() as other:
        lose_check(Ground(other, entries, Path()))
    assert look().half


def test_a_check_alone_that_is_struck_out_is_seen_as_lost(look: Callable[[], Verdict], entries: list[Entry]) -> None:
    with another_connection() as other:
        lose_check(Ground(other, entries, Path()))
    assert look().lost == ["check check-key"]
