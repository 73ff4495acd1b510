"""Judging migrations: may this one run while the last release's code works on the tables, and in short locks?

A migration that takes something away is a contract step: it says `contract = True` and waits for `yzt migrate
--contract`, when no old code runs any more. A fault that a person has weighed is taken by
`accepted = {"code": "why"}` in the migration.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ModelState, ProjectState

from yizhengtong.project.upgrades.fields import faults_of_added, faults_of_altered
from yizhengtong.project.upgrades.released import APPS, BIG_TABLES, MIGRATIONS

_TAKES_AWAY = (ops.RemoveField, ops.DeleteModel, ops.RenameField, ops.RenameModel, ops.AlterModelTable)
_OUR_PACKAGE = "yizhengtong."
MEANINGS = {
    "takes_away": "removes or renames what old code uses: a contract step, with `contract = True`",
    "not_null": "old code leaves this column empty: allow null, or give it a db_default",
    "default_removed": "old code relies on the column's default",
    "rewrites": "rewrites or scans a big table under a lock: add a new column and fill it in batches",
    "retypes": "changes a column's type: statements that old code has prepared fail: keep it",
    "index_blocks": "makes or drops an index of a big table under a lock: use AddIndexConcurrently",
    "constraint_scans": "checks every row of a big table under a lock: AddConstraintNotValid, then ValidateConstraint",
    "constraint_blocks": "builds an index of a big table under a lock: make a unique index concurrently instead",
    "foreign_key_scans": "checks every row of a big table under a lock: add the column without constraint first",
    "no_way_back": "has no reverse: give reverse_code or reverse_sql, a noop where nothing is to be undone",
    "touches_every_row": "changes rows of a big table in one transaction: do it in batches",
    "several_steps": "several steps without a transaction: where the second fails the first cannot run again",
    "trigger_gap": "without a transaction there is a time without the trigger",
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with one operation of a migration."""

    app: str
    migration: str
    code: str
    what: str

    def __str__(self) -> str:
        return f"{self.app}.{self.migration}: {self.what}: {MEANINGS[self.code]} ({self.code})"


def judge_all(loader: MigrationLoader) -> list[Fault]:
    """Return what is wrong with every migration of ours that is newer than the last release."""
    released = loader.project_state([key for key in sorted(MIGRATIONS) if key in loader.graph.nodes])
    faults: list[Fault] = []
    for key, migration in sorted(loader.disk_migrations.items()):
        if key not in MIGRATIONS and is_ours(migration):
            faults += judge(migration, loader.project_state(key, at_end=False), released)
    return faults


def is_ours(migration: Migration) -> bool:
    """Whether a migration belongs to the platform and not to a library."""
    return type(migration).__module__.startswith(_OUR_PACKAGE) or migration.app_label in APPS


def takes_away(migration: Migration) -> bool:
    """Whether a migration is a contract step, by its own word or by what it does."""
    if getattr(migration, "contract", False):
        return True
    return any(_is_removal(operation) for operation in _flat(migration.operations))


def judge(migration: Migration, before: ProjectState, released: ProjectState) -> list[Fault]:
    """Return what is wrong with one migration, given the models before it and those of the last release."""
    judged = _Judged(migration, released)
    accepted = getattr(migration, "accepted", {})
    found = [*_whole(migration)]
    state = before.clone()
    for operation in migration.operations:
        earlier = state.clone()
        operation.state_forwards(migration.app_label, state)
        for part in _flat([operation]):
            found += [(code, part.describe()) for code in judged.faults(part, earlier, state)]
    return [Fault(migration.app_label, migration.name, code, what) for code, what in found if not accepted.get(code)]


def _whole(migration: Migration) -> Iterator[tuple[str, str]]:
    if not migration.atomic and len(list(_flat(migration.operations))) > 1:
        yield "several_steps", "atomic = False"


