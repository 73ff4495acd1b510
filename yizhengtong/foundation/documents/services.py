"""Keeping, opening and discarding documents.

A file is written, and flushed to the disk, before its row; it is removed only after the removal of its row is
committed. So a row never lacks its file. What a crash or a rolled-back transaction leaves is a file without a row,
which nobody can reach and `sweep_orphans` removes.
"""

import hashlib
import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yizhengtong.foundation.audit.trail import Actor, record_act, record_read
from yizhengtong.foundation.documents import scanning, storage
from yizhengtong.foundation.documents.checking import CheckedFile, ContentKind, check_envelope, check_file
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.scanning import SCANNED_AT_ONCE, Scanner, ScanResult, Verdict
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.transactions import together
from yizhengtong.foundation.vault.errors import UnknownEnvelope
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound

log = logging.getLogger(__name__)


def store_document(
    *, content: bytes, declared_type: str, kind: str, person_id: UUID, by: Actor, purpose: str
) -> Document:
    """Check, scan, re-encode and keep an upload. When the scanner is away the document waits, closed, to be scanned.

    Raises Invalid with the codes of checking.py, `documents.infected` or `documents.unscannable`.
    """
    kind = ContentKind(kind)
    check_envelope(content, declared_type, kind)
    scanner = scanning.scanner()
    result = scanner.scan(content)  # as it came, before a decoder opens it
    _refuse_unless_harmless(result, by)
    checked = check_file(content, declared_type, kind)
    with together():
        document = _describe(checked, kind, person_id, by)
        _note_scan(document, result, scanner.name)
        _write(document, checked.content)
        record_act("documents.store", by=by, on=("document", document.pk), person_id=person_id, purpose=purpose,
                   fields=[kind])  # fmt: skip
    return document


def open_document(*, document_id: UUID, by: Actor, purpose: str) -> tuple[Document, bytes]:
    """Return a document and its content, and record the reading. Who may is the caller's question.

    Whoever goes on without it may: a refusal undoes nothing of theirs. Raises NotFound, and Conflict
    `documents.waiting`, `.infected`, `.unscannable` or `.damaged`.
    """
    document = _found(_KEPT.first(document_id))
    if document.scan != Document.Scan.CLEAN:
        raise Conflict(f"documents.{document.scan}")
    content = _read(document)
    record_read("documents.open", by=by, on=("document", document.pk), person_id=document.person_id,
                purpose=purpose, fields=[document.kind])  # fmt: skip
    return document, content


def discard_document(*, document_id: UUID, by: Actor, purpose: str) -> None:
    """Remove a document; its file goes once the removal is committed. Raises NotFound."""
    with together():
        document = _found(Document.objects.select_for_update().filter(pk=document_id).first())
        person_id, name = document.person_id, document.stored_name
        document.delete()
        record_act("documents.discard", by=by, on=("document", document_id), person_id=person_id, purpose=purpose)
        transaction.on_commit(lambda: storage.remove_content(name), robust=True)


def scan_waiting(*, limit: int = SCANNED_AT_ONCE) -> int:
    """Scan documents that were kept while the scanner was away, oldest first. Returns how many got a verdict."""
    scanner, judged = scanning.scanner(), 0
    with together():
        waiting = Document.objects.select_for_update(skip_locked=True).filter(scan=Document.Scan.WAITING)
        for document in waiting.order_by("created_at")[:limit]:
            _note_scan(document, _scanned(document, scanner), scanner.name)
            document.save(update_fields=["scan", "scanned_at", "scanner"])
            judged += document.scan != Document.Scan.WAITING
    return judged


def sweep_orphans(*, before: datetime) -> int:
    """Remove files written before an instant (UTC) that no row names. Returns how many.

    `before` must lie further back than the longest transaction, such as a day.
    """
    removed = 0
    for name in storage.names_written_before(before):
        if not Document.objects.filter(stored_name=name).exists():
            storage.remove_content(name)
            removed += 1
    return removed


def _refuse_unless_harmless(result: ScanResult, by: Actor) -> None:
    if result.verdict == Verdict.INFECTED:
        log.warning("documents.infected_refused account=%s signature=%s", by.id, result.signature)
        raise Invalid("documents.infected")
    if result.verdict == Verdict.UNSCANNABLE and result.reason != scanning.UNAVAILABLE:
        raise Invalid("documents.unscannable")


def _scanned(document: Document, scanner: Scanner) -> ScanResult:
    try:
        return scanner.scan(_read(document))
    except Conflict:  # a damaged file must not hold up those behind it
        return ScanResult(Verdict.UNSCANNABLE, reason=scanning.FAILED)


def _describe(checked: CheckedFile, kind: str, person_id: UUID, by: Actor) -> Document:
    return Document(
        kind=kind, person_id=person_id, uploaded_by=by.id, media_type=checked.media_type,
        size_bytes=len(checked.content), width=checked.width, height=checked.height, pages=checked.pages,
        sha256=hashlib.sha256(checked.content).hexdigest(),
    )  # fmt: skip


def _note_scan(document: Document, result: ScanResult, scanner_name: str) -> None:
    if result.reason == scanning.UNAVAILABLE:  # fails closed: waiting documents do not open
        log.warning("documents.scan_postponed document=%s", document.pk)
        return
    document.scan, document.scanner, document.scanned_at = result.verdict.value, scanner_name, timezone.now()


def _write(document: Document, content: bytes) -> None:
    document.stored_name = storage.write_content(content)
    try:
        document.save(force_insert=True)
    except BaseException:
        storage.remove_content(document.stored_name)
        raise


def _read(document: Document) -> bytes:
    try:
        content = storage.read_content(document.stored_name)
    except (FileNotFoundError, UnknownEnvelope):  # lost, or not what was sealed under this name
        content = b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        log.error("documents.content_damaged document=%s", document.pk)
        raise Conflict("documents.damaged")
    return content


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound("documents.not_found")
    return document


_KEPT = Prepared(lambda document_id: Document.objects.filter(pk=document_id))
