"""Writing the trail. Every service calls `record_act`, every query of personal data `record_read`."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Protocol
from uuid import UUID

from yizhengtong.foundation.audit.models import Entry

_LONGEST_PURPOSE = 64
request_id: ContextVar[str] = ContextVar("request_id", default="")


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
    _write(Entry.Kind.ACT, action, by, on, person_id, purpose, fields)


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
    _write(Entry.Kind.READ, action, by, on, person_id, purpose, fields)


def record_refusal(operation: str, *, by: Actor, status: int) -> None:
    """Record that `by` was refused an operation (a method and a route). Not part of any act."""
    _write(
        Entry.Kind.REFUSED, "web.refused", by, ("operation", None), None, operation[:_LONGEST_PURPOSE], [str(status)]
    )


def _write(
    kind: str,
    action: str,
    by: Actor,
    on: tuple[str, UUID | None],
    person_id: UUID | None,
    purpose: str,
    fields: Sequence[str],
) -> None:
    Entry.objects.create(
        kind=kind,
        action=action,
        actor_kind=by.kind,
        actor_id=by.id,
        office_id=by.office_id,
        person_id=person_id,
        object_kind=on[0],
        object_id=on[1],
        purpose=purpose or action,
        fields=list(fields),
        request_id=request_id.get(),
    )
