"""What a relying party sees of its own files."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import connection

from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.verification.bulk.bounds import MOST_LISTED
from yizhengtong.verification.bulk.models import BulkFile, FileState
from yizhengtong.verification.relying_parties.callers import Caller

COLUMNS = (
    "line", "reference", "is_match", "number", "name", "birth_date", "state", "as_of", "is_final", "code", "check_id",
)  # fmt: skip
"""Of the results: nothing of what was sent but the sender's own reference comes back."""
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of all relying parties that are not answered yet; when the oldest file with such a row was sent."""

    rows: int
    since: datetime | None


def waiting_now(*, is_test: bool) -> Waiting:
    """Return what waits, of production or of the sandbox; whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM bulk_waiting(%s)", [is_test])
        return Waiting(*cursor.fetchone())


def files_of(caller: Caller) -> list[BulkFile]:
    """Return a relying party's files, the newest first."""
    return list(BulkFile.objects.filter(party=caller.party, is_test=caller.is_test).order_by("-sent_at")[:MOST_LISTED])


def file_of(caller: Caller, file_id: UUID) -> BulkFile:
    """Return a file of a relying party's own. Raises NotFound."""
    file = BulkFile.objects.filter(pk=file_id, party=caller.party, is_test=caller.is_test).first()
    if file is None:
        raise NotFound("not_found")
    return file


@use_case
def results_of(*, caller: Caller, file_id: UUID) -> str:
    """Return the answers of a file that has ended, as CSV. Raises NotFound, Conflict `bulk.is_running`."""
    file = file_of(caller, file_id)
    if file.state == FileState.RUNNING:
        raise Conflict("bulk.is_running")
    record_act("bulk.fetch", by=caller.by, on=("bulk_file", file.pk), person_id=None,
               purpose=file.purpose)  # fmt: skip
    parts = file.parts.filter(answered__isnull=False).order_by("number")
    return _written(answer for part in parts for answer in sorted(part.answered, key=_LINE))


_LINE = itemgetter("line")


def _written(answers: Iterator[Mapping[str, Any]]) -> str:
    text = StringIO(_BOM)
    text.seek(0, 2)
    write = csv.writer(text)
    write.writerow(COLUMNS)
    for answer in answers:
        fields = answer.get("fields", {})
        found = {**answer, **{name: fields.get(name) for name in ("number", "name", "birth_date")}}
        write.writerow([_cell(found.get(name)) for name in COLUMNS])
    return text.getvalue()


def _cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if text.lstrip()[:1] in {"=", "+", "-", "@"} or text[:1] in {"\t", "\r", "\n"} else text
