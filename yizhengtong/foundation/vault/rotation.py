"""Sealing everything anew with the key in use, while the platform runs.

Each batch is a short transaction of its own with the position it reached, so that a rotation that was killed goes on
where it was. Rounds follow one another until nothing is sealed with another key: rows that somebody was changing, or
that a process wrote with the old key before it knew of the new one, are met in the next.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.holdings import Holding
from yizhengtong.foundation.vault.keyring import OPEN_KEY, ring_for_sealing
from yizhengtong.foundation.vault.models import DataKey, RotationPosition

BATCH_ROWS = 200
_ROUNDS = 5
_SECONDS_BETWEEN_LINES = 1.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rotation ended: values sealed anew, values another key still seals, values that do not open."""

    changed: int
    remaining: int
    damaged: int


def rotate(
    holdings: Sequence[Holding], *, say: Say, batch_rows: int = BATCH_ROWS, pause_seconds: float = 0.0
) -> Outcome:
    """Seal every value with the key in use; `pause_seconds` after each batch leaves room for others.

    A value that does not open stays as it is, and keeps the old key from retiring.
    """
    key_id = ring_for_sealing().sealing.id
    if key_id == OPEN_KEY:
        raise KeyProblem("vault.no_key")
    changed = damaged = 0
    for _ in range(_ROUNDS):
        damaged = 0
        for holding in holdings:
            some, broken = _rotate_one(holding, key_id, say, batch_rows, pause_seconds)
            changed, damaged = changed + some, damaged + broken
        remaining = count_others(holdings, key_id)
        if remaining <= damaged:
            break
        say(f"{remaining} values were written meanwhile or were locked; another round")
        RotationPosition.objects.filter(to_key_id=key_id).delete()
    RotationPosition.objects.filter(to_key_id=key_id).delete()
    return Outcome(changed, remaining, damaged)


def count_others(holdings: Sequence[Holding], key_id: int) -> int:
    """Return how many values are sealed with another key than `key_id`."""
    counts = (holding.count_by_key() for holding in holdings)
    return sum(count for each in counts for key, count in each.items() if key != key_id)


def count_of(holdings: Sequence[Holding], key_id: int) -> int:
    """Return how many values are sealed with a key."""
    return sum(holding.count_by_key()[key_id] for holding in holdings)


def unfinished() -> DataKey | None:
    """Return a key whose values are being, or are to be, sealed anew."""
    return DataKey.objects.filter(kind=DataKey.Kind.DATA, state=DataKey.State.RETIRING).order_by("pk").first()


def _rotate_one(holding: Holding, key_id: int, say: Say, batch_rows: int, pause_seconds: float) -> tuple[int, int]:
    position, _ = RotationPosition.objects.get_or_create(to_key_id=key_id, holding=holding.name)
    changed = damaged = 0
    said_at = time.monotonic()
    while True:
        with transaction.atomic():
            step = holding.seal_some(after=position.last, limit=batch_rows, key_id=key_id)
            if step.last:
                position.last, position.changed = step.last, position.changed + step.changed
                position.save(update_fields=["last", "changed", "updated_at"])
        changed, damaged = changed + step.changed, damaged + step.damaged
        is_over = not step.last
        if changed and (is_over or time.monotonic() - said_at > _SECONDS_BETWEEN_LINES):
            say(f"{holding.name}: {position.changed} sealed with key {key_id}")
            said_at = time.monotonic()
        if is_over:
            return changed, damaged
        time.sleep(pause_seconds)
