"""Query sets compiled once. Django writes the same SQL anew each time, which was a sixth of a request's time."""

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connections, models
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=models.Model)


class Prepared(Generic[M]):
    """A query set of one or more keys. `build` takes placeholders, once; a call takes the keys and asks.

    `build` must put each key into the statement as it stands, and nothing else that changes between two calls.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        self._build = build
        self._compiled: tuple[models.QuerySet[M], Any, str, tuple[Any, ...]] | None = None
        self._converters: dict[int, Any] = {}
        """By column, what makes a field's value of what the database gives."""

    def __call__(self, *keys: UUID) -> models.QuerySet[M]:
        """Return a query set that asks with these keys; it can be iterated, not refined.

        Raises TransactionManagementError where it locks and no transaction is open, as Django does.
        """
        queryset, compiler, sql, template = self._compiled or self._compile(len(keys))
        bound = copy.copy(compiler)
        bound.connection = connections[queryset.db]
        parameters = tuple(keys[value] if isinstance(value, _Place) else value for value in template)
        bound.as_sql = lambda *_args, **_named: _checked(bound, sql, parameters)
        bound.get_converters = lambda _columns: self._converters
        asked = queryset.all()
        asked.query.get_compiler = lambda *_args, **_named: bound  # type: ignore[method-assign]
        return asked

    def first(self, *keys: UUID) -> M | None:
        """Return the only row of these keys, or None."""
        return next(iter(self(*keys)), None)

    def _compile(self, count: int) -> tuple[models.QuerySet[M], Any, str, tuple[Any, ...]]:
        keys = [uuid4() for _ in range(count)]
        queryset = self._build(*keys)
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, parameters = compiler.as_sql()
        places = {key: _Place(position) for position, key in enumerate(keys)}
        template = tuple(places.get(value, value) if isinstance(value, UUID) else value for value in parameters)
        if {value for value in template if isinstance(value, _Place)} != set(places.values()):
            raise ValueError("a key is not in the statement as it stands")
        self._converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        self._compiled = queryset, compiler, sql, template
        return self._compiled


class _Place(int):
    """Where a key stands among the keys of a call."""


def _checked(compiler: Any, sql: str, parameters: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    if compiler.query.select_for_update and compiler.connection.get_autocommit():
        raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
    return sql, parameters
