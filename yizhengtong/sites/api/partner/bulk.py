"""Files of rows: sent, followed, fetched, cancelled (docs/bulk.md)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status, UploadedFile
from ninja.params.functions import File, Form
from pydantic import BaseModel, Field

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.api.framework import policy, today
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.verification.bulk.bounds import KEPT, LARGEST_BYTES
from yizhengtong.verification.bulk.models import BulkFile
from yizhengtong.verification.bulk.queries import file_of, files_of, results_of
from yizhengtong.verification.bulk.services import cancel_file, take_file

router = Router()
_PREFIX = "blk"
_OWN = policy("own files")


class FileOut(BaseModel):
    """A file and how far it is. A file that was stopped or cancelled has results for the rows that are done."""

    id: str
    purpose: str
    is_test: bool
    state: str = Field(description="running, done, cancelled or stopped.")
    failure: str = Field(description="A code: why it was stopped.")
    rows: int
    done: int
    sent_at: datetime
    ended_at: datetime | None
    kept_until: datetime | None = Field(description="When it is deleted with its results.")


@router.post(
    "/bulk",
    response={201: FileOut},
    openapi_extra=policy("purpose registered", limits=["bulk_files", "upload_bytes"]),
)
def send(request: HttpRequest, purpose: str = Form(max_length=24), file: UploadedFile = File()) -> Status[FileOut]:
    """Send a file, CSV or XLSX; its headings and bounds stand in docs/bulk.md. One wrong cell, and none is taken."""
    if (file.size or 0) > LARGEST_BYTES:
        raise Invalid("bulk.file_too_large", most_bytes=LARGEST_BYTES)
    return Status(201, _out(take_file(caller=caller_here(request), purpose=purpose, content=file.read(), on=today())))


@router.get("/bulk", response=list[FileOut], openapi_extra=_OWN)
def list_files(request: HttpRequest) -> list[FileOut]:
    """What was sent and is not deleted yet, the newest first."""
    return [_out(file) for file in files_of(caller_here(request))]


@router.get("/bulk/{file_id}", response=FileOut, openapi_extra=_OWN)
def progress(request: HttpRequest, file_id: str) -> FileOut:
    """How far a file is."""
    return _out(file_of(caller_here(request), parse_public_id(_PREFIX, file_id)))


@router.get("/bulk/{file_id}/results", openapi_extra=policy("own files", limits=["bulk_results"]))
def results(request: HttpRequest, file_id: str) -> HttpResponse:
    """The answers of a file that has ended, as CSV: line, your reference, match or none by field, state, as of."""
    text = results_of(caller=caller_here(request), file_id=parse_public_id(_PREFIX, file_id))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_id}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@router.post("/bulk/{file_id}/cancel", response=FileOut, openapi_extra=_OWN)
def cancel(request: HttpRequest, file_id: str) -> FileOut:
    """Check no further row of a file."""
    return _out(cancel_file(caller=caller_here(request), file_id=parse_public_id(_PREFIX, file_id)))


def _out(file: BulkFile) -> FileOut:
    return FileOut(
        id=public_id(_PREFIX, file.pk), purpose=file.purpose, is_test=file.is_test, state=file.state,
        failure=file.failure, rows=file.rows, done=file.done, sent_at=file.sent_at, ended_at=file.ended_at,
        kept_until=file.ended_at + KEPT if file.ended_at else None,
    )  # fmt: skip
