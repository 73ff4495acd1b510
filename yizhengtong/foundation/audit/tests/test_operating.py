"""What operators do: rotate the key, go on after a restore, export a period, look at the status."""

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.management import CommandError, call_command

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.checkpoints import CheckpointFile
from yizhengtong.foundation.audit.expiring import ask_for_expiry, cutoff
from yizhengtong.foundation.audit.exporting import export
from yizhengtong.foundation.audit.models import Entry, Expiry, Link
from yizhengtong.foundation.audit.operating import replace_root, resume, rotate_key, status
from yizhengtong.foundation.audit.sealing import Plan
from yizhengtong.foundation.audit.signing import Stopped
from yizhengtong.foundation.audit.tests.test_tampering import CHECKER, as_rows, checked_outside
from yizhengtong.foundation.audit.tests.trails import (
    as_thief,
    codes,
    conninfo,
    expire,
    plan_in,
    seal,
    sealer_in,
    verified,
    write,
    write_old,
)
from yizhengtong.foundation.audit.trail import record_refusal
from yizhengtong.kernel.errors import Conflict

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plan(tmp_path: Path, settings: Any) -> Plan:
    plan = plan_in(tmp_path)
    settings.YZT_AUDIT_CHECKPOINTS, settings.YZT_AUDIT_KEYS = plan.file.folder, plan.keys.folder
    write(4)
    seal(plan)
    return plan


def test_a_new_key_announced_by_the_old_one_is_accepted(plan: Plan) -> None:
    old = plan.file.trust()[0]["key"]
    new = rotate_key(conninfo(), plan)
    write(1)
    seal(plan)
    assert [json.loads(line)["key"] for line in plan.file.lines()][-2:] == [old, new]
    assert [known["until"] is None for known in plan.file.trust()] == [False, True]
    assert as_rows(verified(plan)) == checked_outside(plan) == []


def test_sealing_stops_where_the_private_key_is_gone(plan: Plan) -> None:
    for path in plan.keys.folder.glob("*.key"):
        path.unlink()
    with pytest.raises(Stopped) as stopped, sealer_in(plan):
        pass
    assert stopped.value.code == "audit.key_missing"


