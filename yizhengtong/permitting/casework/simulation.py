"""A draft of the law on the archive: whose decisions would come out otherwise, counted, with examples.

Every decision kept what it rested on (`Decision.facts`). Here those facts meet another library of packs. Nothing is
written, and nothing of a person leaves the loop: counts, and keys of cases as examples.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from pydantic_core import from_json

from yizhengtong.foundation.vault.envelope import Place, open_envelope
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.casework.rules import decide

GRANTED, REFUSED, OPEN, NO_LAW = "granted", "refused", "open", "no_law"
"""How a decision comes out. OPEN: nothing is unmet, but an officer would have to say something that nobody was asked.
NO_LAW: the draft has no such item there on that day, or lacks a key that its rules ask for."""

EXAMPLES_KEPT = 3
_BATCH = 2_000
_TABLE = "casework_decision"

Group = tuple[str, str, str, str]
"""Item, key of the office, outcome before, outcome under the draft."""
Codes = frozenset[str]
Row = tuple[Any, ...]


@dataclass(slots=True)
class Tally:
    """What came out: decisions looked at, those the draft leaves alone, changes by group, their reasons, examples.

    `untouched`: the law of their place and day is the same text for text, so that nothing was to be computed.
    """

    looked_at: int = 0
    untouched: int = 0
    changes: Counter[Group] = field(default_factory=Counter)
    reasons: Counter[tuple[str, ...]] = field(default_factory=Counter)
    examples: dict[Group, list[str]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return self.changes.total()

    def note(self, group: Group, codes: Iterable[str], case_id: UUID) -> None:
        """Count one decision that would change, under each of its reasons."""
        self.changes[group] += 1
        for code in codes:
            self.reasons[*group, code] += 1
        kept = self.examples.setdefault(group, [])
        if len(kept) < EXAMPLES_KEPT:
            kept.append(str(case_id))

    def add(self, other: "Tally") -> None:
        """Take in what another part of the archive gave."""
        self.looked_at += other.looked_at
        self.untouched += other.untouched
        self.changes += other.changes
        self.reasons += other.reasons
        for group, cases in other.examples.items():
            self.examples[group] = (self.examples.get(group, []) + cases)[:EXAMPLES_KEPT]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, in a fixed order."""
        return {
            "looked_at": self.looked_at,
            "untouched": self.untouched,
            "changes": [[*group, count] for group, count in sorted(self.changes.items())],
            "reasons": [[*key, count] for key, count in sorted(self.reasons.items())],
            "examples": [[*group, cases] for group, cases in sorted(self.examples.items())],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Tally":
        """Return what `to_json` gave."""
        return cls(
            stored["looked_at"],
            stored["untouched"],
            Counter({tuple(row[:4]): row[4] for row in stored["changes"]}),
            Counter({tuple(row[:5]): row[5] for row in stored["reasons"]}),
            {tuple(row[:4]): row[4] for row in stored["examples"]},
        )


def outcome_of(facts: Facts, law: Law | None, item: str, looked_on: date) -> tuple[str, Codes]:
    """Return how facts come out under a law, with the codes of what is unmet, or else open."""
    if law is None or item not in law.items:
        return NO_LAW, frozenset()
    try:
        outcome = decide(facts, law, item, looked_on)
    except (KeyError, AttributeError, TypeError, ValueError):  # a key is missing, or its value is known not to be found
        return NO_LAW, frozenset()
    if outcome.granted:
        return GRANTED, frozenset()
    unmet = outcome.unmet
    return (REFUSED if unmet else OPEN), frozenset(finding.code for finding in unmet or outcome.open)


def simulate(
    library: Library,
    *,
    on: date | None = None,
    after: UUID | None = None,
    until: UUID | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Decide the archive again under `library` and compare with what was decided.

    `on`: as if the law of that day had held at every acceptance; None: the law of each one's own day. `after`, `until`:
    only decisions with keys in (after, until]. `told`: called after each batch with how many are done.
    """
    tally, laws = Tally(), _Laws(library, on)
    for rows in _batches(after, until):
        changes = [change for row in rows if (change := _look_at(row, laws, tally)) is not None]
        offices = _offices_of(changes)
        for each in changes:
            tally.note((each.item, offices[each.case_id], each.before, each.after), each.codes, each.case_id)
        told(tally.looked_at)
    return tally


def parts(count: int) -> list[tuple[UUID | None, UUID | None]]:
    """Return `count` parts of the archive of about the same size, as `after` and `until`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM casework_decision")
        (size,) = cursor.fetchone()
        borders: list[UUID] = []
        for number in range(1, count):
            cursor.execute(_BORDER, [size * number // count])
            borders += [key for (key,) in cursor.fetchall()]
    return list(zip([None, *borders], [*borders, None], strict=True))


_BORDER = "SELECT id FROM casework_decision ORDER BY id OFFSET %s LIMIT 1"
_ROWS = """
    SELECT id, case_id, facts, CASE WHEN granted THEN NULL ELSE findings END, item,
        place, subject, law_on, looked_on, law_hash, granted
    FROM casework_decision WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
"""
"""What was found is fetched only where something was refused: a grant has no reasons to compare."""

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


def _batches(after: UUID | None, until: UUID | None) -> Iterator[Sequence[Row]]:
    """Yield the archive in the order of its keys: each batch begins where the last ended, so that memory does not grow
    with the city and no transaction stays open for minutes."""
    begin = after or _FIRST
    while True:
        connection.ensure_connection()
        # In binary: else each sealed value is written out in hexadecimal and read back, twice its size.
        with connection.connection.cursor(binary=True) as cursor:
            rows = cursor.execute(_ROWS, [begin, until or _LAST, _BATCH]).fetchall()
        if not rows:
            return
        yield rows
        begin = rows[-1][0]


class _Laws:
    """The draft's law of each place, subject and day, looked up once."""

    def __init__(self, library: Library, on: date | None) -> None:
        self.library = library
        self.on = on
        self.known: dict[tuple[str, str, date], Law | None] = {}

    def of(self, place: str, subject: str, day: date) -> Law | None:
        key = (place, subject, self.on or day)
        if key not in self.known:
            try:
                self.known[key] = self.library.law(*key)
            except NotFound:
                self.known[key] = None
        return self.known[key]


@dataclass(frozen=True, slots=True)
class _Change:
    """A decision that would come out otherwise, and by which findings."""

    case_id: UUID
    item: str
    before: str
    after: str
    codes: Codes


def _look_at(row: Row, laws: _Laws, tally: Tally) -> _Change | None:
    key, case_id, sealed, found, item, place, subject, law_on, looked_on, law_hash, granted = row
    tally.looked_at += 1
    law = laws.of(place, subject, law_on)
    if law is not None and laws.on is None and law.hash == law_hash:
        tally.untouched += 1
        return None
    facts = Facts.from_json(from_json(open_envelope(sealed, Place(_TABLE, "facts", str(key)))))
    after, codes = outcome_of(facts, law, item, looked_on)
    if granted:
        return None if after == GRANTED else _Change(case_id, item, GRANTED, after, codes)
    before = _unmet(found, key)
    same = after == REFUSED and codes == before
    return None if same else _Change(case_id, item, REFUSED, after, codes ^ before)


def _offices_of(changes: Sequence[_Change]) -> Mapping[UUID, str]:
    """Return the office that each changed case is at now: one question a batch, and none for what stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFICES, [[each.case_id for each in changes]])
        return dict(cursor.fetchall())


_OFFICES = "SELECT id, office_id::text FROM casework_case WHERE id = ANY(%s)"


def _unmet(sealed: bytes, key: UUID) -> Codes:
    stored = from_json(open_envelope(sealed, Place(_TABLE, "findings", str(key))))
    return frozenset(finding["code"] for finding in stored if finding["met"] is False)
