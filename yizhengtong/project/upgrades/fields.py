"""What a new or changed column does to old code and to a big table."""

from collections.abc import Iterator
from typing import Any

from django.db.models import ForeignKey, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now

_LENGTH = "varchar"
_STABLE = frozenset({"pg_current_xact_id()", "now()", "CURRENT_TIMESTAMP"})


def faults_of_added(field: Any, *, is_big: bool) -> Iterator[str]:
    """Yield the codes of what is wrong with adding a column to a table that old code writes."""
    if field.many_to_many:
        return
    if not field.null and not _has_default(field):
        yield "not_null"
    if not is_big:
        return
    if _has_default(field) and not _is_computed_once(field._db_default_expression):
        yield "rewrites"  # computed for each row that is there
    if _is_constrained(field):
        yield "foreign_key_scans"
    if field.unique or field.db_index:
        yield "index_blocks"


def faults_of_altered(was: Any, becomes: Any, connection: Any, *, is_big: bool) -> Iterator[str]:
    """Yield the codes of what is wrong with changing a column that old code uses."""
    if was.null and not becomes.null:
        yield "not_null"
    if _has_default(was) and not _has_default(becomes) and not becomes.null:
        yield "default_removed"
    before, after = was.db_type(connection), becomes.db_type(connection)
    if before != after:
        yield "retypes"
    if not is_big:
        return
    if not _only_wider(before, after):
        yield "rewrites"
    if (becomes.unique and not was.unique) or (becomes.db_index and not was.db_index):
        yield "index_blocks"
    if _is_constrained(becomes) and not _is_constrained(was):
        yield "foreign_key_scans"


def _only_wider(was: str | None, becomes: str | None) -> bool:
    """Whether rows need not be looked at: the same type, or a text that may be longer."""
    if was == becomes:
        return True
    if not (was or "").startswith(_LENGTH) or becomes is None:
        return False
    return becomes in {"text", _LENGTH} or (becomes.startswith(_LENGTH) and _length(becomes) >= _length(str(was)))


def _length(kind: str) -> int:
    return int(kind.partition("(")[2].rstrip(")") or 0) or 10**9


def _is_computed_once(default: Any) -> bool:
    """Whether PostgreSQL notes a default for all rows at once: a constant, or a function that is not volatile."""
    return isinstance(default, Value | Now) or (isinstance(default, RawSQL) and default.sql in _STABLE)


def _is_constrained(field: Any) -> bool:
    return isinstance(field, ForeignKey) and bool(vars(field)["db_constraint"])


def _has_default(field: Any) -> bool:
    return field.db_default is not NOT_PROVIDED
