"""Comparing all places with the permits: what was missed on the way is found, counted and put right."""

import logging
from collections.abc import Iterator
from datetime import date

from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import set_value, value_at
from yizhengtong.credentials.status.models import CHUNK_BYTES, Entry, StatusList
from yizhengtong.credentials.status.rules import value_for
from yizhengtong.credentials.status.signing import packed
from yizhengtong.credentials.status.working_in import value_of_copy, work_in, write_values
from yizhengtong.foundation.events.journal import deliver_all
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day

log = logging.getLogger(__name__)


def compare_all(*, on: date | None = None) -> int:
    """Compare every list that has not expired. Returns how many places said something else than their permits.

    Also the way by which a day that passes is noticed: of a lost permit nobody writes that its year is over.
    """
    today = on or legal_day(timezone.now())
    found = 0
    for listed in StatusList.objects.filter(expired_at=None).order_by("pk"):
        here = _compare(listed, today)
        StatusList.objects.filter(pk=listed.pk).update(compared_at=timezone.now(), differences=here)
        found += here
    return found


def _compare(listed: StatusList, on: date) -> int:
    differing = list(_differing(listed, on))
    if not differing:
        return 0
    deliver_all()  # what is only on its way is no difference
    work_in(on=on)
    changed = _put_right(listed, differing, on)
    if changed:
        log.warning("status.places_differed places=%s", changed)
    return changed


def _differing(listed: StatusList, on: date) -> Iterator[int]:
    """Yield the places that say something else than they should; those of copies past their last day left out."""
    wanted = bytearray(-(-listed.size * listed.bits // (8 * CHUNK_BYTES)) * CHUNK_BYTES)
    with connection.cursor() as cursor:
        cursor.execute(_NOT_PLAINLY_VALID, [listed.pk, on, on])
        for position, is_withdrawn, state, until, delivery in cursor.fetchall():
            value = value_of_copy(is_withdrawn, None if state is None else value_for(state, until, delivery, on))
            set_value(wanted, position, listed.bits, value)
    there = packed(listed).ljust(len(wanted), b"\0")
    suspects = [
        position
        for number in range(len(wanted) // CHUNK_BYTES)
        for position in _unlike(listed, number, bytes(wanted), there)
    ]
    past = Entry.objects.filter(list=listed, position__in=suspects, until__lt=on)
    yield from sorted(set(suspects) - set(past.values_list("position", flat=True)))


def _unlike(listed: StatusList, number: int, wanted: bytes, there: bytes) -> Iterator[int]:
    """Yield the places of one chunk whose values differ."""
    first = number * CHUNK_BYTES
    if wanted[first : first + CHUNK_BYTES] == there[first : first + CHUNK_BYTES]:
        return
    a_byte = 8 // listed.bits
    for byte in range(first, first + CHUNK_BYTES):
        if wanted[byte] != there[byte]:
            for position in range(byte * a_byte, (byte + 1) * a_byte):
                if value_at(wanted, position, listed.bits) != value_at(there, position, listed.bits):
                    yield position


@use_case
def _put_right(listed: StatusList, positions: list[int], on: date) -> int:
    return write_values({listed.pk: positions}, on=on)


_NOT_PLAINLY_VALID = """
    SELECT entry.position, entry.is_withdrawn, permit.state, permit.endorsed_until, permit.delivery
    FROM status_entry entry LEFT JOIN permits_permit permit ON permit.id = entry.permit_id
    WHERE entry.list_id = %s AND entry.until >= %s AND (
        entry.is_withdrawn OR permit.id IS NULL OR permit.state NOT IN ('ordered', 'made', 'held')
        OR permit.endorsed_until < %s
    )
"""
