"""Comparing the ledger with what is there: every acknowledged effect once, nothing half."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from faults import history
from faults.caller import Answer
from faults.history import History
from faults.leaving import compare
from faults.ledger import Entry
from faults.outside import Received
from faults.witness import read_testimony
from yizhengtong.kernel.ids import parse_public_id

STEPS: Mapping[str, tuple[str, ...]] = {
    "submit": ("receive",),
    "accept": ("accept",),
    "review": ("review",),
    "approve": ("approve",),
    "endorse": ("approve", "complete"),
    "settle": ("approve",),
    "convert": ("receive", "accept", "review", "approve", "complete"),
    "card": ("record_made",),
    "hand_over": ("hand_over",),
}
"""Which journal actions an operation leaves on its case, once each."""

_EVENT_OF = {"receive": "cases.received", "accept": "cases.accepted", "approve": "cases.approved"}
"""Journal action → the event that tells of it, where that is not `casework.` and the action."""

LEFT_TO_OFFICERS = ("receive", "accept")
"""Those of a conversion that the named rules did not approve: it is accepted, and waits."""

SUBMISSIONS = ("submit", "convert")
BRINGS: Mapping[str, tuple[str, ...]] = {
    "approve": ("permit",), "endorse": ("endorsement",), "settle": ("permit", "notice"), "convert": ("permit",),
}  # fmt: skip
"""Which rows an approval brings about for its case, once each."""

_TRACES = "SELECT request_id, count(*) FROM audit_entry WHERE request_id = ANY(%s) AND kind <> 'refused' GROUP BY 1"
_JOURNAL = "SELECT case_id, action, count(*) FROM casework_journalentry GROUP BY 1, 2"
_ACTS = "SELECT object_id, action, count(*) FROM audit_entry WHERE kind = 'act' AND object_kind = 'case' GROUP BY 1, 2"
_EVENTS = "SELECT object_id, kind, count(*) FROM events_event WHERE object_kind = 'case' GROUP BY 1, 2"
_BROUGHT = """
    SELECT case_id, 'permit', count(*) FROM permits_permit WHERE case_id IS NOT NULL GROUP BY 1
    UNION ALL SELECT case_id, 'endorsement', count(*) FROM permits_endorsement WHERE case_id IS NOT NULL GROUP BY 1
    UNION ALL SELECT case_id, 'notice', count(*) FROM settlement_approvalnotice GROUP BY 1
