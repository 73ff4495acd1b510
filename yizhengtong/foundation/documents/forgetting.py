"""Deleting documents whose time is over: rows now, files once that is committed."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction

from yizhengtong.foundation.documents import storage
from yizhengtong.foundation.documents.models import Document


def forget_documents(keys: Collection[UUID]) -> int:
    """Delete documents and return how many there were. Part of a use-case that records it.

    A file outlives a crash after the commit by a day: `sweep_orphans` removes what no row names. Raises ProtectedError
    where a row still names one.
    """
    rows = Document.objects.select_for_update().filter(pk__in=keys)
    names = list(rows.values_list("stored_name", flat=True))
    Document.objects.filter(pk__in=keys).delete()
    for name in names:
        transaction.on_commit(partial(storage.remove_content, name), robust=True)
    return len(names)
