"""What registers confirmed of applications, asked for where decisions are made.

Whoever keeps the confirmations says so with `answer_from`; until then no register has said anything.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from yizhengtong.permitting.applications.facts import Confirmed
from yizhengtong.permitting.applications.models import Application

Confirmations = Mapping[UUID, Mapping[str, Confirmed]]
"""By application, by kind of proof."""

_source: Callable[[Sequence[Application]], Confirmations] | None = None


def answer_from(source: Callable[[Sequence[Application]], Confirmations] | None) -> None:
    """Have `source` asked from now on, once for all applications at hand; None: nobody."""
    global _source  # noqa: PLW0603 one source a process, named when the apps are ready
    _source = source


def confirmed_facts(applications: Sequence[Application]) -> Confirmations:
    """Return what registers confirmed. An application may not be saved yet: its person, place and claims are."""
    return _source(applications) if _source is not None else {}
