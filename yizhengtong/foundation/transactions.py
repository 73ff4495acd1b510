"""One transaction a use-case."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from yizhengtong.foundation.scope import is_within_request

P = ParamSpec("P")
R = TypeVar("R")


def use_case(service: Callable[P, R]) -> Callable[P, R]:
    """Make a service atomic: all of it happens, or nothing.

    Called from a script or another service, a failing one leaves its caller's transaction usable. Within a request it
    sets no savepoint of its own: there a failure undoes the whole request anyway (foundation.web.idempotency), and
    savepoints were a third of all statements.
    """

    @wraps(service)
    def atomic(*args: P.args, **named: P.kwargs) -> R:
        with transaction.atomic(savepoint=not is_within_request()):
            return service(*args, **named)

    return atomic
