"""Writing the trail. Every service calls `record_act`, every query of personal data `record_read`."""

import json
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Protocol
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.retention_classes import class_of
from yizhengtong.foundation.observability import context
from yizhengtong.foundation.postgresql.together import Insert, insert
from yizhengtong.kernel.ids import new_id

_LONGEST_PURPOSE = 64
request_id: ContextVar[str] = context.request_id


class Actor(Protocol):
    """Who acts: an account of a resident or an officer, a partner, or the system."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> UUID | None: ...
    @property
    def office_id(self) -> UUID | None: ...


def record_act(
    action: str,
    *,
    by: Actor,
    on: tuple[str, UUID | None],
    person_id: UUID | None,
    purpose: str = "",
    fields: Sequence[str] = (),
) -> None:
    """Record that `by` did `action` on an object (`("case", id)`) of a person. Same transaction as the act."""
    insert(_entry(Entry.Kind.ACT, action, by, on, person_id, purpose, fields))


def record_read(
    action: str,
    *,
    by: Actor,
    on: tuple[str, UUID | None],
    person_id: UUID | None,
    purpose: str,
    fields: Sequence[str] = (),
) -> None:
    """Record that `by` read personal data (`fields`) of a person for `purpose`."""
    insert(entry_of_reading(action, by=by, on=on, person_id=person_id, purpose=purpose, fields=fields))


def entry_of_reading(
    action: str,
    *,
    by: Actor,
    on: tuple[str, UUID | None],
    person_id: UUID | None,
    purpose: str,
    fields: Sequence[str] = (),
) -> Insert:
    """Return what `record_read` writes, for who writes it together with rows of their own."""
    return _entry(Entry.Kind.READ, action, by, on, person_id, purpose, fields)


def record_refusal(operation: str, *, by: Actor, status: int) -> None:
    """Record that `by` was refused an operation (a method and a route). Not part of any act."""
    purpose, fields = operation[:_LONGEST_PURPOSE], [str(status)]
    insert(_entry(Entry.Kind.REFUSED, "web.refused", by, ("operation", None), None, purpose, fields))


def _entry(
    kind: str,
    action: str,
    by: Actor,
    on: tuple[str, UUID | None],
    person_id: UUID | None,
    purpose: str,
    fields: Sequence[str],
) -> Insert:
    return Insert(
        _INSERT,
        [
            new_id(), timezone.now(), kind, action, by.kind, by.id, by.office_id, person_id, on[0], on[1],
            purpose or action, json.dumps(list(fields)), request_id.get(), class_of(kind, action, by.kind),
        ],
    )  # fmt: skip


_INSERT = """
    INSERT INTO audit_entry (id, at, kind, action, actor_kind, actor_id, office_id, person_id, object_kind, object_id,
        purpose, fields, request_id, retention)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""
"""Written out: it is said several times in every request, and nothing ever reads the row back there."""
