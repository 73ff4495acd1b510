"""What is worth knowing once a request: small look-ups that many steps of one request repeat."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
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
