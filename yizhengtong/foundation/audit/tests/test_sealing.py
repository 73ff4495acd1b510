"""The sealer: everything complete gets its link, once, in one chain, whatever happens to the sealer."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, transaction

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.expiring import ask_for_expiry
from yizhengtong.foundation.audit.models import Checkpoint, Entry, Link
from yizhengtong.foundation.audit.running import run
from yizhengtong.foundation.audit.sealing import Sealer
from yizhengtong.foundation.audit.tests.trails import (
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

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = (
    "batch read",
    "batch written",
    "batch committed",
    "checkpoint signed",
    "checkpoint appended",
    "checkpoint stored",
    "key made",
    "key announced",
    "expired deleted",
)


def is_whole(plan: object, entries: int) -> bool:
    report = verified(plan)  # type: ignore[arg-type]
    return (codes(report), report.notes, report.entries) == ([], [], entries)


def test_every_entry_gets_one_link_and_the_whole_verifies(tmp_path: Path) -> None:
    write(7)
    plan = plan_in(tmp_path)
    seal(plan)
    assert [link.sequence for link in Link.objects.order_by("sequence")] == list(range(1, 8))
    assert set(Link.objects.values_list("entry_id", flat=True)) == set(Entry.objects.values_list("id", flat=True))
    report = verified(plan)
    assert (codes(report), report.notes, report.links, report.entries) == ([], [], 7, 7)
    assert Checkpoint.objects.count() == len(plan.file.lines()) >= 1


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_many_processes_find_what_one_finds(tmp_path: Path, processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhengtong.foundation.audit.verifying._FEW", 0)
    write(11)
    plan = plan_in(tmp_path)
    seal(plan)
    report = verified(plan, processes=processes)
    assert (codes(report), report.links) == ([], 11)


@pytest.mark.parametrize("hash_name", ["sha256", "sm3"])
def test_a_chain_keeps_the_hash_it_began_with(tmp_path: Path, hash_name: str) -> None:
    write(2)
    seal(plan_in(tmp_path, hash_name=hash_name))
    write(2)
    other = "sm3" if hash_name == "sha256" else "sha256"
    plan = plan_in(tmp_path, hash_name=other)
    seal(plan)
    assert is_whole(plan, 4)
    assert f'"hash":"{hash_name}"' in plan.file.lines()[-1].decode()


def test_an_entry_of_a_running_transaction_is_not_overtaken(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    with psycopg.connect(conninfo()) as slow:
        slow.execute(
            b"INSERT INTO audit_entry (id, at, kind, action, actor_kind, object_kind, purpose, fields, request_id)"
            b" VALUES (gen_random_uuid(), now(), 'act', 'a.slow', 'system', 'case', 'p', '[]', '')"
        )
        write(3)
        with sealer_in(plan) as sealer:
            sealer.turn()
        assert Link.objects.count() == 0
        slow.commit()
    seal(plan)
    assert Link.objects.count() == 4
    first = Link.objects.order_by("sequence")[0]
    assert Entry.objects.get(pk=first.entry_id).action == "a.slow"


def test_entries_of_another_cluster_are_sealed_whatever_their_transaction_numbers(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(3)
    seal(plan)
    with psycopg.connect(conninfo(), autocommit=True) as restored:  # as after a logical dump and restore
        restored.execute(b"UPDATE audit_position SET cluster = 'another', transaction_id = '99999999999'")
        restored.execute(
            b"INSERT INTO audit_entry (id, at, kind, action, actor_kind, object_kind, purpose, fields, request_id,"
            b" transaction_id) VALUES (gen_random_uuid(), now(), 'act', 'a.b', 'system', 'case', 'p', '[]', '',"
            b" '88888888888')"
        )
    write(2)
    seal(plan)
    assert is_whole(plan, 6)
    write(1)
    seal(plan)
    assert is_whole(plan, 7)


def test_a_second_sealer_waits_and_two_that_write_at_once_never_fork_the_chain(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    with sealer_in(plan), psycopg.connect(conninfo(), autocommit=True) as other:
        assert not Sealer(other, plan).take_lock()
    write(200)
    barrier, failures = threading.Barrier(2), []

    def seal_without_lock() -> None:
        with psycopg.connect(conninfo(), autocommit=True) as own:
            sealer = Sealer(own, plan)
            barrier.wait(30)
            try:
                for _ in range(50):
                    sealer.seal_batch()
            except psycopg.Error as error:
                failures.append(error)

    threads = [threading.Thread(target=seal_without_lock) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    seal(plan)
    assert is_whole(plan, 200)


@pytest.mark.parametrize("step", STEPS)
def test_a_sealer_killed_between_two_steps_leaves_what_the_next_continues_from(tmp_path: Path, step: str) -> None:
    write_old(2)
    write(3)
    seal(plan_in(tmp_path))
    write(2)
    kept = plan_in(tmp_path)
    if step == "expired deleted":
        assert ask_for_expiry(retention="log", months=6, least=6, by=SYSTEM)
    if step.startswith("key"):
        kept.keys.request.touch()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, conninfo(), str(tmp_path), step],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    seal(kept)
    report = verified(kept)
    assert (codes(report), report.notes) == ([], [])
    assert Link.objects.count() >= 7
    assert Entry.objects.filter(retention="log").count() == (0 if step == "expired deleted" else 2)


KILLED = """
import os, signal, sys, time
from dataclasses import replace
from pathlib import Path
import psycopg
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys
from yizhengtong.foundation.audit.sealing import Plan, Sealer
conninfo, folder, wanted = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
def die(step):
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
plan = Plan(CheckpointFile(folder / "checkpoints"), SigningKeys(folder / "keys"), keep_months={"log": 6},
            checkpoint_seconds=0, at_step=die)
