"""Deleting what is over, in batches: each a transaction with its own entry in the trail.

Cut off anywhere, what went is told, and the next run goes on.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case


def forget_rows(
    due: QuerySet[Any],
    *,
    act: str,
    named: str,
    at_once: int,
    person_id: UUID | None = None,
    along: Callable[[list[UUID]], object] | None = None,
) -> int:
    """Delete the rows that are due, and return how many; rows that somebody holds are left for the next run.

    `act`: what it is called in the trail, beside `named` and the number of each batch. `person_id`: whose they are,
    where they are one person's. `along`: deletes what else goes with the rows of these keys.
    """
    forgotten = 0
    while batch := _forget_some(due=due, act=act, named=named, at_once=at_once, person_id=person_id, along=along):
        forgotten += batch
    return forgotten


@use_case
def _forget_some(
    *,
    due: QuerySet[Any],
    act: str,
    named: str,
    at_once: int,
    person_id: UUID | None,
    along: Callable[[list[UUID]], object] | None,
) -> int:
    held = due.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    keys: list[UUID] = list(held.values_list("pk", flat=True)[:at_once])
    if keys:
        due.model._default_manager.filter(pk__in=keys).delete()
        if along is not None:
            along(keys)
        record_act(act, by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
                   fields=[f"{named}:{len(keys)}"])  # fmt: skip
    return len(keys)