def test_a_lost_key_can_be_replaced_but_every_check_says_so_until_the_auditor_has_seen_it(
    plan: Plan, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    export(conninfo(), plan.file, own)
    for path in plan.keys.folder.glob("*.key"):
        path.unlink()
    new = replace_root(conninfo(), plan, "machine 2 burnt")
    write(1)
    seal(plan)
    assert set(codes(verified(plan))) == {"audit.checkpoint_key_unknown"}
    assert as_rows(verified(plan, own=CheckpointFile(own))) == checked_outside(plan, own) == as_rows(verified(plan))
    trust = json.loads((own / "trust.json").read_text())["keys"]
    seen = [*trust, {**plan.file.trust()[-1], "root": True}]
    (own / "trust.json").write_text(json.dumps({"keys": seen}))
    assert seen[-1]["key"] == new
    report = verified(plan, own=CheckpointFile(own))
    assert (as_rows(report), [note.code for note in report.notes]) == ([], ["audit.root_replaced"])
    assert checked_outside(plan, own) == []
    plan.file.save_trust(seen)  # nobody becomes a root by the deployment's own file
    assert set(codes(verified(plan))) == {"audit.checkpoint_key_unknown"}
    assert {code for code, _, _ in checked_outside(plan)} == {"audit.checkpoint_key_unknown"}


def restore_to(sequence: int) -> None:
    """Make the database what a backup of that moment would give."""
    with as_thief() as database:
        database.execute(
            b"DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE sequence > %s)", [sequence]
        )
        database.execute(b"DELETE FROM audit_link WHERE sequence > %s", [sequence])
        database.execute(b"DELETE FROM audit_checkpoint WHERE sequence > %s", [sequence])


def test_after_a_restore_sealing_waits_for_a_reason_that_is_signed_and_shown(plan: Plan) -> None:
    write(3)
    seal(plan)
    restore_to(4)
    write(2)
    with pytest.raises(Stopped) as stopped, sealer_in(plan):
        pass
    assert stopped.value.code == "audit.database_behind"
    assert "audit.tail_cut" in codes(verified(plan))
    assert resume(conninfo(), plan, "disk of machine 3") == "database"
    seal(plan)
    report = verified(plan)
    assert as_rows(report) == checked_outside(plan) == []
    assert [note.code for note in report.notes] == ["audit.resumed"]
    assert Link.objects.count() == 6


def test_a_checkpoint_file_that_lost_its_end_gets_it_from_the_database(plan: Plan) -> None:
    write(1)
    seal(plan)
    whole = plan.file.path.read_bytes()
    plan.file.path.write_bytes(b"")
    with pytest.raises(Stopped) as stopped, sealer_in(plan):
        pass
    assert stopped.value.code == "audit.checkpoint_file_short"
    assert resume(conninfo(), plan, "lost mount") == "file"
    assert plan.file.path.read_bytes() == whole
    assert resume(conninfo(), plan, "again") == "nothing"
    assert as_rows(verified(plan)) == []


def test_a_period_is_exported_between_checkpoints_and_can_be_checked_alone(plan: Plan, tmp_path: Path) -> None:
    with time_machine.travel(datetime(2030, 5, 1, 4, tzinfo=UTC)):
        write(3)
    seal(plan)
    write(2)
    seal(plan)
    folder = tmp_path / "export"
    manifest = export(conninfo(), plan.file, folder, since=date(2030, 5, 1), until=date(2030, 5, 2))
    assert (manifest["after"], manifest["until"]) == (4, 7)
    assert len((folder / "trail.tsv").read_bytes().splitlines()) == 3
    assert CHECKER.Checker(folder).check() == []
    rows = (folder / "trail.tsv").read_bytes().replace(b"people.read", b"people.look")
    (folder / "trail.tsv").write_bytes(rows)
    assert {code for code, _, _ in CHECKER.Checker(folder).check()} == {"audit.entry_edited"}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "after": 5, "link": "0" * 64}))
    assert "audit.start_not_signed" in {code for code, _, _ in CHECKER.Checker(folder).check()}


