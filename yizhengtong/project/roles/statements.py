"""The table of rights and the row policies as SQL."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from yizhengtong.project.database import PROCESS_ROLES
from yizhengtong.project.roles.tables import TABLES, Table

WEB, WORKER, SEALER, GATEWAY, AUDITOR = PROCESS_ROLES
_RIGHT = re.compile(r"(\w+)(?:\(([^)]*)\))?")


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One privilege of one role on one relation; `column` empty: on the whole of it."""

    relation: str
    role: str
    privilege: str
    column: str = ""

    @property
    def words(self) -> str:
        """Return it as it stands between GRANT and TO."""
        column = f" ({self.column})" if self.column else ""
        kind = "SEQUENCE " if self.privilege == "USAGE" else "TABLE "
        return f"{self.privilege}{column} ON {kind}{self.relation}"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row policy. `digest` tells a policy that was made from these words."""

    table: str
    name: str
    command: str
    role: str
    using: str
    check: str

    @property
    def digest(self) -> str:
        return sha256(repr((self.command, self.role, self.using, self.check)).encode()).hexdigest()[:32]

    @property
    def create(self) -> str:
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return f"CREATE POLICY {self.name} ON {self.table} FOR {self.command} TO {self.role}{using}{check}"


def rights_of(role: str, table: Table) -> Mapping[str, tuple[str, ...]]:
    """Return privilege → columns, none for the whole table."""
    given = {WEB: table.web, WORKER: table.worker, SEALER: table.sealer, AUDITOR: table.auditor}.get(role, "")
    return {
        privilege.upper(): tuple(column.strip() for column in columns.split(",")) if columns else ()
        for privilege, columns in _RIGHT.findall(given)
    }


def table_rights() -> Iterator[Right]:
    """Yield every right on every table."""
    for name, table in TABLES.items():
        for role in PROCESS_ROLES:
            for privilege, columns in rights_of(role, table).items():
                yield from (Right(name, role, privilege, column) for column in columns or ("",))


def policies() -> Iterator[Policy]:
    """Yield every row policy: the web's by reader, and one each for who sees all rows of what they are granted."""
    for name, table in TABLES.items():
        if table.rows is None:
            continue
        granted = rights_of(WEB, table)
        for command, (using, check) in table.rows.policies.items():
            if command in granted:
                yield Policy(name, f"yzt_web_{command.lower()}", command, WEB, using, check)
        for role in (WORKER, SEALER, AUDITOR):
            if rights_of(role, table):
                yield Policy(name, f"{role}_all", "ALL", role, "true", "true")


@cache
def functions() -> str:
    """Return the functions that policies ask, and who may call which."""
    return (Path(__file__).parent / "functions.sql").read_text()


def creation(passwords: Mapping[str, str]) -> Iterator[str]:
    """Yield what a superuser of a real server runs once: the roles, without any right.

    Passwords may be given as verifiers. A role named without one keeps what it has.
    """
    for role in ("yzt_migrator", *PROCESS_ROLES):
        there = f"SELECT FROM pg_roles WHERE rolname = '{role}'"
        yield f"DO $$ BEGIN IF NOT EXISTS ({there}) THEN CREATE ROLE {role}; END IF; END $$"
        password = f" PASSWORD '{passwords[role]}'" if role in passwords else ""
        yield (
            f"ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT{password}"
        )
