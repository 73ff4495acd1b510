"""Reading what is known of documents, without their contents."""

from collections.abc import Iterable
from uuid import UUID

from yizhengtong.foundation.documents.models import Document
from yizhengtong.kernel.errors import NotFound


def document_of(person_id: UUID, document_id: UUID) -> Document:
    """Return a person's document. Raises NotFound, also for a document of somebody else."""
    document = Document.objects.filter(pk=document_id, person_id=person_id).first()
    if document is None:
        raise NotFound("documents.not_found")
    return document


def documents_by_id(ids: Iterable[UUID]) -> dict[UUID, Document]:
    """Return those of the documents that exist, by id, in one query."""
    return Document.objects.in_bulk(list(ids))


def waiting_count() -> int:
    """Return how many documents still wait for the scanner."""
    return Document.objects.filter(scan=Document.Scan.WAITING).count()
