"""What was told by a page, to be looked at again for minutes by the browser that was told it, and printed.

So a page that is loaded again, or printed, uses no second use up, and its address says nothing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from yizhengtong.credentials.showing.claims import Value
from yizhengtong.foundation.transactions import use_case
from yizhengtong.permitting.permits.rules import Standing
from yizhengtong.verification.sharing.bounds import VIEW_LASTS
from yizhengtong.verification.sharing.codes import new_view, view_hash
from yizhengtong.verification.sharing.lending import in_the_name_of, naming
from yizhengtong.verification.sharing.models import Use
from yizhengtong.verification.sharing.reading import Told

_DAY = "day:"


@dataclass(frozen=True, slots=True)
class View:
    """What a page was told, as of then. `check_id`: of the check in the holder's history."""

    check_id: UUID
    as_of: datetime
    purpose: str
    standing: Standing
    values: dict[str, Value] = field(repr=False)
    photo: str = field(repr=False)


@use_case
def keep_view(*, told: Told) -> str:
    """Keep what was told, sealed, and return the secret that opens it until `VIEW_LASTS` later."""
    use, now = told.use, told.standing
    if use is None or now is None:
        raise ValueError("nothing was told")
    secret = new_view()
    use.view_hash, use.view_until = view_hash(secret), told.as_of + VIEW_LASTS
    use.shown = {
        "purpose": told.purpose,
        "is_valid": now.is_valid,
        "reason": now.reason,
        "has_ended": now.has_ended,
        "values": [
            [name, f"{_DAY}{value}" if isinstance(value, date) else value] for name, value in told.values.items()
        ],
        "photo": told.photo,
    }
    with in_the_name_of(use.share_code.made_by):
        use.save(update_fields=["view_hash", "view_until", "shown"])
    return secret


def view_of(secret: str, at: datetime) -> View | None:
    """Return what a browser was told; None where the secret opens nothing, or no longer."""
    with naming(view_hash(secret)):
        use = Use.objects.filter(view_hash=view_hash(secret), view_until__gt=at).filter(shown__isnull=False).first()
    if use is None:
        return None
    kept: dict[str, Any] = use.shown
    values = {name: _value(value) for name, value in kept["values"]}
    now = Standing(kept["is_valid"], kept["reason"], kept["has_ended"])
    return View(use.check_id, use.at, kept["purpose"], now, values, kept["photo"])


@use_case
def forget_view(*, secret: str) -> None:
    """Take back what a browser may look at again."""
    with naming(view_hash(secret)):
        Use.objects.filter(view_hash=view_hash(secret)).update(view_until=None, shown=None)


def _value(kept: str | bool) -> Value:
    is_day = isinstance(kept, str) and kept.startswith(_DAY)
    return date.fromisoformat(str(kept).removeprefix(_DAY)) if is_day else kept