def _flat(operations: Iterable[Any]) -> Iterator[Any]:
    """Yield what reaches the database."""
    for operation in operations:
        if isinstance(operation, ops.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _is_removal(operation: Any) -> bool:
    if isinstance(operation, ops.RunSQL):
        return any(_DROPS.search(text) for text in _texts(operation.sql))
    return isinstance(operation, _TAKES_AWAY)


class _Judged:
    """One migration and what the last release left."""

    def __init__(self, migration: Migration, released: ProjectState) -> None:
        self._migration, self._released, self._app = migration, released, migration.app_label

    def faults(self, operation: Any, before: ProjectState, after: ProjectState) -> Iterator[str]:
        """Yield the codes of what is wrong with one operation."""
        if isinstance(operation, ops.RunPython):
            yield from ["no_way_back"] * (operation.reverse_code is None)
        elif isinstance(operation, ops.RunSQL):
            yield from self._faults_of_sql(operation)
        elif type(operation).__name__ == "RemoveTrigger" and not self._migration.atomic:
            yield "trigger_gap"
        else:
            yield from self._faults_of_model(operation, before, after)

    def _faults_of_model(self, operation: Any, before: ProjectState, after: ProjectState) -> Iterator[str]:
        name = getattr(operation, "model_name", None) or getattr(operation, "old_name", None) or operation.name
        table = self._released_table(name)
        if table is None:
            return  # no old code knows it
        if _is_removal(operation):
            yield from ["takes_away"] * (not getattr(self._migration, "contract", False))
        is_big = table in BIG_TABLES
        if isinstance(operation, ops.AddField):
            yield from faults_of_added(_field(after, self._app, name, operation.name), is_big=is_big)
        elif isinstance(operation, ops.AlterField):
            was, becomes = (_field(state, self._app, name, operation.name) for state in (before, after))
            yield from faults_of_altered(was, becomes, connection, is_big=is_big)
        elif is_big:
            yield from _faults_of_big(operation)

    def _released_table(self, name: str) -> str | None:
        found: ModelState | None = self._released.models.get((self._app, name.lower()))
        return None if found is None else str(found.options.get("db_table") or f"{self._app}_{name.lower()}")

    def _faults_of_sql(self, operation: Any) -> Iterator[str]:
        if operation.reverse_sql is None:
            yield "no_way_back"
        for text in _texts(operation.sql):
            if _DROPS.search(text) and not getattr(self._migration, "contract", False):
                yield "takes_away"
            for code, pattern in _STATEMENTS.items():
                if any(found.group("table").lower() in BIG_TABLES for found in pattern.finditer(text)):
                    yield code


def _faults_of_big(operation: Any) -> Iterator[str]:
    """Yield what is wrong with an index or a constraint of a big table."""
    if isinstance(
        operation, AddIndexConcurrently | RemoveIndexConcurrently | ValidateConstraint | AddConstraintNotValid
    ):
        return
    if isinstance(operation, ops.AddIndex | ops.RemoveIndex):
        yield "index_blocks"
    if isinstance(operation, ops.AlterUniqueTogether | ops.AlterIndexTogether):
        yield "constraint_blocks"
    if isinstance(operation, ops.AddConstraint):
        is_check = isinstance(operation.constraint, models.CheckConstraint)
        yield "constraint_scans" if is_check else "constraint_blocks"


def _field(state: ProjectState, app: str, model: str, name: str) -> Any:
    return state.apps.get_model(app, model)._meta.get_field(name)


def _texts(sql: Any) -> Iterator[str]:
    """Yield the statements of a RunSQL, comments left out."""
    for each in [sql] if isinstance(sql, str) else sql:
        text = each if isinstance(each, str) else each[0]
        yield re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


_TABLE = r'(?:ONLY\s+)?"?(?P<table>[A-Za-z_0-9]+)"?'
_DROPS = re.compile(
    r"\bDROP\s+(?:TABLE|COLUMN|SCHEMA|TYPE|SEQUENCE)\b|\bRENAME\s+(?:TO|COLUMN|CONSTRAINT)\b|\bTRUNCATE\b",
    re.IGNORECASE,
)
_STATEMENTS = {
    code: re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for code, pattern in {
        "index_blocks": rf"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*?\bON\s+{_TABLE}",
        "constraint_scans": rf"\bALTER\s+TABLE\s+{_TABLE}[^;]*\bADD\s+CONSTRAINT\b(?![^;]*\bNOT\s+VALID\b)",
        "rewrites": rf"\bALTER\s+TABLE\s+{_TABLE}[^;]*\b(?:TYPE\s|SET\s+NOT\s+NULL|SET\s+(?:UN)?LOGGED)",
        "touches_every_row": rf"^\s*(?:UPDATE|DELETE\s+FROM|LOCK\s+TABLE|LOCK)\s+{_TABLE}",
    }.items()
}
