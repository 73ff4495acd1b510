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
_KNOWN = "current_setting('yzt.known', true)"
_OFFICE = "current_setting('yzt.office', true)"
# Written out, and no functions of SQL: those PostgreSQL would parse anew whenever it plans a statement.


def _asked(column: str, otherwise: str) -> str:
    """What this reader's functions said yes to before, in the same request, is not asked again."""
    return f"starts_with({_KNOWN}, {ACTOR} || ' ') AND strpos({_KNOWN}, {column}::text) > 0 OR {otherwise}"


def _own(column: str) -> str:
    return _asked(column, f"{column} = ANY (yzt_persons())")


def _overseen(column: str) -> str:
    return _asked(column, f"yzt_oversees({column})")


def _covered(column: str = "office_path") -> str:
    """An officer's office and all below it: paths hold the codes from the root."""
    return f"{_OFFICE} <> '' AND starts_with({column} || '.', {_OFFICE} || '.')"


def of_person(column: str = "person_id") -> Rows:
    """Rows of one person: a resident's own and those acted for; an officer's as far as yzt_oversees says."""
    return Rows({"resident": _own(column), "staff": _overseen(column)})


def only_resident(column: str = "person_id") -> Rows:
    """Rows of one person for that person."""
    return Rows({"resident": _own(column)})


def of_case(column: str = "case_id") -> Rows:
    """Rows that belong to a case: seen by who sees that one."""
    return Rows({"*": _asked(column, f"yzt_sees_case({column})")})


def of_application(column: str = "application_id") -> Rows:
    """Rows that belong to an application: seen by who sees that one."""
    return Rows({"*": _asked(column, f"yzt_sees_application({column})")})


def with_row_of(table: str, column: str) -> Rows:
    """Rows that belong to a row of another table: seen by who sees that one."""
    return Rows({"*": f"EXISTS (SELECT FROM {table} whole WHERE whole.id = {column})"})


REPORTER = Rows(
    {"reporter": f"account_id::text = {ACTOR}", "staff": _covered()},
    added={"resident": f"account_id::text = {ACTOR}"},
    left={"staff": _covered()},
)
REPORT = Rows(
    {
        "reporter": "EXISTS (SELECT FROM residence_reporter own WHERE own.id = reporter_id)",
        "resident": _own("person_id"),
        "staff": _covered(),
    },
    added={"reporter": "person_id IS NULL AND EXISTS (SELECT FROM residence_reporter own WHERE own.id = reporter_id)"},
    changed={"resident": _own("person_id"), "staff": _covered()},
)
"""What somebody reported; a person's once it is found out whose it is."""
PERSON = Rows(
    {"resident": _own("id"), "staff": _overseen("id"), "partner": "yzt_was_asked(id)"},
    added={"resident": f"account_id IS NULL OR account_id::text = {ACTOR}", "staff": "account_id IS NULL"},
    changed={"resident": _own("id"), "staff": _overseen("id")},
)
REPRESENTATION = Rows(
    {
        "resident": f"{_own('representative_id')} OR {_own('represented_id')}",
        "staff": f"{_overseen('represented_id')} OR {_overseen('representative_id')}",
    },
    added={"resident": f"({_own('representative_id')}) AND ({_own('represented_id')})"},
)
APPLICATION = Rows(
    {
        "resident": _own("person_id"),
        "staff": _asked("id", "yzt_sees_application(id)"),
    }
)
OF_OFFICE = Rows({"staff": _covered()})
CASE = Rows({"resident": _own("person_id"), "staff": _covered()})
PERMIT = Rows(
    {
        "resident": _own("person_id"),
        "staff": f"{_covered()} OR {_overseen('person_id')}",
        "partner": "number_index = decode(current_setting('yzt.asked', true), 'hex')",
    },
    changed={"resident": _own("person_id"), "staff": f"{_covered()} OR {_overseen('person_id')}"},
)
APPROVAL_NOTICE = Rows(
    {
        "resident": _own("person_id"),
        "staff": "EXISTS (SELECT FROM casework_case whole WHERE whole.id = case_id) OR EXISTS ("
        "SELECT FROM accounts_office acting WHERE acting.path = current_setting('yzt.office', true)"
        " AND acting.region = settlement_approvalnotice.region)",
    },
    added={"staff": "EXISTS (SELECT FROM casework_case whole WHERE whole.id = case_id)"},
    changed={},
)
"""The office that approved, and the household register of the county that is settled in."""
CHECK = Rows(
    {"resident": _own("person_id"), "partner": f"relying_party_id::text = {ACTOR}"},
    added={"partner": f"relying_party_id::text = {ACTOR}"},
    changed={},
)
_AT_THE_TOP = "current_setting('yzt.office', true) <> '' AND strpos(current_setting('yzt.office', true), '.') = 0"
_OF_AREA = (
    f"EXISTS (SELECT FROM accounts_office acting WHERE acting.id = audit_entry.office_id AND {_covered('acting.path')})"
)
AUDIT = Rows(
    {"resident": _own("person_id"), "staff": f"actor_id::text = {ACTOR} OR {_AT_THE_TOP} OR {_OF_AREA}"},
    added={"*": f"actor_id IS NULL OR actor_id::text = {ACTOR}"},
    changed={},
)
MINOR_APPROVAL = Rows(
    {"resident": _own("person_id"), "staff": _overseen("person_id")},
    added={"resident": f"({_own('person_id')}) AND officer_id IS NULL", "staff": _overseen("person_id")},
    changed={"staff": _overseen("person_id")},
)
CONSENT = Rows(
    {"resident": _own("person_id"), "staff": _overseen("person_id"), "partner": "yzt_was_asked(person_id)"},
    added={"resident": _own("person_id")},
    changed={},
)
OBJECTION = Rows(
    {
        "resident": _own("person_id"),
        "staff": f"{_covered()} OR office_path = '' AND {_AT_THE_TOP}",
    },
    added={"resident": _own("person_id")},
    changed={"staff": f"{_covered()} OR office_path = '' AND {_AT_THE_TOP}"},
)
CORRECTION = Rows(
    {"resident": _own("person_id"), "staff": _covered()},
    added={"resident": _own("person_id")},
    changed={"staff": _covered()},
)
BREACH = Rows({"staff": _AT_THE_TOP}, added={"staff": "true"})
"""The register is the deployment's; whoever finds one may write it down."""
PUSH = Rows({"staff": f"{_AT_THE_TOP} OR {_overseen('person_id')}"}, added={}, changed={"staff": _AT_THE_TOP})
"""Looked after by the office above all others; who decides a case sees when its permit was acknowledged (S4-15)."""
ANSWER = Rows({"*": f"caller = current_setting('yzt.reader', true) || ':' || {ACTOR}"})
PHONE = Rows({"*": f"account_id::text = {ACTOR}"})
HISTORY = Rows({}, added={"*": "pg_trigger_depth() > 0"})
"""Written by the trigger of the table it is the history of, and by nothing else."""
LOCKED = Rows({"*": "true"}, added={}, changed={"*": "true"}, left={})
"""Read and locked, never changed: PostgreSQL gives locks to those alone who could update."""
ANSWERING = Rows({"*": "true"}, added={"staff": _covered()}, changed={"staff": "yzt_covers(office_path)"})
"""Who answers for a rule of the system anybody may know; the area's own officers name them."""
OPEN = Rows({"*": "true"}, added={}, changed={})
"""Seen by every reader in the columns that are granted: none of them personal."""
