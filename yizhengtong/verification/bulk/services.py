"""Taking files, cancelling them."""

from collections.abc import Sequence
from datetime import date
from math import ceil
from uuid import UUID

from django.db.models import Count, F, Sum
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import Actor, record_act
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound, TooMany
from yizhengtong.verification.bulk.bounds import MOST_ROWS, MOST_WAITING, OPEN_AT_ONCE, PROMISED, ROWS_AT_ONCE
from yizhengtong.verification.bulk.models import BulkFile, BulkPart, FileState
from yizhengtong.verification.bulk.queries import waiting_now
from yizhengtong.verification.bulk.rows import Row, rows_of
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.counts import spend

RUN = "bulk.run"
"""The task that works through files."""


@use_case
def take_file(*, caller: Caller, purpose: str, content: bytes, on: date) -> BulkFile:
    """Keep a file's rows, sealed, to be checked from now on; nothing is kept of one with a wrong row.

    Raises Forbidden `relying_parties.purpose_not_registered`, Conflict `bulk.too_many_open`, TooMany
    `bulk.too_many_waiting`, `relying_parties.quota_used`, and all that `rows_of` raises.
    """
    rows = rows_of(content, compared=caller.require(purpose).match, on=on)
    _ensure_room(caller, len(rows))
    spend(caller, len(rows))
    file = BulkFile.objects.create(
        party=caller.party, key_id=caller.key_id, is_test=caller.is_test, purpose=purpose, rows=len(rows)
    )
    BulkPart.objects.bulk_create(_parts(file, rows))
    record_act("bulk.take", by=caller.by, on=("bulk_file", file.pk), person_id=None, purpose=purpose)
    wake(RUN)
    return file


def _ensure_room(caller: Caller, rows: int) -> None:
    """Refuse what could not be worked through in time. Files of the sandbox keep none of production waiting."""
    own = BulkFile.objects.filter(party=caller.party, is_test=caller.is_test, state=FileState.RUNNING)
    found = own.aggregate(files=Count("pk"), waiting=Sum(F("rows") - F("done")))
    if found["files"] >= OPEN_AT_ONCE:
        raise Conflict("bulk.too_many_open", most=OPEN_AT_ONCE)
    in_all = waiting_now(is_test=caller.is_test).rows
    too_many = rows + max((found["waiting"] or 0) - MOST_ROWS, in_all - MOST_WAITING)
    if too_many > 0:
        wait = PROMISED.total_seconds() * too_many / MOST_WAITING
        raise TooMany("bulk.too_many_waiting", retry_after_seconds=ceil(wait))


def _parts(file: BulkFile, rows: Sequence[Row]) -> list[BulkPart]:
    return [
        BulkPart(file=file, number=number, asked=[row.to_json() for row in rows[start : start + ROWS_AT_ONCE]])
        for number, start in enumerate(range(0, len(rows), ROWS_AT_ONCE))
    ]


@use_case
def cancel_file(*, caller: Caller, file_id: UUID) -> BulkFile:
    """Check no further row of a file. What was answered stays to be fetched; what was asked goes at once.

    Raises NotFound, Conflict `bulk.has_ended`.
    """
    file = BulkFile.objects.select_for_update().filter(pk=file_id, party=caller.party, is_test=caller.is_test).first()
    if file is None:
        raise NotFound("not_found")
    if file.state != FileState.RUNNING:
        raise Conflict("bulk.has_ended")
    end_file(file, FileState.CANCELLED, by=caller.by)
    return file


def end_file(file: BulkFile, state: FileState, *, failure: str = "", by: Actor = SYSTEM) -> None:
    """End a file that is locked, and drop what was asked and not answered."""
    file.state, file.failure, file.ended_at = state, failure, timezone.now()
    file.save(update_fields=["state", "failure", "ended_at"])
    file.parts.filter(is_done=False).update(asked=None)
    record_act(f"bulk.{_ENDINGS[state]}", by=by, on=("bulk_file", file.pk), person_id=None, purpose=file.purpose)


_ENDINGS = {FileState.DONE: "finish", FileState.CANCELLED: "cancel", FileState.STOPPED: "stop"}
