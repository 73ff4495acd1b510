"""The daily sweep: permits that were not endorsed in time are suspended, and holders are reminded before.

Both go over the index of due permits in parts of one short transaction each, so that a permit costs the same among a
thousand and a million. What is cut off anywhere is begun again and goes on: a part is done whole or not at all.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.retention_classes import class_of
from yizhengtong.foundation.audit.trail import request_id
from yizhengtong.foundation.events.journal import wake_followers
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.permits.kinds import ZHEJIANG, subject_of
from yizhengtong.permitting.permits.models import Reminder, Sweep
from yizhengtong.permitting.permits.states import PermitState

AT_ONCE = 1000
Told = Callable[[int], None]
"""Who is told, after each part, how many permits it was."""

_BEFORE_ALL = (date.min, UUID(int=0))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Due:
    permit_id: UUID
    person_id: UUID
    kind: str
    last_day: date


def suspend_overdue(*, on: date, told: Told = lambda _count: None, at_once: int = AT_ONCE) -> int:
    """Suspend every permit whose endorsed year ended before a legal day (国令663 art. 10). Returns how many.

    Done again it does nothing. One that somebody is changing just now is passed over and found the next time; that it
    has no functions is so by its date already. Lost ones are suspended when they are found.
    """
    done, position = 0, _BEFORE_ALL
    while suspended := _suspend_some(on=on, after=position, limit=at_once):
        last = suspended[-1]
        done, position = done + len(suspended), (last.last_day, last.permit_id)
        told(len(suspended))
    return done


def count_overdue(on: date) -> int:
    """Return how many permits wait to be suspended on a day."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_OVERDUE, [on])
        return int(cursor.fetchone()[0])


@use_case
def _suspend_some(*, on: date, after: tuple[date, UUID], limit: int) -> list[_Due]:
    _take_turn("suspend")
    suspended = _rows(_SUSPEND, [on, *after, limit])
    _record("permits.suspend", suspended)
    _tell("permits.suspend", suspended, lambda due: {"last_day": due.last_day.isoformat()})
    return suspended


def remind_due(*, on: date, told: Told = lambda _count: None, at_once: int = AT_ONCE) -> Counter[int]:
    """Publish `permits.endorsement_due` once for each permit and each of the pack's days before its last day.

    Days on which no sweep ran are made up for, by the nearest of the reminders missed. Returns how many by days before.
    """
    since = Sweep.objects.get_or_create(name="remind")[0].done_until or on - _DAY
    done: Counter[int] = Counter()
    for days, places in _reminders(on).items():
        for before in sorted(days):
            done[before] += _remind(places, before, since=since, on=on, told=told, at_once=at_once)
    if on > since:
        Sweep.objects.filter(name="remind").update(done_until=on)
    return done


def _remind(places: Sequence[str], before: int, *, since: date, on: date, told: Told, at_once: int) -> int:
    first, last = max(since + _DAY + timedelta(days=before), on), on + timedelta(days=before)
    done, position = 0, _BEFORE_ALL
    while reminded := _remind_some(places, before, first, last, on=on, after=position, limit=at_once):
        newest = reminded[-1]
        done, position = done + len(reminded), (newest.last_day, newest.permit_id)
        told(len(reminded))
    return done


@use_case
def _remind_some(
    places: Sequence[str], before: int, first: date, last: date, *, on: date, after: tuple[date, UUID], limit: int
) -> list[_Due]:
    _take_turn("remind")
    due = _rows(_REMIND, [first, last, list(places), before, *after, limit])
    Reminder.objects.bulk_create(
        [Reminder(permit_id=each.permit_id, last_day=each.last_day, days_before=before, on=on) for each in due]
    )
    _record("permits.remind", due)
    _tell("permits.endorsement_due", due, lambda each: {"last_day": each.last_day.isoformat(), "days_before": before})
    return due


def _reminders(on: date) -> Mapping[tuple[int, ...], Sequence[str]]:
    """Return the places by the days before on which their packs let holders be reminded (`endorsement.reminders`)."""
    found: dict[tuple[int, ...], list[str]] = {}
    for place in Office.objects.order_by("region").values_list("region", flat=True).distinct():
        try:
            law = law_in_force(place, subject_of(ZHEJIANG[0]), on)
        except NotFound:
            continue
        if "endorsement.reminders" in law:
            found.setdefault(law.value("endorsement.reminders"), []).append(place)
    return found


def _take_turn(name: str) -> None:
    """Let one sweep of a name go on at a time: what the one before did is seen then."""
    Sweep.objects.get_or_create(name=name)
    Sweep.objects.select_for_update().get(name=name)


def _rows(statement: str, values: Sequence[Any]) -> list[_Due]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = [_Due(permit, person, kind, day) for permit, person, kind, day in cursor.fetchall()]
    return sorted(found, key=lambda due: (due.last_day, due.permit_id))


def _record(action: str, done: Sequence[_Due]) -> None:
    now = timezone.now()
    retention = class_of(Entry.Kind.ACT, action, SYSTEM.kind)
    Entry.objects.bulk_create([_entry(action, due, now, retention) for due in done])


def _entry(action: str, due: _Due, now: datetime, retention: str) -> Entry:
    return Entry(
        at=now, kind=Entry.Kind.ACT, action=action, actor_kind=SYSTEM.kind, actor_id=None, office_id=None,
        person_id=due.person_id, object_kind="permit", object_id=due.permit_id, purpose=action,
        request_id=request_id.get(), retention=retention,
    )  # fmt: skip


def _tell(kind: str, done: Sequence[_Due], facts: Callable[[_Due], Mapping[str, object]]) -> None:
    """Publish an event a permit. Who follows is woken once a part, not for each."""
    now = timezone.now()
    Event.objects.bulk_create(
        [
            Event(
                kind=kind, at=now, object_kind="permit", object_id=due.permit_id, person_id=due.person_id,
                facts={"kind": due.kind, **facts(due)},
            )
            for due in done
        ]
    )  # fmt: skip
    if done:
        wake_followers(kind)


_DUE_STATES = "('ordered', 'made', 'held')"
"""Written out, as the partial index has it: a plan for any states could not use it."""

_SUSPEND = f"""
    WITH due AS (
        SELECT id FROM permits_permit
        WHERE endorsed_until < %s AND state IN {_DUE_STATES} AND (endorsed_until, id) > (%s, %s)
        ORDER BY endorsed_until, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE permits_permit permit SET state = '{PermitState.SUSPENDED.value}', version = version + 1
    FROM due WHERE permit.id = due.id
    RETURNING permit.id, permit.person_id, permit.kind, permit.endorsed_until
"""  # noqa: S608 words of our own

_COUNT_OVERDUE = f"SELECT count(*) FROM permits_permit WHERE endorsed_until < %s AND state IN {_DUE_STATES}"  # noqa: S608

_REMIND = f"""
    SELECT permit.id, permit.person_id, permit.kind, permit.endorsed_until FROM permits_permit permit
    WHERE endorsed_until BETWEEN %s AND %s AND state IN {_DUE_STATES}
      AND coalesce(endorsed_region, region) = ANY(%s)
      AND NOT EXISTS (
          SELECT FROM permits_reminder told
          WHERE told.permit_id = permit.id AND told.last_day = permit.endorsed_until AND told.days_before <= %s)
      AND (endorsed_until, id) > (%s, %s)
    ORDER BY endorsed_until, id LIMIT %s
"""  # noqa: S608 words of our own
