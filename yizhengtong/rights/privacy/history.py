"""Who looked at one's data and who did something with them, put together for the person: from the audit trail.

An officer is shown by office, role and a word that is the same each time for this person, never by name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from yizhengtong.foundation.accounts.models import Office, StaffMember
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.texts import knows
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.foundation.yaml_files import read_yaml

_OTHER = {Entry.Kind.READ: "read", Entry.Kind.ACT: "act"}
_PSEUDONYM_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer as a resident sees one."""

    office: str
    roles: tuple[str, ...]
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history: an entry, or several of one's own that follow each other (`count`, back to `since`).

    `who`: you, acting_for_you, staff, partner or system. `what`, `purpose`: codes with words.
    """

    entry: Entry
    who: str
    what: str
    purpose: str
    count: int
    since: datetime
    officer: Officer | None = None

    @property
    def can_be_doubted(self) -> bool:
        return self.who != "you"


def lines_of(entries: Sequence[Entry], *, person_id: UUID, own_accounts: Collection[UUID]) -> list[Line]:
    """Return the lines of a page of entries, newest first. `own_accounts`: the reader's, and the person's."""
    officers = _officers(entries, person_id)
    lines: list[Line] = []
    for entry in entries:
        line = _line(entry, own_accounts, officers)
        if lines and _belong_together(lines[-1], line):
            last = lines.pop()
            what = last.what if last.what == line.what else "privacy.did_read"
            line = Line(last.entry, "you", what, last.purpose, last.count + 1, entry.at)
        lines.append(line)
    return lines


def pseudonym_of(officer_id: UUID, person_id: UUID) -> str:
    """Return what stands for an officer before one person: others see another word for the same officer."""
    return blind_index("privacy.officer", f"{person_id}:{officer_id}").hex()[:_PSEUDONYM_DIGITS].upper()


def what_of(action: str, kind: str) -> str:
    """Return the code of the words for an action; those the table does not name are read or done in general."""
    return f"privacy.did_{groups().get(action) or _OTHER.get(Entry.Kind(kind), 'act')}"


@cache
def groups() -> Mapping[str, str]:
    """Return action → group of words, from actions.yaml."""
    table: Mapping[str, Sequence[str]] = read_yaml(Path(__file__).with_name("actions.yaml"))
    return {action: group for group, actions in table.items() for action in actions}


def _line(entry: Entry, own_accounts: Collection[UUID], officers: Mapping[UUID, Officer]) -> Line:
    is_own = entry.actor_kind == PrincipalKind.RESIDENT and entry.actor_id in own_accounts
    who = "you" if is_own else "acting_for_you" if entry.actor_kind == PrincipalKind.RESIDENT else entry.actor_kind
    purpose = f"privacy.purpose_{entry.purpose.replace(' ', '_').replace('.', '_')}"
    return Line(
        entry=entry,
        who=who,
        what=what_of(entry.action, entry.kind),
        purpose=purpose if knows(purpose) else "",
        count=1,
        since=entry.at,
        officer=officers.get(entry.actor_id) if entry.actor_id and who == PrincipalKind.STAFF else None,
    )


def _belong_together(newer: Line, older: Line) -> bool:
    return newer.who == older.who == "you" and newer.entry.kind == older.entry.kind == Entry.Kind.READ


def _officers(entries: Sequence[Entry], person_id: UUID) -> Mapping[UUID, Officer]:
    keys = {entry.actor_id for entry in entries if entry.actor_kind == PrincipalKind.STAFF and entry.actor_id}
    if not keys:
        return {}
    at = {entry.actor_id: entry.office_id for entry in reversed(entries)}
    known = [office_id for office_id in at.values() if office_id is not None]
    offices = dict(Office.objects.filter(pk__in=known).values_list("pk", "name"))
    roles = dict(StaffMember.objects.filter(account_id__in=keys).values_list("account_id", "roles"))
    return {
        key: Officer(offices.get(at[key] or key, ""), tuple(roles.get(key, ())), pseudonym_of(key, person_id))
        for key in keys
    }
