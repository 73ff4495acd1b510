"""Whose copy was shown, and how the permit stands this very moment: asked anew with every presentation.

The lists say it within seconds; the permit itself says it now. The worse of the two counts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID, reference_of
from yizhengtong.credentials.showing.claims import kind_shown
from yizhengtong.credentials.status.queries import value_of
from yizhengtong.credentials.status.rules import value_for
from yizhengtong.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Held:
    """A copy's permit. `value`: valid, invalid or suspended, as status lists write it."""

    person_id: UUID
    permit_id: UUID
    kind: str
    value: int


def held(status: Any, holder: bytes, configuration_id: str, on: date) -> Held | None:
    """Return the permit of the copy that has this place, if it was given to this key in this form; else None.

    `status`: the credential's claim. `holder`: SHA-256 thumbprint of the key it is bound to. Raises FormatProblem
    `status_list.no_reference`.
    """
    uri, index = reference_of(status)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM presentations_held(%s, %s, %s, %s)", [uri, index, holder, configuration_id])
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    if row is None:
        return None
    found = dict(zip(names, row, strict=True))
    value = INVALID if found["is_taken_back"] else _worse(_listed(uri, index), _as_it_stands(found, on))
    return Held(found["person_id"], found["permit_id"], kind_shown(found["kind"], found["region"]), value)


def _listed(uri: str, index: int) -> int:
    try:
        return value_of(uri, index)
    except (NotFound, FormatProblem):  # the list is over, and all that stood on it
        return INVALID


def _as_it_stands(found: dict[str, Any], on: date) -> int:
    return value_for(found["state"], found["endorsed_until"], found["delivery"], on)


def _worse(*values: int) -> int:
    """A value that no list of ours holds counts as invalid."""
    return next((value for value in (VALID, SUSPENDED) if set(values) <= {value, VALID}), INVALID)
