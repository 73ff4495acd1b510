"""Files worked through: each row a check, once; nothing kept longer than needed; nobody else's seen."""

import csv
import io
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.support.law import TODAY
from tests.support.people import Resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.web.models import Bucket
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.bulk import running, services
from yizhengtong.verification.bulk.bounds import (
    AGAIN,
    LONGEST,
    MOST_FAILURES,
    OPEN_AT_ONCE,
    REST,
    RETRIED,
    ROWS_AT_ONCE,
)
from yizhengtong.verification.bulk.forgetting import forget_files
from yizhengtong.verification.bulk.models import BulkFile, BulkPart
from yizhengtong.verification.bulk.queries import COLUMNS, Waiting, file_of, files_of, results_of, waiting_now
from yizhengtong.verification.bulk.running import do_next, run_due
from yizhengtong.verification.bulk.services import cancel_file, take_file
from yizhengtong.verification.bulk.tests.files import Line, a_school, as_csv, nobody, number_of_nobody
from yizhengtong.verification.checks.matching import match
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.figures import environment_of, used_of
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyKey

Held = tuple[Permit, Resident]


def send(caller: Caller, *lines: Line, purpose: str = "school") -> BulkFile:
    return take_file(caller=caller, purpose=purpose, content=as_csv(lines), on=TODAY)


def results(caller: Caller, file: BulkFile) -> list[dict[str, Any]]:
    text = results_of(caller=caller, file_id=file.pk)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def holders(permit: Permit, name: str = "葉小明", reference: str = "S0") -> Line:
    return "居住证", permit.number, name, "1994-08-23", reference


def test_each_row_is_answered_and_stands_in_its_holders_history(school: Caller, held: Held) -> None:
    permit, wang = held
    file = send(school, holders(permit), nobody(1), holders(permit, "葉大明", "S2"))
    assert not run_due(seconds=60)
    file.refresh_from_db()
    assert (file.state, file.done, file.rows) == ("done", 3, 3)
    found = [
        (row["line"], row["reference"], row["is_match"], row["name"], row["state"]) for row in results(school, file)
    ]
    assert found == [
        ("2", "S0", "yes", "yes", "valid"), ("3", "S1", "no", "no", ""), ("4", "S2", "no", "no", ""),
    ]  # fmt: skip
    seen = Check.objects.filter(person_id=wang.person.pk).order_by("at")
    assert [(each.way, each.purpose, each.is_match) for each in seen] == [
        ("bulk", "school", True), ("bulk", "school", False),
    ]  # fmt: skip
    written = Check.objects.order_by("at").values_list("pk", flat=True)
    assert [row["check_id"] for row in results(school, file)] == [public_id("chk", key) for key in written]
    assert Entry.objects.filter(action="checks.bulk", person_id=wang.person.pk, actor_id=school.pk).count() == 2


def test_nothing_that_was_sent_comes_back_but_the_senders_own_reference(school: Caller, held: Held) -> None:
    file = send(school, holders(held[0]), nobody(1))
    run_due(seconds=60)
    text = results_of(caller=school, file_id=file.pk)
    assert set(next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))) == set(COLUMNS)
    for sent in (held[0].number, number_of_nobody(1), "葉小明", "陈嘉欣", "1994"):
        assert sent not in text


