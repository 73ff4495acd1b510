"""Bringing what the places say in line with the permits: packed bytes changed in place, chunk by chunk.

The order is what loses nothing: lock the chunks, then look at entries and permits, then write. Whoever writes a chunk
has seen them as they were after the last writer; whatever changes later is noted later and comes after.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.formats.status_list import INVALID, VALID, set_value, value_at
from yizhengtong.credentials.status.models import CHUNK_BYTES, Change, Chunk, Entry, StatusList
from yizhengtong.credentials.status.queries import places_a_chunk
from yizhengtong.credentials.status.rules import value_for
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.models import Permit

AT_ONCE = 1000
"""Changes that are worked in by one transaction: the year's suspensions of a night touch each chunk some times only."""


def work_in(*, on: date | None = None) -> int:
    """Work in whatever is noted. Returns how many changes it was. Cut off anywhere, the next run goes on."""
    done = 0
    while some := _work_in_some(on or legal_day(timezone.now())):
        done += some
    return done


@use_case
def _work_in_some(on: date) -> int:
    waiting = Change.objects.order_by("id").select_for_update(skip_locked=True)
    changes = list(waiting[:AT_ONCE])
    if not changes:
        return 0
    _withdraw(changes)
    write_values(_places_of({change.permit_id for change in changes}, on), on=on)
    Change.objects.filter(pk__in=[change.pk for change in changes]).delete()
    return len(changes)


def _withdraw(changes: Iterable[Change]) -> None:
    places = [(each.list_id, each.position, each.permit_id) for each in changes if each.list_id is not None]
    if places:
        lists, positions, permits = (list(column) for column in zip(*places, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_WITHDRAW, [lists, positions, permits])


def _places_of(permits: Collection[UUID], on: date) -> dict[UUID, list[int]]:
    """Return the places of the copies of some permits that are not past their last day, by list."""
    rows = Entry.objects.filter(permit_id__in=permits, until__gte=on, list__expired_at=None)
    found: dict[UUID, list[int]] = defaultdict(list)
    for list_id, position in rows.values_list("list_id", "position"):
        found[list_id].append(position)
    return found


def write_values(places: Mapping[UUID, Collection[int]], *, on: date) -> int:
    """Let places say what the permits are now. Returns how many said something else. In the caller's transaction."""
    lists = {each.pk: each for each in StatusList.objects.filter(pk__in=places)}
    changed = {list_id: _write(lists[list_id], places[list_id], on) for list_id in sorted(lists)}
    mark([list_id for list_id, number in changed.items() if number])
    return sum(changed.values())


def _write(listed: StatusList, positions: Collection[int], on: date) -> int:
    by_chunk: dict[int, list[int]] = defaultdict(list)
    for position in positions:
        by_chunk[position // places_a_chunk(listed.bits)].append(position)
    chunks = _locked_chunks(listed, sorted(by_chunk))
    values = _values_now(listed, positions, on)
    changed = {
        number: put(listed, number, packed, {position: values.get(position, VALID) for position in by_chunk[number]})
        for number, packed in chunks.items()
    }
    _save(listed, {number: bytes(chunks[number]) for number, places in changed.items() if places})
    return sum(changed.values())


def _values_now(listed: StatusList, positions: Collection[int], on: date) -> dict[int, int]:
    """Return what places are to say, by their entries and permits as they are now; nobody's place says nothing."""
    rows = Entry.objects.filter(list=listed, position__in=positions)
    copies = list(rows.values_list("position", "is_withdrawn", "permit_id"))
    states = Permit.objects.filter(pk__in={permit_id for _, _, permit_id in copies})
    permits = {
        key: value_for(state, until, delivery, on)
        for key, state, until, delivery in states.values_list("pk", "state", "endorsed_until", "delivery")
    }
    return {
        position: value_of_copy(is_withdrawn, None if permit_id is None else permits.get(permit_id))
        for position, is_withdrawn, permit_id in copies
    }


def value_of_copy(is_withdrawn: bool, value: int | None) -> int:
    """Return what a copy says whose permit means `value`; None: the permit is gone, and the copy with it."""
    return INVALID if is_withdrawn or value is None else value


def put(listed: StatusList, number: int, packed: bytearray, values: Mapping[int, int]) -> int:
    """Put values by position into a chunk. Returns how many places changed."""
    first = number * places_a_chunk(listed.bits)
    changed = 0
    for position, value in values.items():
        if value_at(packed, position - first, listed.bits) != value:
            set_value(packed, position - first, listed.bits, value)
            changed += 1
    return changed


def _save(listed: StatusList, chunks: Mapping[int, bytes]) -> None:
    if chunks:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [list(chunks), list(chunks.values()), listed.pk])


def _locked_chunks(listed: StatusList, numbers: list[int]) -> dict[int, bytearray]:
    """Return chunks by number, made where there is none, locked in their order until the transaction ends."""
    blank = [Chunk(list=listed, number=number, packed=bytes(CHUNK_BYTES)) for number in numbers]
    there = set(Chunk.objects.filter(list=listed, number__in=numbers).values_list("number", flat=True))
    Chunk.objects.bulk_create([each for each in blank if each.number not in there], ignore_conflicts=True)
    held = Chunk.objects.filter(list=listed, number__in=numbers).order_by("number").select_for_update()
    return {number: bytearray(packed) for number, packed in held.values_list("number", "packed")}


def mark(lists: list[UUID]) -> None:
    """Say that lists have changed: whoever signs one now is waited for, and who signs next waits for us."""
    now = timezone.now()
    for listed in StatusList.objects.filter(pk__in=lists).order_by("pk").select_for_update():
        StatusList.objects.filter(pk=listed.pk).update(dirty_since=listed.dirty_since or now)


_SAVE = """
    UPDATE status_chunk chunk SET packed = changed.packed
    FROM unnest(%s::int[], %s::bytea[]) AS changed (number, packed)
    WHERE chunk.list_id = %s AND chunk.number = changed.number
"""
_WITHDRAW = """
    UPDATE status_entry entry SET is_withdrawn = true
    FROM unnest(%s::uuid[], %s::int[], %s::uuid[]) AS copy (list_id, position, permit_id)
    WHERE entry.list_id = copy.list_id AND entry.position = copy.position AND entry.permit_id = copy.permit_id
"""
