"""One transaction a use-case, and one around a whole request where the request is to happen once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")
_is_one_whole: ContextVar[bool] = ContextVar("is_one_whole", default=False)


@contextmanager
def whole_request() -> Iterator[None]:
    """Open a transaction around everything a request does; whoever opens it undoes it all when the request fails."""
    token = _is_one_whole.set(True)
    try:
        with transaction.atomic():
            yield
    finally:
        _is_one_whole.reset(token)


def together() -> AbstractContextManager[None]:
    """Open a block of which all happens, or nothing.

    A failing one leaves its caller's transaction usable, by a savepoint; not within `whole_request`, which a failure
    undoes anyway: there savepoints were a third of all statements.
    """
    return cast(AbstractContextManager[None], transaction.atomic(savepoint=not _is_one_whole.get()))


def use_case(service: Callable[P, R]) -> Callable[P, R]:
    """Make a service atomic: its whole is done `together`."""

    @wraps(service)
    def atomic(*args: P.args, **named: P.kwargs) -> R:
        with together():
            return service(*args, **named)

    return atomic
