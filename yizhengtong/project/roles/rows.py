"""Whose rows are whose, as PostgreSQL's row policies say it for the web's role.

The second line: services and queries ask first, and these stand where one forgets. Every other role that is granted a
table sees all its rows. Expressions are SQL over the table's columns; a reader without one sees nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Expressions = Mapping[str, str]
"""Kind of reader → expression; `*` stands for every reader."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows seen, and those that may be added, changed (locked, too) and left behind by a change: seen if not said."""

    seen: Expressions
    added: Expressions | None = None
    changed: Expressions | None = None
    left: Expressions | None = field(default=None)

    @property
    def policies(self) -> Mapping[str, tuple[str, str]]:
        """Return command → (USING, WITH CHECK), each empty where the command has none."""
        seen = by_reader(self.seen)
        changed = seen if self.changed is None else by_reader(self.changed)
        return {
            "SELECT": (seen, ""),
            "INSERT": ("", seen if self.added is None else by_reader(self.added)),
            "UPDATE": (changed, changed if self.left is None else by_reader(self.left)),
            "DELETE": (changed, ""),
        }


def by_reader(expressions: Expressions) -> str:
    """Return one expression that asks who reads."""
    if set(expressions) <= {"*"}:
        return expressions.get("*", "false")
    cases = " ".join(f"WHEN '{reader}' THEN {expression}" for reader, expression in expressions.items())
    return f"CASE current_setting('yzt.reader', true) {cases} ELSE false END"


ACTOR = "current_setting('yzt.actor', true)"
_OWN = "ANY ((SELECT yzt_persons())::uuid[])"


def of_person(column: str = "person_id") -> Rows:
    """Rows of one person: a resident's own and those acted for; an officer's as far as yzt_oversees says."""
    return Rows({"resident": f"{column} = {_OWN}", "staff": f"yzt_oversees({column})"})


def only_resident(column: str = "person_id") -> Rows:
    """Rows of one person for that person."""
    return Rows({"resident": f"{column} = {_OWN}"})


def with_row_of(table: str, column: str) -> Rows:
    """Rows that belong to a row of another table: seen by who sees that one."""
    return Rows({"*": f"EXISTS (SELECT FROM {table} whole WHERE whole.id = {column})"})


PERSON = Rows(
    {"resident": f"id = {_OWN}", "staff": "yzt_oversees(id)", "partner": "yzt_was_asked(id)"},
    added={"resident": f"account_id IS NULL OR account_id::text = {ACTOR}", "staff": "account_id IS NULL"},
    changed={"resident": f"id = {_OWN}", "staff": "yzt_oversees(id)"},
)
REPRESENTATION = Rows(
    {
        "resident": f"representative_id = {_OWN} OR represented_id = {_OWN}",
        "staff": "yzt_oversees(represented_id) OR yzt_oversees(representative_id)",
    },
    added={"resident": f"representative_id = {_OWN} AND represented_id = {_OWN}"},
)
APPLICATION = Rows(
    {
        "resident": f"person_id = {_OWN}",
        "staff": "EXISTS (SELECT FROM casework_case whole WHERE whole.application_id = applications_application.id)",
    }
)
OF_OFFICE = Rows({"staff": "yzt_covers(office_path)"})
CASE = Rows({"resident": f"person_id = {_OWN}", "staff": "yzt_covers(office_path)"})
PERMIT = Rows(
    {
        "resident": f"person_id = {_OWN}",
        "staff": "yzt_covers(office_path) OR yzt_oversees(person_id)",
        "partner": "number_index = decode(current_setting('yzt.asked', true), 'hex')",
    },
    changed={"resident": f"person_id = {_OWN}", "staff": "yzt_covers(office_path) OR yzt_oversees(person_id)"},
)
CHECK = Rows(
    {"resident": f"person_id = {_OWN}", "partner": f"relying_party_id::text = {ACTOR}"},
    added={"partner": f"relying_party_id::text = {ACTOR}"},
    changed={},
)
_AT_THE_TOP = "current_setting('yzt.office', true) <> '' AND strpos(current_setting('yzt.office', true), '.') = 0"
_OF_AREA = (
    "EXISTS (SELECT FROM accounts_office acting WHERE acting.id = audit_entry.office_id AND yzt_covers(acting.path))"
)
AUDIT = Rows(
    {"resident": f"person_id = {_OWN}", "staff": f"actor_id::text = {ACTOR} OR {_AT_THE_TOP} OR {_OF_AREA}"},
    added={"*": f"actor_id IS NULL OR actor_id::text = {ACTOR}"},
    changed={},
)
MINOR_APPROVAL = Rows(
    {"resident": f"person_id = {_OWN}", "staff": "yzt_oversees(person_id)"},
    added={"resident": f"person_id = {_OWN} AND officer_id IS NULL", "staff": "yzt_oversees(person_id)"},
    changed={"staff": "yzt_oversees(person_id)"},
)
CONSENT = Rows(
    {"resident": f"person_id = {_OWN}", "staff": "yzt_oversees(person_id)", "partner": "yzt_was_asked(person_id)"},
    added={"resident": f"person_id = {_OWN}"},
    changed={},
)
OBJECTION = Rows(
    {
        "resident": f"person_id = {_OWN}",
        "staff": f"yzt_covers(office_path) OR office_path = '' AND {_AT_THE_TOP}",
    },
    added={"resident": f"person_id = {_OWN}"},
    changed={"staff": f"yzt_covers(office_path) OR office_path = '' AND {_AT_THE_TOP}"},
)
CORRECTION = Rows(
    {"resident": f"person_id = {_OWN}", "staff": "yzt_covers(office_path)"},
    added={"resident": f"person_id = {_OWN}"},
    changed={"staff": "yzt_covers(office_path)"},
)
BREACH = Rows({"staff": _AT_THE_TOP}, added={"staff": "true"})
"""The register is the deployment's; whoever finds one may write it down."""
ANSWER = Rows({"*": f"caller = current_setting('yzt.reader', true) || ':' || {ACTOR}"})
PHONE = Rows({"*": f"account_id::text = {ACTOR}"})
HISTORY = Rows({}, added={"*": "pg_trigger_depth() > 0"})
"""Written by the trigger of the table it is the history of, and by nothing else."""
LOCKED = Rows({"*": "true"}, added={}, changed={"*": "true"}, left={})
"""Read and locked, never changed: PostgreSQL gives locks to those alone who could update."""
OPEN = Rows({"*": "true"}, added={}, changed={})
"""Seen by every reader in the columns that are granted: none of them personal."""