def test_what_was_asked_goes_with_its_part_and_lies_sealed_before(school: Caller, held: Held) -> None:
    send(school, holders(held[0]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked FROM bulk_bulkpart")
        kept = bytes(cursor.fetchone()[0])
    assert held[0].number.encode() not in kept
    assert "葉小明".encode() not in kept
    do_next()
    part = BulkPart.objects.get()
    assert part.is_done
    assert part.asked is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT answered FROM bulk_bulkpart")
        assert b"is_match" not in bytes(cursor.fetchone()[0])


def test_a_reference_that_is_a_formula_opens_as_text(school: Caller) -> None:
    row = (*nobody(1)[:4], "=1+1")
    file = send(school, row)
    run_due(seconds=60)
    assert results(school, file)[0]["reference"] == "'=1+1"


def test_a_purpose_that_is_not_granted_takes_no_file(school: Caller) -> None:
    with pytest.raises(Forbidden, match=r"relying_parties\.purpose_not_registered"):
        send(school, nobody(1), purpose="bank")
    assert not BulkFile.objects.exists()


def test_one_wrong_cell_and_no_row_is_checked(school: Caller) -> None:
    with pytest.raises(Invalid, match=r"bulk\.rows_wrong"):
        send(school, nobody(1), ("居住证", "1", "陈", "", ""))
    assert not run_due(seconds=60)
    assert not Check.objects.exists()


def test_rows_count_against_the_partys_quota(school: Caller) -> None:
    RelyingParty.objects.filter(pk=school.pk).update(quota_a_day=3)
    school.party.refresh_from_db()
    send(school, nobody(1), nobody(2))
    with pytest.raises(TooMany, match=r"relying_parties\.quota_used"):
        send(school, nobody(3), nobody(4))
    send(school, nobody(5))


@pytest.mark.parametrize(
    ("later", "codes"),
    [(AGAIN, [""] * 5), (RETRIED, ["", "", "web.too_many", "web.too_many", ""])],
    ids=["let through later", "refused to the end"],
)
def test_a_number_that_is_tried_too_often_is_tried_again_later_and_the_other_rows_go_on(
    school: Caller, held: Held, settings: Any, later: timedelta, codes: list[str]
) -> None:
    usual = settings.YZT_LIMITS
    settings.YZT_LIMITS = {**usual, "checks_of_one": (2, 3600)}
    with time_machine.travel(timezone.now(), tick=False) as clock:
        file = send(school, *[holders(held[0], f"葉{n}明") for n in range(4)], nobody(1))
        assert not run_due(seconds=60)
        file.refresh_from_db()
        assert (file.state, file.done, Check.objects.count()) == ("running", 3, 3)
        clock.shift(AGAIN - timedelta(seconds=1))
        assert not run_due(seconds=60)
        clock.shift(later - AGAIN + timedelta(seconds=1))
        if later == AGAIN:
            settings.YZT_LIMITS = usual
            Bucket.objects.all().delete()
        assert not run_due(seconds=60)
    file.refresh_from_db()
    assert (file.state, file.done) == ("done", 5)
    found = results(school, file)
    assert [row["code"] for row in found] == codes
    assert [row["line"] for row in found] == ["2", "3", "4", "5", "6"]
    assert Check.objects.count() == codes.count("")
    assert not BulkPart.objects.filter(asked__isnull=False).exists()


def test_a_file_sent_or_put_off_under_a_clock_that_has_stepped_back_does_not_wait_for_that_hour(
    school: Caller, held: Held, settings: Any
) -> None:
    usual = settings.YZT_LIMITS
    with time_machine.travel(timezone.now() + timedelta(hours=6), tick=False) as clock:
        settings.YZT_LIMITS = {**usual, "checks_of_one": (1, 3600)}
        put_off = send(school, holders(held[0]), holders(held[0]))
        assert not run_due(seconds=60)
        settings.YZT_LIMITS = usual
        Bucket.objects.all().delete()
        sent = send(school, nobody(1))
        clock.shift(timedelta(hours=-6))
        assert not run_due(seconds=60)
    for file in (put_off, sent):
        file.refresh_from_db()
        assert (file.state, file.done) == ("done", file.rows)


def test_a_transaction_begins_no_further_row_once_its_time_is_over(
    school: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row about a travel document may take seconds; who waits for the oldest transaction waits for one row."""
    file = send(school, *(nobody(n) for n in range(5)))
    monkeypatch.setattr(running, "PART_SECONDS", 0.0)
    for done in range(1, 4):
        do_next()
        file.refresh_from_db()
        assert (file.done, Check.objects.count(), len(BulkPart.objects.get().asked)) == (done, done, 5 - done)
    cancel_file(caller=school, file_id=file.pk)
    assert [row["line"] for row in results(school, file)] == ["2", "3", "4"]
    assert BulkPart.objects.get().asked is None


def test_no_more_rows_wait_than_can_be_checked_in_time_of_one_party_and_of_all(
    school: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, sandbox = a_school(name="另一所学校"), Caller(school.party, school.key_id, is_test=True)
    monkeypatch.setattr(services, "MOST_ROWS", 3)
    monkeypatch.setattr(services, "MOST_WAITING", 4)
    send(school, nobody(1), nobody(2))
    with pytest.raises(TooMany, match=r"bulk\.too_many_waiting") as refused:
        send(school, nobody(3), nobody(4))
    assert refused.value.facts["retry_after_seconds"] == 150  # one row too many, of four in ten minutes
    send(school, nobody(5))
    with pytest.raises(TooMany, match=r"bulk\.too_many_waiting"):
        send(other, nobody(6), nobody(7))
    send(other, nobody(8))
    assert send(sandbox, nobody(9), nobody(10), nobody(11)).state == "running"
    waiting = waiting_now(is_test=False)
    assert (waiting.rows, waiting.since) == (4, BulkFile.objects.filter(is_test=False).earliest("sent_at").sent_at)
    run_due(seconds=60)
    assert waiting_now(is_test=False) == Waiting(0, None)
    send(other, nobody(6), nobody(7), nobody(12))


def test_what_is_refused_for_lack_of_room_counts_for_nothing(school: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 1)
    with pytest.raises(TooMany, match=r"bulk\.too_many_waiting"):
        send(school, nobody(1), nobody(2))
    assert not BulkFile.objects.exists()
    assert used_of(school.party, environment_of(school), legal_day(timezone.now())) == 0


def test_no_more_than_some_files_are_under_way_at_a_time(school: Caller) -> None:
    for n in range(OPEN_AT_ONCE):
        send(school, nobody(n))
    with pytest.raises(Conflict, match=r"bulk\.too_many_open"):
        send(school, nobody(99))


def test_files_of_the_sandbox_keep_none_of_production_waiting(school: Caller) -> None:
    sandbox = Caller(school.party, school.key_id, is_test=True)
    for n in range(OPEN_AT_ONCE):
        send(sandbox, nobody(n))
    assert send(school, nobody(99)).state == "running"


def test_files_are_worked_through_in_turn_so_that_a_long_one_holds_up_no_other(school: Caller) -> None:
    long = send(school, *(nobody(n) for n in range(3 * ROWS_AT_ONCE)))
    short = send(a_school(name="另一所学校"), nobody(500))
    for _ in range(3):
        do_next()
    long.refresh_from_db()
    short.refresh_from_db()
    assert short.done == 1
    assert long.done < long.rows


def test_a_cancelled_file_goes_no_further_and_forgets_what_it_asked(school: Caller) -> None:
    file = send(school, *(nobody(n) for n in range(2 * ROWS_AT_ONCE)))
    do_next()
    with pytest.raises(Conflict, match=r"bulk\.is_running"):
        results_of(caller=school, file_id=file.pk)
    cancel_file(caller=school, file_id=file.pk)
    assert not run_due(seconds=60)
    assert Check.objects.count() == ROWS_AT_ONCE == len(results(school, file))
    assert not BulkPart.objects.filter(asked__isnull=False).exists()
    with pytest.raises(Conflict, match=r"bulk\.has_ended"):
        cancel_file(caller=school, file_id=file.pk)


def test_another_party_and_the_own_sandbox_see_nothing_of_a_file(school: Caller) -> None:
    file = send(school, nobody(1))
    for other in (a_school(name="另一所学校"), Caller(school.party, school.key_id, is_test=True)):
        assert files_of(other) == []
        for act in (file_of, lambda caller, key: results_of(caller=caller, file_id=key),
                    lambda caller, key: cancel_file(caller=caller, file_id=key)):  # fmt: skip
            with pytest.raises(NotFound):
                act(other, file.pk)
    assert files_of(school) == [file]


@pytest.mark.parametrize("trouble", ["withdrawn", "suspended", "leaked", "too_old"])
def test_a_file_goes_no_further_than_its_party_purpose_and_key(school: Caller, trouble: str) -> None:
    file = send(school, *(nobody(n) for n in range(2 * ROWS_AT_ONCE)))
    do_next()
    if trouble == "withdrawn":
        RelyingParty.objects.update(purposes=["work"])
    elif trouble == "suspended":
        RelyingParty.objects.update(is_active=False, state="suspended")
    elif trouble == "leaked":
        RelyingPartyKey.objects.update(revoked_at=timezone.now(), revoked_because="leaked")
    else:
        BulkFile.objects.update(sent_at=timezone.now() - LONGEST - timedelta(seconds=1))
    assert not run_due(seconds=60)
    file.refresh_from_db()
    codes = {"withdrawn": "relying_parties.purpose_not_registered", "too_old": "bulk.took_too_long"}
    assert (file.state, file.failure) == ("stopped", codes.get(trouble, "bulk.key_ended"))
    assert Check.objects.count() == file.done == ROWS_AT_ONCE
    assert not BulkPart.objects.filter(asked__isnull=False).exists()


def test_a_key_that_another_followed_lets_its_file_go_on(school: Caller) -> None:
    file = send(school, nobody(1))
    RelyingPartyKey.objects.update(revoked_at=timezone.now(), revoked_because="replaced")
    run_due(seconds=60)
    file.refresh_from_db()
    assert file.state == "done"


class Killed(BaseException):
    """A worker dies."""


def test_a_worker_that_dies_within_a_part_leaves_no_trace_of_it_and_another_does_it(
    school: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, right, calls = send(school, *(nobody(n) for n in range(ROWS_AT_ONCE + 5))), match, [0]

    def dies(**named: Any) -> Any:
        calls[0] += 1
        if calls[0] == 7:
            raise Killed
        return right(**named)

    monkeypatch.setattr(running, "match", dies)
    with pytest.raises(Killed):
        run_due(seconds=60)
    assert not Check.objects.exists()
    assert not run_due(seconds=60)
    assert Check.objects.count() == ROWS_AT_ONCE + 5 == len(results(school, file))


def test_a_part_that_fails_again_and_again_stops_its_file_and_holds_up_no_other(
    school: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = send(school, nobody(1))
    other = send(a_school(name="另一所学校"), nobody(2))
    right = match

    def fails(**named: Any) -> Any:
        if named["number"] == number_of_nobody(1):
            raise ZeroDivisionError("葉小明")
        return right(**named)

    monkeypatch.setattr(running, "match", fails)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert not run_due(seconds=60)
        broken.refresh_from_db()
        other.refresh_from_db()
        assert (broken.state, broken.failures, other.state) == ("running", 1, "done")
        for failures in range(1, MOST_FAILURES):
            clock.shift(failures * REST)
            run_due(seconds=60)
    broken.refresh_from_db()
    assert (broken.state, broken.failure, broken.failures) == ("stopped", "bulk.failed", MOST_FAILURES)


def test_a_file_that_failed_is_left_alone_for_a_while_and_then_goes_on(
    school: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, right = send(school, nobody(1)), match
    monkeypatch.setattr(running, "match", mock.Mock(side_effect=ZeroDivisionError))
    run_due(seconds=60)
    monkeypatch.setattr(running, "match", right)
    with time_machine.travel(timezone.now() + REST - timedelta(seconds=5), tick=False) as clock:
        run_due(seconds=60)
        assert not Check.objects.exists()
        clock.shift(timedelta(seconds=10))
        run_due(seconds=60)
    file.refresh_from_db()
    assert (file.state, file.failures, Check.objects.count()) == ("done", 0, 1)


def test_files_are_forgotten_when_their_time_is_over_and_not_before(school: Caller) -> None:
    file = send(school, nobody(1))
    run_due(seconds=60)
    file.refresh_from_db()
    assert file.ended_at is not None
    assert forget_files(before=file.ended_at) == 0
    assert forget_files(before=file.ended_at + timedelta(microseconds=1)) == 1
    assert not BulkFile.objects.exists()
    assert not BulkPart.objects.exists()


def test_a_file_of_nobody_is_not_found(school: Caller) -> None:
    with pytest.raises(NotFound):
        file_of(school, new_id())
