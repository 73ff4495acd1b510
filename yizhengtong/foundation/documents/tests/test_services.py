"""Keeping, opening, discarding; what happens when something fails in between."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.documents import scanning, storage
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.scanning import ScanResult, SignatureScanner, Verdict
from yizhengtong.foundation.documents.services import (
    discard_document,
    open_document,
    scan_waiting,
    store_document,
    sweep_orphans,
)
from yizhengtong.foundation.documents.tests import files
from yizhengtong.foundation.transactions import whole_request
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Clerk:
    id: UUID | None
    office_id: UUID | None
    kind: str = "staff"


OFFICER_LI, WANG_XIAOMING = Clerk(UUID(int=1), UUID(int=2)), UUID(int=3)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.YZT_FILES = tmp_path / "files"
    settings.YZT_CLAMD = None
    return tmp_path / "files"


@dataclass
class OneVerdict:
    """A scanner that always says the same."""

    result: ScanResult
    name: str = "one"

    def scan(self, content: bytes) -> ScanResult:  # noqa: ARG002
        return self.result


AWAY = OneVerdict(ScanResult(Verdict.UNSCANNABLE, reason=scanning.UNAVAILABLE))


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def store(content: bytes = b"", declared: str = "image/jpeg", kind: str = "photo") -> Document:
    return store_document(content=content or files.jpeg(), declared_type=declared, kind=kind,
                          person_id=WANG_XIAOMING, by=OFFICER_LI, purpose="application")  # fmt: skip


@pytest.mark.row("S2-18")
def test_a_photo_is_kept_under_a_random_name_readable_by_the_platform_alone(folder: Path) -> None:
    document = store()
    (path,) = kept_files(folder)
    assert path == folder / document.stored_name
    assert str(WANG_XIAOMING) not in document.stored_name
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (document.width, document.height, document.media_type) == (600, 800, "image/jpeg")
    content = storage.read_content(document.stored_name)
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert (document.scan, document.scanner, document.size_bytes) == ("clean", "fake", len(content))


@pytest.mark.row("S2-18")
def test_fingerprints_are_kept() -> None:
    assert store(files.png(mode="L"), "image/png", "fingerprint").media_type == "image/png"


def test_keeping_opening_and_discarding_are_in_the_trail() -> None:
    document = store()
    open_document(document_id=document.pk, by=OFFICER_LI, purpose="review")
    discard_document(document_id=document.pk, by=OFFICER_LI, purpose="withdrawn")
    entries = Entry.objects.filter(object_id=document.pk).order_by("at")
    assert [(entry.kind, entry.action, entry.purpose, entry.person_id) for entry in entries] == [
        ("act", "documents.store", "application", WANG_XIAOMING),
        ("read", "documents.open", "review", WANG_XIAOMING),
        ("act", "documents.discard", "withdrawn", WANG_XIAOMING),
    ]


def test_what_was_kept_is_opened() -> None:
    document, content = open_document(document_id=store().pk, by=OFFICER_LI, purpose="review")
    assert hashlib.sha256(content).hexdigest() == document.sha256


def test_a_refused_file_leaves_neither_row_nor_file(folder: Path) -> None:
    for content in (files.jpeg()[:-500], files.jpeg() + SignatureScanner.pattern):
        with pytest.raises(Invalid):
            store(content)
    assert not kept_files(folder)
    assert not Document.objects.exists()


def test_an_infected_upload_is_refused_although_the_copy_would_be_clean() -> None:
    with pytest.raises(Invalid, match=r"^documents\.infected$"):
        store(files.jpeg() + SignatureScanner.pattern)


def test_an_unscannable_upload_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    too_large = OneVerdict(ScanResult(Verdict.UNSCANNABLE, reason=scanning.TOO_LARGE))
    monkeypatch.setattr(scanning, "scanner", lambda: too_large)
    with pytest.raises(Invalid, match=r"^documents\.unscannable$"):
        store()


def test_while_the_scanner_is_away_a_document_waits_closed_and_opens_after_its_scan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as away:
        away.setattr(scanning, "scanner", lambda: AWAY)
        document = store()
        assert (document.scan, document.scanned_at) == ("waiting", None)
        with pytest.raises(Conflict, match=r"^documents\.waiting$"):
            open_document(document_id=document.pk, by=OFFICER_LI, purpose="review")
        assert scan_waiting() == 0
    assert (scan_waiting(), scan_waiting()) == (1, 0)
    assert open_document(document_id=document.pk, by=OFFICER_LI, purpose="review")[0].scan == "clean"


@pytest.mark.parametrize("verdict", [Verdict.INFECTED, Verdict.UNSCANNABLE])
def test_a_waiting_document_that_turns_out_bad_never_opens(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    monkeypatch.setattr(scanning, "scanner", lambda: AWAY)
    document = store()
    monkeypatch.setattr(scanning, "scanner", lambda: OneVerdict(ScanResult(verdict, reason=scanning.FAILED)))
    assert scan_waiting() == 1
    with pytest.raises(Conflict, match=rf"^documents\.{verdict}$"):
        open_document(document_id=document.pk, by=OFFICER_LI, purpose="review")


def test_one_damaged_waiting_file_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as away:
        away.setattr(scanning, "scanner", lambda: AWAY)
        damaged, whole = store(), store()
    storage.remove_content(damaged.stored_name)
    assert scan_waiting() == 2
    damaged.refresh_from_db()
    whole.refresh_from_db()
    assert (damaged.scan, whole.scan) == ("unscannable", "clean")


def test_a_failing_row_removes_its_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Document, "save", fail)
    with pytest.raises(RuntimeError):
        store()
    assert not kept_files(folder)


def test_a_rolled_back_transaction_leaves_at_most_an_orphan_which_is_swept_and_nothing_else_is(folder: Path) -> None:
    kept = store()
    with transaction.atomic():
        store()
        transaction.set_rollback(True)
    assert len(kept_files(folder)) == 2
    now = datetime.now(UTC)
    assert sweep_orphans(before=now - timedelta(hours=1)) == 0
    assert sweep_orphans(before=now + timedelta(hours=1)) == 1
    assert kept_files(folder) == [folder / kept.stored_name]


def test_discarding_removes_the_file_only_when_committed(
    folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    document = store()
    with django_capture_on_commit_callbacks(execute=True):
        discard_document(document_id=document.pk, by=OFFICER_LI, purpose="withdrawn")
        assert kept_files(folder)
    assert not kept_files(folder)


def test_a_changed_or_lost_file_is_never_handed_out(folder: Path) -> None:
    document = store()
    (folder / document.stored_name).write_bytes(files.jpeg(400, 500))
    for _ in range(2):
        with pytest.raises(Conflict, match=r"^documents\.damaged$"):
            open_document(document_id=document.pk, by=OFFICER_LI, purpose="review")
        (folder / document.stored_name).unlink(missing_ok=True)


def test_an_unknown_document_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"^documents\.not_found$"):
        open_document(document_id=new_id(), by=OFFICER_LI, purpose="review")
    with pytest.raises(NotFound, match=r"^documents\.not_found$"):
        discard_document(document_id=new_id(), by=OFFICER_LI, purpose="review")


def test_who_goes_on_without_a_document_loses_nothing() -> None:
    with whole_request():
        kept = store()
        with pytest.raises(NotFound):
            open_document(document_id=new_id(), by=OFFICER_LI, purpose="credential")
        open_document(document_id=kept.pk, by=OFFICER_LI, purpose="credential")
    assert Document.objects.filter(pk=kept.pk).exists()