with psycopg.connect(conninfo, autocommit=True) as connection:
    sealer = Sealer(connection, plan)
    while not sealer.take_lock():
        time.sleep(0.01)
    sealer.prepare()
    for _ in range(3000):
        sealer.turn()
        time.sleep(0.01)
"""


def test_a_half_written_line_is_cut_off_and_nothing_is_lost(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(3)
    seal(plan)
    with plan.file.path.open("ab") as file:
        file.write(b'{"at":"2026')
    write(1)
    seal(plan)
    assert is_whole(plan, 4)


def test_the_process_signs_at_once_when_it_is_stopped_and_seals_within_a_second(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, checkpoint_seconds=3600)
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(conninfo, plan, stop))
    thread.start()
    write(1)
    until = time.monotonic() + 600
    while Link.objects.count() < 1:
        assert time.monotonic() < until
        time.sleep(0.02)
    write(1)
    while Link.objects.count() < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert len(plan.file.lines()) == 1
    stop.set()
    thread.join()
    assert len(plan.file.lines()) == 2
    assert is_whole(plan, 2)


def test_a_checkpoint_that_cannot_be_written_stops_the_signing_and_not_the_sealing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yizhengtong.foundation.audit.running._STOPPED_SECONDS", 0.05)
    is_full = threading.Event()
    is_full.set()

    def refuse(step: str) -> None:
        if step == "checkpoint signed" and is_full.is_set():
            raise OSError(28, "no space left")

    plan, stop = plan_in(tmp_path, at_step=refuse), threading.Event()
    thread = threading.Thread(target=run, args=(conninfo, plan, stop))
    thread.start()
    for count in (2, 4):
        write(2)
        until = time.monotonic() + 600
        while Link.objects.count() < count:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert plan.file.lines() == []
    is_full.clear()
    stop.set()
    thread.join(90)
    seal(plan)
    assert is_whole(plan, 4)


def test_only_what_a_checkpoint_states_as_expired_can_be_deleted(tmp_path: Path) -> None:
    write_old(3)
    write(4)
    plan = plan_in(tmp_path)
    seal(plan)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Entry.objects.filter(retention="log").delete()
    expire(plan)
    assert not Entry.objects.filter(retention="log").exists()
    assert Entry.objects.filter(action="audit.expire").count() == 1
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Entry.objects.all().delete()
    assert is_whole(plan, 5)