"""

HALF: dict[str, str] = {
    "a case whose journal does not lead to its state": """
        SELECT count(*) FROM casework_case c WHERE EXISTS (
            SELECT FROM (
                SELECT state, sum(step) AS visits FROM (
                    SELECT to_state AS state, 1 AS step FROM casework_journalentry WHERE case_id = c.id
                    UNION ALL SELECT from_state, -1 FROM casework_journalentry WHERE case_id = c.id) steps
                WHERE state <> '' GROUP BY 1) passed
            WHERE visits <> CASE WHEN passed.state = c.state THEN 1 ELSE 0 END)""",
    "a case approved without decision or permit": """
        SELECT count(*) FROM casework_case c WHERE state IN ('approved', 'made', 'completed') AND (
            NOT EXISTS (SELECT FROM casework_decision d WHERE d.case_id = c.id AND d.granted)
            OR NOT EXISTS (SELECT FROM permits_permit p WHERE p.id = c.permit_id AND p.case_id = c.id)
            AND NOT EXISTS (SELECT FROM permits_endorsement e WHERE e.permit_id = c.permit_id AND e.case_id = c.id))""",
    "a decision or permit of a case that is not approved": """
        SELECT count(*) FROM casework_case c WHERE state IN ('received', 'accepted', 'reviewed') AND (
            EXISTS (SELECT FROM casework_decision d WHERE d.case_id = c.id)
            OR EXISTS (SELECT FROM permits_permit p WHERE p.case_id = c.id)
            OR EXISTS (SELECT FROM permits_endorsement e WHERE e.case_id = c.id))""",
    "a journal entry without its act in the trail": """
        SELECT count(*) FROM casework_journalentry j WHERE NOT EXISTS (
            SELECT FROM audit_entry a WHERE a.object_id = j.case_id AND a.action = 'casework.' || j.action)""",
    "an act on a case without its event": """
        SELECT count(*) FROM audit_entry a JOIN (VALUES
            ('casework.receive', 'cases.received'), ('casework.accept', 'cases.accepted'),
            ('casework.review', 'casework.review'), ('casework.approve', 'cases.approved'),
            ('casework.record_made', 'casework.record_made'), ('casework.hand_over', 'casework.hand_over'),
            ('casework.complete', 'casework.complete')) AS named (action, event) ON named.action = a.action
        WHERE a.object_kind = 'case' AND a.kind = 'act'
            AND NOT EXISTS (SELECT FROM events_event e WHERE e.object_id = a.object_id AND e.kind = named.event)""",
    "a submitted application without case, or a draft with one": """
        SELECT count(*) FROM applications_application a LEFT JOIN casework_case c ON c.application_id = a.id
        WHERE (a.state = 'submitted') <> (c.id IS NOT NULL)""",
    "two living permits of one person and family": """
        SELECT count(*) FROM (
            SELECT person_id, CASE WHEN kind LIKE 'zhejiang%' THEN 'zhejiang' ELSE kind END FROM permits_permit
            WHERE state <> 'ended' GROUP BY 1, 2 HAVING count(*) > 1) doubled""",
    "a converted permit without the one in its place": """
        SELECT count(*) FROM permits_permit old WHERE old.end_reason = 'converted' AND NOT EXISTS (
            SELECT FROM permits_permit new WHERE new.id = old.succeeded_by_id AND new.person_id = old.person_id
                AND new.kind = 'zhejiang_digital' AND new.state <> 'ended')""",
    "a conversion in two transactions": """
        SELECT count(*) FROM permits_permitevent old JOIN permits_permitevent new
            ON new.pgh_obj_id = old.succeeded_by_id AND new.version = 1
        WHERE old.end_reason = 'converted' AND old.pgh_created_at <> new.pgh_created_at""",
    "a permit that does not stand as it was endorsed": """
        SELECT count(*) FROM permits_permit p
        JOIN (SELECT permit_id, max(endorsed_until) AS day FROM permits_endorsement GROUP BY 1) e ON e.permit_id = p.id
        WHERE p.endorsed_until <> e.day""",
    "a settlement with one of its two papers": """
        SELECT count(*) FROM settlement_approvalnotice n
        FULL JOIN (SELECT * FROM permits_permit WHERE kind = 'settlement') p ON p.id = n.permit_id
            AND p.case_id = n.case_id
        WHERE n.id IS NULL OR p.id IS NULL""",
    "a key claimed and never answered": "SELECT count(*) FROM web_idempotentanswer WHERE status IS NULL OR status = 0",
    "a permit without history": """
        SELECT count(*) FROM permits_permit p WHERE version <> (
            SELECT max(version) FROM permits_permitevent h WHERE h.pgh_obj_id = p.id)""",
    "a case without history": """
        SELECT count(*) FROM casework_case c WHERE version <> (
            SELECT max(version) FROM casework_caseevent h WHERE h.pgh_obj_id = c.id)""",
    **history.HALF,
}  # fmt: skip
"""What must never be, as statements that count it."""


@dataclass(slots=True)
class Verdict:
    """What the reconciler found. `lost`, `doubled`: keys; `half`: what must not be, with how often it is.

    `left`: events pushed, messages sent, and how often one came again before its acknowledgement was recorded.
    """

    acknowledged: int = 0
    found: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    unanswered_in_effect: int = 0
    left: tuple[int, int, int] = (0, 0, 0)

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.doubled or self.half) and self.found == self.acknowledged


def case_of(entry: Entry) -> UUID:
    """Return the case that an acknowledged step changed; a submission's is in its answer."""
    return parse_public_id("cas", entry.facts["id"] if entry.operation in SUBMISSIONS else entry.subject)


def actions_of(entry: Entry) -> tuple[str, ...]:
    """Return the journal actions that an acknowledged request left on its case."""
    return LEFT_TO_OFFICERS if _is_left_to_officers(entry) else STEPS.get(entry.operation, ())


