"""What is worth knowing once a request: small look-ups that many steps of one request repeat."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
_asked_along: dict[str, str] = {}
_kept: ContextVar[dict[str, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def request_scope() -> Iterator[None]:
    """Keep what is looked up inside until the request ends."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once_a_request(key: str, look_up: Callable[[], T]) -> T:
    """Return what `look_up` gives, asked once a request; outside of one, asked each time."""
    kept = _kept.get()
    if kept is None:
        return look_up()
    if key not in kept:
        kept[key] = look_up()
    return cast(T, kept[key])


def ask_along(key: str, query: str) -> None:
    """Have the statement that finds out who asks also ask this, and keep it under `key` as `once_a_request` does.

    For what nearly every request looks up. `query` gives one column of one row at most, and takes no parameters.
    """
    _asked_along[key] = query


def asked_along() -> dict[str, str]:
    """Return the queries of `ask_along` by their keys, in the order in which they were named."""
    return dict(_asked_along)


def keep_for_request(key: str, value: object) -> None:
    """Keep what was found out until the request ends; outside of one, nothing is kept."""
    kept = _kept.get()
    if kept is not None:
        kept[key] = value


def forget_for_request(key: str) -> None:
    """Look up anew what this request has just changed."""
    (_kept.get() or {}).pop(key, None)
