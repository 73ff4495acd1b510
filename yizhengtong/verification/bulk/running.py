"""Working through files, a part at a time, of all files in turn.

A transaction does one part, or as much of it as a second allows: the checks, their traces in the histories of the
holders, the answers and how far the file is come to be together. A worker killed at any point leaves those rows undone,
and another does them; nobody does them twice, for who works on a file holds its row. A row that a limit refuses waits
until the limit lets it.
"""

import logging
import time
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Min, Q
from django.utils import timezone

from yizhengtong.foundation.scope import request_scope
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, Problem, TooMany
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.bulk.bounds import AGAIN, AHEAD, LONGEST, MOST_FAILURES, PART_SECONDS, REST, RETRIED
from yizhengtong.verification.bulk.models import BulkFile, BulkPart, FileState
from yizhengtong.verification.bulk.rows import Row
from yizhengtong.verification.bulk.services import end_file
from yizhengtong.verification.checks.matching import match
from yizhengtong.verification.checks.shapes import CHECK
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyKey

log = logging.getLogger(__name__)

_NONE = UUID(int=0)
_STOPS = frozenset({"leaked", "suspended", "ended"})
"""Why a key was revoked, where what was sent under it must not go on."""


def run_due(*, seconds: float) -> bool:
    """Work for so long at most. Returns whether something may be left."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with request_scope():
            if not do_next():
                return False
    return True


def do_next() -> bool:
    """Do one part of the file that was left alone longest. Returns whether there was a file that nobody else is at."""
    on, seen = legal_day(timezone.now()), _NONE
    try:
        with transaction.atomic():
            file = _next()
            if file is None:
                return False
            seen = file.pk
            _do_part(file, on)
    except Forbidden as refused:
        _stop(seen, refused.code)
    except Exception as error:  # whatever goes wrong with one file holds up no other
        log.error("bulk.part_failed file=%s error=%s", seen, type(error).__name__)
        if seen == _NONE:
            raise
        _note_failure(seen)
    return True


def _next() -> BulkFile | None:
    """Return the next file, locked; those that another worker is at are passed over, and those that rest."""
    now = timezone.now()
    rested = ExpressionWrapper(now - F("failures") * REST, output_field=DateTimeField())
    is_due = Q(worked_at__lte=rested) | Q(worked_at__gt=now + AHEAD)
    running = BulkFile.objects.filter(is_due, state=FileState.RUNNING).order_by("worked_at", "pk")
    return running.select_for_update(skip_locked=True).first()


def _do_part(file: BulkFile, on: date) -> None:
    """Check rows of a file's next part; let a file rest that has none due yet, and end one that has none left."""
    now = timezone.now()
    if file.sent_at < now - LONGEST:
        return end_file(file, FileState.STOPPED, failure="bulk.took_too_long")
    caller, left = _caller_again(file), file.parts.filter(is_done=False)
    part = left.filter(Q(due_at__lte=now) | Q(due_at__gt=now + AHEAD)).order_by("number").first()
    if part is not None:
        file.done += _answer(part, file, caller, on)
        file.failures, file.worked_at = 0, timezone.now()
    else:
        due_at = left.aggregate(due=Min("due_at"))["due"]
        if due_at is None:
            return end_file(file, FileState.DONE)
        file.worked_at = due_at
    return file.save(update_fields=["done", "failures", "worked_at"])


def _answer(part: BulkPart, file: BulkFile, caller: Caller, on: date) -> int:
    """Check rows of a part for `PART_SECONDS`, one at least, and keep their answers. Returns how many were answered.

    Rows that a limit refused, and rows there was no time for, stay to be asked.
    """
    begun, rows = time.monotonic(), [Row.from_json(kept) for kept in part.asked]
    answers, refused = list[Mapping[str, Any]](), list[Row]()
    is_retried = timezone.now() < file.sent_at + RETRIED
    tried = 0
    while tried < len(rows) and (not tried or time.monotonic() - begun < PART_SECONDS):
        row, tried = rows[tried], tried + 1
        try:
            answers.append(_check(row, caller, file.purpose, on))
        except TooMany as problem:
            if is_retried:
                refused.append(row)
            else:
                answers.append(_said(row, code=problem.code))
    left = [*rows[tried:], *refused]
    if refused and tried == len(rows):
        part.due_at = timezone.now() + AGAIN
    part.answered, part.is_done = [*(part.answered or []), *answers], not left
    part.asked = [row.to_json() for row in left] or None
    part.save(update_fields=["asked", "answered", "is_done", "due_at"])
    return len(answers)


def _caller_again(file: BulkFile) -> Caller:
    """Return who sent a file, as they stand now. Raises Forbidden `bulk.key_ended`.

    A key that another has followed is no reason to stop what it began; one that leaked is.
    """
    key = RelyingPartyKey.objects.filter(pk=file.key_id, relying_party=file.party_id).first()
    if key is None or not file.party.is_active or key.revoked_because in _STOPS:
        raise Forbidden("bulk.key_ended")
    return Caller(file.party, key.pk, file.is_test)


def _check(row: Row, caller: Caller, purpose: str, on: date) -> Mapping[str, Any]:
    """Return a row's answer as it is kept; a refusal of this row alone is one.

    Raises Forbidden, which holds for all rows, and TooMany, which passes.
    """
    try:
        with transaction.atomic():
            answer = match(
                caller=caller, purpose=purpose, kind=DocumentKind(row.kind), number=row.number, name=row.name,
                birth_date=row.birth_date, way="bulk", on=on,
            )  # fmt: skip
    except (Forbidden, TooMany):
        raise
    except Problem as problem:
        return _said(row, code=problem.code)
    return _said(
        row, code="", is_match=answer.is_match, fields=dict(answer.fields), state=answer.state,
        as_of=answer.as_of.isoformat(), is_final=answer.is_final, check_id=public_id(CHECK, answer.check_id),
    )  # fmt: skip


def _said(row: Row, **said: Any) -> Mapping[str, Any]:
    return {"line": row.line, "reference": row.reference, **said}


def _stop(file_id: UUID, code: str) -> None:
    with transaction.atomic():
        file = BulkFile.objects.select_for_update().filter(pk=file_id, state=FileState.RUNNING).first()
        if file is not None:
            end_file(file, FileState.STOPPED, failure=code)


def _note_failure(file_id: UUID) -> None:
    """Count a failure, and leave the file alone for a while; after some in a row it is stopped."""
    BulkFile.objects.filter(pk=file_id).update(failures=F("failures") + 1, worked_at=timezone.now())
    if BulkFile.objects.filter(pk=file_id, failures__gte=MOST_FAILURES).exists():
        _stop(file_id, "bulk.failed")