def test_an_export_never_writes_over_something(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").write_text("mine")
    with pytest.raises(CommandError, match="not empty"):
        call_command("audit", "export", str(tmp_path / "full"))


def test_the_status_tells_what_is_not_sealed(plan: Plan) -> None:
    write(2)
    now = status(conninfo(), plan)
    assert (now.links, now.unsealed, now.checkpoint_sequence, now.is_running) == (4, 2, 4, False)
    assert now.lag_seconds >= 0
    with sealer_in(plan):
        assert status(conninfo(), plan).is_running


def test_the_command_verifies_with_exit_status_one_where_something_is_wrong(plan: Plan) -> None:
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "The trail is whole." in out.getvalue()
    with as_thief() as database:
        database.execute(b"UPDATE audit_entry SET action = 'x' WHERE action = 'people.read'")
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", stdout=out)
    assert ended.value.code == 1
    assert "audit.entry_edited: Entry " in out.getvalue()


def test_the_checker_ends_with_one_for_findings_and_two_for_what_it_cannot_read(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export(conninfo(), plan.file, tmp_path / "export")
    monkeypatch.setattr("sys.argv", ["audit_checker.py", str(tmp_path / "export")])
    assert CHECKER.main() == 0
    (tmp_path / "export" / "inserted.txt").write_text("1234\n")
    assert CHECKER.main() == 1
    assert "audit.entry_inserted: Entry 1234 has no link" in capsys.readouterr().out
    (tmp_path / "export" / "manifest.json").unlink()
    assert CHECKER.main() == 2


@pytest.mark.row("D11")
def test_contents_of_an_expired_class_are_gone_from_table_and_export_and_their_links_stay(
    plan: Plan, tmp_path: Path
) -> None:
    write_old(3)
    seal(plan)
    expire(plan)
    assert not Entry.objects.filter(retention="log").exists()
    assert Link.objects.filter(retention="log").count() == 3
    report = verified(plan)
    assert (as_rows(report), report.links - report.entries) == ([], 3)
    export(conninfo(), plan.file, tmp_path / "export")
    assert b"web.refused" not in (tmp_path / "export" / "trail.tsv").read_bytes()
    assert CHECKER.Checker(tmp_path / "export").check() == []


def test_one_row_more_than_stated_is_found_even_of_the_same_class(plan: Plan) -> None:
    write_old(2)
    seal(plan)
    expire(plan)
    write_old(1)
    seal(plan)
    with as_thief() as database:
        database.execute(b"DELETE FROM audit_entry WHERE retention = 'log'")
    assert codes(verified(plan)) == ["audit.entry_missing"]


def test_what_is_expired_later_adds_to_what_was_stated_before(plan: Plan) -> None:
    for _ in range(2):
        write_old(2)
        seal(plan)
        expire(plan)
    report = verified(plan)
    assert (as_rows(report), report.links - report.entries) == ([], 4)


def test_the_sealer_signs_no_request_that_is_wrong_or_too_early(plan: Plan, caplog: pytest.LogCaptureFixture) -> None:
    write_old(2)
    seal(plan)
    last = Link.objects.count()
    Expiry.objects.create(retention="archive", up_to=last, entries=2)
    Expiry.objects.create(retention="work", up_to=last, entries=2)
    Expiry.objects.create(retention="log", up_to=last, entries=1)
    Expiry.objects.create(retention="log", up_to=last + 1, entries=2)
    before = len(plan.file.lines())
    seal(plan)
    assert Entry.objects.filter(retention="log").count() == 2
    assert len(plan.file.lines()) == before
    assert caplog.text.count("audit.expiry_refused") == 4
    seal(plan_in(plan.file.folder.parent, keep_months={"log": 60}))
    assert Entry.objects.filter(retention="log").count() == 2


def test_a_setting_below_the_law_asks_for_nothing(plan: Plan) -> None:
    for retention, months, least in (("log", 5, 6), ("work", 35, None)):
        with pytest.raises(Conflict, match=r"audit\.kept_too_short"):
            ask_for_expiry(retention=retention, months=months, least=least, by=SYSTEM)
    with pytest.raises(Conflict, match=r"audit\.class_kept"):
        ask_for_expiry(retention="archive", months=600, least=None, by=SYSTEM)
    assert ask_for_expiry(retention="log", months=6, least=6, by=SYSTEM) is None


@pytest.mark.parametrize(
    ("now", "first_kept"),
    [
        (datetime(2026, 9, 18, 4, tzinfo=UTC), datetime(2026, 3, 16, 16, tzinfo=UTC)),
        (datetime(2026, 8, 31, 4, tzinfo=UTC), datetime(2026, 2, 26, 16, tzinfo=UTC)),
    ],
)
def test_a_month_is_counted_as_the_law_counts_and_its_last_day_is_kept(now: datetime, first_kept: datetime) -> None:
    assert cutoff(now, 6) == first_kept


def test_an_entry_of_the_first_kept_day_keeps_what_comes_after_it(plan: Plan) -> None:
    for day in (10, 17, 12):
        with time_machine.travel(datetime(2026, 3, day, 4, tzinfo=UTC)):
            write_refused()
    seal(plan)
    with time_machine.travel(datetime(2026, 9, 18, 4, tzinfo=UTC)):
        expiry = ask_for_expiry(retention="log", months=6, least=6, by=SYSTEM)
    assert expiry is not None
    assert (expiry.up_to, expiry.entries) == (5, 1)


def write_refused() -> None:
    record_refusal("GET /api/staff/cases", by=SYSTEM, status=404)


def test_the_function_that_deletes_is_for_nobody_it_was_not_given_to(plan: Plan) -> None:
    with psycopg.connect(conninfo(), autocommit=True) as database:
        row = database.execute(
            b"SELECT has_function_privilege('public', 'audit_delete_expired(integer)', 'EXECUTE')"
        ).fetchone()
    assert row == (False,)
