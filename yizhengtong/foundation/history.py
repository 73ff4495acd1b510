"""Row history: every state a row was in, written by the database itself, so that bulk and raw SQL leave it too."""

from collections.abc import Callable, Collection
from typing import TypeVar

import pghistory
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def keeps_history() -> Callable[[M], M]:
    """Decorate a model whose rows keep their history. Who did it stands in the audit trail, not here."""
    track: Callable[[M], M] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        context_field=None,  # type: ignore[arg-type]  # None is documented: no context
        obj_field=pghistory.ObjForeignKey(related_name="history", db_index=True, db_constraint=False),
    )
    return track


def forget_history(model: type[models.Model], keys: Collection[object]) -> int:
    """Delete the history of rows of a model that keeps it, that of their deletion too. Returns how many rows went."""
    history: type[models.Model] = model.history.field.model  # type: ignore[attr-defined]
    return history._default_manager.filter(pgh_obj_id__in=keys).delete()[0]
