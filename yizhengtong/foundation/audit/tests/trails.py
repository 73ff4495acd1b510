"""A trail to seal and to tamper with: entries in the test's database, a sealer with a folder of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import time_machine
from django.db import connection
from psycopg import Connection

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.checkpoints import CheckpointFile, SigningKeys
from yizhengtong.foundation.audit.expiring import ask_for_expiry
from yizhengtong.foundation.audit.findings import Report
from yizhengtong.foundation.audit.models import Entry, Link
from yizhengtong.foundation.audit.reading import Row
from yizhengtong.foundation.audit.sealing import Plan, Sealer
from yizhengtong.foundation.audit.trail import record_act, record_read, record_refusal
from yizhengtong.foundation.audit.verifying import verify

PERSON = UUID(int=2)
RESIDENT = Principal(PrincipalKind.RESIDENT, UUID(int=5))
_SECONDS = 600  # the sealer waits for the oldest transaction of the server, another test's too


def conninfo() -> str:
    """Return how to reach the test's database."""
    known = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"],
        port=str(known["PORT"] or "5432"),
    )  # fmt: skip


def plan_in(folder: Path, **changes: Any) -> Plan:
    """Return a plan with its files in a folder, that signs at once."""
    plan = Plan(
        CheckpointFile(folder / "checkpoints"),
        SigningKeys(folder / "keys"),
        checkpoint_seconds=0,
        keep_months={"log": 6},
    )
    return replace(plan, **changes)


@contextmanager
def sealer_in(plan: Plan) -> Iterator[Sealer]:
    """Return a sealer that has the lock and is prepared."""
    with psycopg.connect(conninfo(), autocommit=True) as own:
        sealer = Sealer(own, plan)
        until = time.monotonic() + _SECONDS
        while not sealer.take_lock():  # the connection that had it before may still be closing
            assert time.monotonic() < until, "somebody else seals"
            time.sleep(0.01)
        sealer.prepare()
        yield sealer


def write(count: int, *, by: Principal = SYSTEM) -> None:
    """Write entries of two classes in turn, each in its own transaction; some hold what must be escaped."""
    for number in range(count):
        if number % 2:
            record_read("people.read", by=by, on=("person", PERSON), person_id=PERSON, purpose="own\tdata \\ 数据")
        else:
            record_act("casework.accept", by=by, on=("case", UUID(int=1)), person_id=PERSON, fields=["ä", 'a"b'])


def seal(plan: Plan) -> None:
    """Seal everything there is, and sign; transactions of other databases of the server hold it up for a moment."""
    with sealer_in(plan) as sealer:
        seal_with(sealer)
        sealer.finish()


def seal_with(sealer: Sealer) -> None:
    until = time.monotonic() + _SECONDS
    while Link.objects.count() < Entry.objects.count() or Entry.objects.exclude(pk__in=Link.objects.values("entry_id")):
        assert time.monotonic() < until, "it was not sealed"
        sealer.turn()


def verified(plan: Plan, **named: Any) -> Report:
    return verify(conninfo(), plan.file, **named)


def codes(report: Report) -> list[str]:
    return [found.code for found in report.findings]


@contextmanager
def as_thief() -> Iterator["Connection[Row]"]:
    """Return a connection of one who owns the tables and has put the triggers out of action."""
    with psycopg.connect(conninfo(), autocommit=True) as own:
        for table in ("entry", "link", "checkpoint", "expiry", "statement"):
            own.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER".encode())
        yield own
        for table in ("entry", "link", "checkpoint", "expiry", "statement"):
            own.execute(f"ALTER TABLE audit_{table} ENABLE TRIGGER USER".encode())


def write_old(count: int) -> None:
    """Write refused requests of two years ago: contents that are due."""
    with time_machine.travel(datetime(2024, 5, 6, 3, tzinfo=UTC)):
        for _ in range(count):
            record_refusal("GET /api/staff/cases", by=RESIDENT, status=403)


def expire(plan: Plan) -> None:
    """Have everything due of the class log asked for, stated, and deleted."""
    assert ask_for_expiry(retention="log", months=6, least=6, by=SYSTEM)
    seal(plan)
