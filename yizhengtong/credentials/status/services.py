"""Giving copies of credentials their places, and taking single copies back."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import VALID
from yizhengtong.credentials.status.models import Change
from yizhengtong.credentials.status.places import MOST_AT_ONCE, StatusReference, draw_places
from yizhengtong.credentials.status.queries import list_of
from yizhengtong.credentials.status.rules import value_for
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.permits.models import Permit

__all__ = ["StatusReference", "allocate", "withdraw"]


@use_case
def allocate(permit: Permit, *, count: int, until: date) -> list[StatusReference]:
    """Return a place of its own for each of `count` copies of a credential that is good until a day, inclusive.

    Places are drawn at random, so that two copies have nothing in common that others could see. Call it in the
    transaction that writes the copies down: it holds the permit's state until then. Where the permit is not good now
    the places say so within seconds. Raises ValueError for a count that is not 1 to 1000, Conflict
    `status.places_used_up`.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise ValueError("copies are given places by the one to the thousand")
    value = _held(permit.pk)
    found = draw_places(permit.pk, count, until)
    if value != VALID:
        _note([Change(permit_id=permit.pk)])
    return found


@use_case
def withdraw(permit: Permit, references: Collection[StatusReference]) -> None:
    """Take single copies of a permit back for good: their wallet is lost, or deleted them. The others stay.

    Copies whose list is gone are expired and left out.
    """
    lists = {uri: list_of(uri) for uri in {each.uri for each in references}}
    places = [(lists[each.uri], each.index) for each in references]
    _note([Change(permit_id=permit.pk, list_id=each.pk, position=index) for each, index in places if each is not None])


def _note(changes: Sequence[Change]) -> None:
    Change.objects.bulk_create(changes)
    wake("status.build")


def _held(permit_id: UUID) -> int:
    """Return what a permit means for its copies, and keep it so until the transaction ends.

    Who changes it waits, and then finds these places. Raises NotFound.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, endorsed_until, delivery FROM status_hold(%s)", [permit_id])
        found = cursor.fetchone()
    if found is None:
        raise NotFound("not_found")
    state, endorsed_until, delivery = found
    return value_for(state, endorsed_until, delivery, legal_day(timezone.now()))
