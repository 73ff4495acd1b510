"""Comparing what left the platform with what came outside: every permit event, every message that is due, once.

An event or message may come again only while its acknowledgement is not recorded: after a kill, or when the answer was
lost. Outside it is known by its id. What came oftener than it was taken up to be sent, or was taken up after the
acknowledgement stood in the database, is doubled.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from faults.outside import DESTINATION, Received
from faults.witness import DELIVERY, PUSH, Testimony

TOLD_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "cases.accepted": ("accepted", "accepted_undated"),
    "cases.refused": ("refused",),
    "permits.record_made": ("made_collect", "made_post"),
    "permits.suspend": ("suspended",),
    "permits.restore": ("restored",),
    "permits.convert": ("cancelled",),
}
"""Of which events the law wants the person told, in which kinds of message (docs/messages.md)."""

_EVENTS = """
    SELECT e.id, coalesce(e.person_id, e.object_id), e.sequence > s.sequence FROM events_event e
    JOIN exchange_destination d ON d.code = %s AND e.kind = ANY(d.kinds) CROSS JOIN faults_since s
    ORDER BY e.transaction_id, e.sequence
"""
_PUSHES = "SELECT event_id, id, state FROM exchange_push"
_DELIVERIES = "SELECT id, state, is_due, failure FROM notifications_delivery WHERE message_id IS NOT NULL"
_UNTOLD = """
    SELECT e.id FROM events_event e
    WHERE e.kind = %s AND e.person_id IS NOT NULL AND e.sequence > (SELECT sequence FROM faults_since)
      AND NOT EXISTS (SELECT FROM notifications_message m
          WHERE m.person_id = e.person_id AND m.object_id = e.object_id AND m.kind = ANY(%s))
"""
_UNSENT = """
    SELECT m.id FROM notifications_message m
    JOIN notifications_contact c ON c.person_id = m.person_id AND c.confirmed_at <= m.at
    WHERE m.is_due AND NOT EXISTS (SELECT FROM notifications_delivery d WHERE d.message_id = m.id)
"""
_ARRIVED = ("accepted", "delivered")


@dataclass(slots=True)
class Left:
    """What the comparison found. Keys say what it is about; `half`: what must not be, with how often it is."""

    events: int = 0
    messages: int = 0
    came_again: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half: dict[str, int] = field(default_factory=dict)


def compare(connection: psycopg.Connection[Any], received: Received, seen: Testimony) -> Left:
    """Compare journal, outbox and messages in the database with what stands outside."""
    left = Left()
    _compare_events(connection, received, seen, left)
    _compare_messages(connection, received, seen, left)
    for what, number in (
        ("a moment with two living permits of a family", seen.moments_with_two),
        ("a moment without a permit after a conversion", seen.moments_with_none),
    ):
        _note(left, what, number)
    return left


def _compare_events(connection: psycopg.Connection[Any], received: Received, seen: Testimony, left: Left) -> None:
    rows = connection.execute(_EVENTS, [DESTINATION]).fetchall()
    happened = [(str(event_id), stream) for event_id, stream, _ in rows]
    expected = [str(event_id) for event_id, _, is_expected in rows if is_expected]
    pushes = {str(event_id): (key.hex, state) for event_id, key, state in connection.execute(_PUSHES).fetchall()}
    came = {each.id: each for each in received.events}
    left.events = len(expected)
    for event_id in expected:
        key, state = pushes.get(event_id, ("", "never collected"))
        if event_id not in came or state != "acknowledged":
            left.lost.append(f"event {event_id} {state}{'' if event_id in came else ', not received'}")
        elif came[event_id].times > seen.taken_up.get((PUSH, key), 0) or (PUSH, key) in seen.taken_up_after:
            left.doubled.append(f"event {event_id}")
    left.came_again += sum(each.times - 1 for each in received.events)
    _note(left, "an event outside that never happened", len(came.keys() - {event_id for event_id, _ in happened}))
    _note(left, "events of a person that came out of order", _out_of_order(happened, received))


def _out_of_order(happened: Sequence[tuple[str, UUID]], received: Received) -> int:
    """Count the persons whose events came first in another order than they happened in."""
    streams = dict(happened)
    order: dict[UUID, list[str]] = defaultdict(list)
    for event_id, stream in happened:
        order[stream].append(event_id)
    arrived: dict[UUID, list[str]] = defaultdict(list)
    for each in received.events:
        if each.id in streams:
            arrived[streams[each.id]].append(each.id)
    return sum(_only(order[stream], found) != found for stream, found in arrived.items())


def _only(wanted: Iterable[str], found: Sequence[str]) -> list[str]:
    there = set(found)
    return [each for each in wanted if each in there]


def _compare_messages(connection: psycopg.Connection[Any], received: Received, seen: Testimony, left: Left) -> None:
    known = set()
    for key, state, is_due, failure in connection.execute(_DELIVERIES).fetchall():
        known.add(key.hex)
        times = received.messages.get(key.hex, 0)
        is_left_unsure = state == "unsure" and not is_due  # what a person merely chose is rather lost than doubled
        if state in _ARRIVED and not times:
            left.lost.append(f"message {key} {state}, not received")
        elif state not in _ARRIVED and not is_left_unsure:
            left.lost.append(f"message {key} {state} {failure}")
        if times > seen.taken_up.get((DELIVERY, key.hex), 0) or (DELIVERY, key.hex) in seen.taken_up_after:
            left.doubled.append(f"message {key}")
        left.came_again += max(0, times - 1)
    left.messages = len(known)
    for kind, messages in TOLD_ALWAYS.items():
        untold = connection.execute(_UNTOLD, [kind, list(messages)]).fetchall()
        left.lost += [f"message of {kind} {event_id}: nobody was told" for (event_id,) in untold]
    left.lost += [f"message {key} that is due and never left" for (key,) in connection.execute(_UNSENT).fetchall()]
    _note(left, "a message outside that nobody sent", len(received.messages.keys() - known))


def _note(left: Left, what: str, number: int) -> None:
    if number:
        left.half[what] = number