def _is_left_to_officers(entry: Entry) -> bool:
    return entry.operation == "convert" and entry.facts.get("state") == "accepted"


def reconcile(
    entries: Sequence[Entry], connection: psycopg.Connection[Any], received: Received | None = None
) -> Verdict:
    """Compare the ledger with the database; `received`: also what left with what came outside, by the witness."""
    there = _There.read(entries, connection)
    verdict = Verdict()
    for entry in entries:
        effects = there.effects(entry)
        if max(effects) > 1:
            verdict.doubled.append(f"{entry.operation} {entry.key}")
        if not entry.is_acknowledged:
            verdict.unanswered += 1
            verdict.unanswered_in_effect += max(effects) > 0
            continue
        verdict.acknowledged += 1
        if min(effects) == 0:
            verdict.lost.append(f"{entry.operation} {entry.key}")
        elif max(effects) == 1:
            verdict.found += 1
    for what, statement in HALF.items():
        number = _one(connection, statement)
        if number:
            verdict.half[what] = number
    if there.history.unasked:
        verdict.half["a check that nobody asked for"] = there.history.unasked
    if received is not None:
        left = compare(connection, received, read_testimony(connection))
        verdict.lost += left.lost
        verdict.doubled += left.doubled
        verdict.half |= left.half
        verdict.left = (left.events, left.messages, left.came_again)
    return verdict


@dataclass(slots=True)
class _There:
    """Counts of what the database holds, by what the ledger knows."""

    traces: Counter[str]
    journal: Counter[tuple[UUID, str]]
    acts: Counter[tuple[UUID, str]]
    events: Counter[tuple[UUID, str]]
    brought: Counter[tuple[UUID, str]]
    history: History

    @classmethod
    def read(cls, entries: Sequence[Entry], connection: psycopg.Connection[Any]) -> "_There":
        identities = [identity for entry in entries for identity in entry.attempts]
        return cls(
            traces=Counter(dict(connection.execute(_TRACES, [identities]).fetchall())),
            journal=_counted(connection, _JOURNAL),
            acts=_counted(connection, _ACTS),
            events=_counted(connection, _EVENTS),
            brought=_counted(connection, _BROUGHT),
            history=History.read(identities, connection),
        )

    def effects(self, entry: Entry) -> list[int]:
        """Return how often each effect of a request is there: once each, where all is well."""
        effects = [sum(self.traces[identity] > 0 for identity in entry.attempts)]
        if not (entry.is_acknowledged and entry.operation in STEPS):
            return effects + (self.history.effects(entry) if entry.is_acknowledged else [])
        key = case_of(entry)
        for action in actions_of(entry):
            effects += [self.journal[key, action], self.acts[key, f"casework.{action}"]]
            effects.append(self.events[key, _EVENT_OF.get(action, f"casework.{action}")])
        if not _is_left_to_officers(entry):
            effects += [self.brought[key, what] for what in BRINGS.get(entry.operation, ())]
        return effects


def same_again(repeatable: Sequence[tuple[Entry, Callable[[], Answer], bytes]]) -> list[str]:
    """Send acknowledged requests once more under their keys; return those answered otherwise than the first time."""
    wrong = []
    for entry, send, body in repeatable:
        answer = send()
        replayed = {name.lower(): value for name, value in answer.headers.items()}.get("idempotent-replay")
        if (answer.status, answer.body, replayed) != (entry.status, body, "true"):
            wrong.append(f"{entry.operation} {entry.key}: {answer.status}, replayed {replayed}")
    return wrong


def missing_files() -> tuple[int, list[str]]:
    """Return how many documents there are, and those whose file is missing or says something else. Inside Django."""
    from yizhengtong.foundation.documents import storage
    from yizhengtong.foundation.documents.models import Document

    wrong, number = [], 0
    for document in Document.objects.iterator():
        number += 1
        try:
            content = storage.read_content(document.stored_name)
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != document.sha256:
            wrong.append(str(document.pk))
    return number, wrong


def _counted(connection: psycopg.Connection[Any], statement: str) -> Counter[tuple[UUID, str]]:
    return Counter({(key, word): number for key, word, number in connection.execute(statement).fetchall()})


def _one(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
