"""One weak setting, in the words of its code."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.checks import Error, register

from yizhengtong.foundation.texts import say

TAG = "production"
Check = Callable[[], Iterable[Error]]


def weakness(code: str, **facts: object) -> Error:
    """Return a weak setting: its code never changes, its words say what is wrong and what to do."""
    return Error(say(code, "en", facts), id=code)


def production_check(check: Check) -> Check:
    """Register a check that only production mode runs. It is given nothing and yields what is weak."""

    def run(*_: Any, **__: Any) -> list[Error]:
        return list(check())

    run.__name__ = run.__qualname__ = check.__name__
    register(run, TAG, deploy=True)
    return check
