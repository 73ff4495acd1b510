"""What stands in the holders' histories: every acknowledged check once, with its entry in the trail and its event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from faults.ledger import Entry
from yizhengtong.kernel.ids import parse_public_id

CHECK, FILE = "check", "check_file"
"""Operations: one check; a file whose every row is a check, of everybody once."""

_CHECKS = """
    SELECT a.request_id, count(*), count(c.id), count(e.id)
    FROM audit_entry a LEFT JOIN checks_check c ON c.id = a.object_id
        LEFT JOIN events_event e ON e.object_id = c.id AND e.kind = 'checks.made'
    WHERE a.object_kind = 'check' AND a.action = 'checks.match' AND a.request_id = ANY(%s) GROUP BY 1
"""
_FILES = """
    SELECT f.id, CASE WHEN f.state = 'done' THEN f.rows ELSE -1 END, f.done, count(c.id), count(DISTINCT c.person_id),
        count(e.id)
    FROM bulk_bulkfile f LEFT JOIN checks_check c ON c.relying_party_id = f.party_id AND c.way = 'bulk'
        LEFT JOIN events_event e ON e.object_id = c.id AND e.kind = 'checks.made'
    GROUP BY f.id
"""
"""Each file of the run is of a party of its own."""
_UNASKED = """
    SELECT count(*) FROM checks_check c JOIN audit_entry a ON a.object_id = c.id AND a.object_kind = 'check'
    WHERE c.way = 'match' AND a.request_id <> ALL(%s)
"""

HALF: Mapping[str, str] = {
    "a check without its entry in the trail": """
        SELECT count(*) FROM checks_check c WHERE NOT EXISTS (
            SELECT FROM audit_entry a WHERE a.object_id = c.id AND a.object_kind = 'check')""",
    "an entry of a check that is in no history": """
        SELECT count(*) FROM audit_entry a WHERE a.object_kind = 'check' AND a.kind = 'read' AND NOT EXISTS (
            SELECT FROM checks_check c WHERE c.id = a.object_id)""",
    "a check without its event": """
        SELECT count(*) FROM checks_check c WHERE NOT EXISTS (
            SELECT FROM events_event e WHERE e.object_id = c.id AND e.kind = 'checks.made')""",
    "a file of checks whose parts do not add up": """
        SELECT count(*) FROM bulk_bulkfile f WHERE f.state = 'done' AND (f.done <> f.rows OR EXISTS (
            SELECT FROM bulk_bulkpart p WHERE p.file_id = f.id AND NOT p.is_done))""",
}
"""What must never be, as statements that count it."""


@dataclass(slots=True)
class History:
    """How often a check is there, by the request that asked for it: entries, rows, events; of files, each row."""

    by_request: Mapping[str, tuple[int, ...]]
    by_file: Mapping[UUID, tuple[int, ...]]
    unasked: int

    @classmethod
    def read(cls, identities: Sequence[str], connection: psycopg.Connection[Any]) -> "History":
        """`identities`: of every request that was ever sent."""
        asked = connection.execute(_CHECKS, [list(identities)]).fetchall()
        files = connection.execute(_FILES).fetchall()
        unasked = connection.execute(_UNASKED, [list(identities)]).fetchone()
        return cls(
            {identity: tuple(counts) for identity, *counts in asked},
            {key: tuple(counts) for key, *counts in files},
            int(unasked[0]) if unasked else 0,
        )

    def effects(self, entry: Entry) -> list[int]:
        """Return how often each effect of an acknowledged check, or of a file's every row, is there: once, or else."""
        if entry.operation == CHECK:
            found = [self.by_request.get(identity, (0, 0, 0)) for identity in entry.attempts]
            return [sum(counts) for counts in zip(*found, strict=True)]
        if entry.operation == FILE:
            rows, *counts = self.by_file.get(parse_public_id("blk", entry.facts["id"]), (-1, 0))
            return [1 if found == rows else 2 if found > rows > 0 else 0 for found in counts]
        return []
