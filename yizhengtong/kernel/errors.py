"""What can go wrong, as values with a stable code.

A code never changes; its words live in the texts.yaml of the room that raises it, in three languages.
`facts` go into the words and into logs: they never hold a name, a number or an address.
An expected refusal of an application is not an error but a Finding (kernel/findings.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: `field` is a path such as `answers.birth_date`."""

    field: str
    code: str
    facts: Mapping[str, object] = dataclass_field(default_factory=dict)


class Problem(Exception):
    """A request that cannot be done. Subclasses say which kind; the web turns kinds into statuses."""

    kind = "invalid"

    def __init__(self, code: str, *, errors: Sequence[FieldError] = (), **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.errors = tuple(errors)
        self.facts = facts


class Invalid(Problem):
    """What was sent is wrong; the same again will be wrong again."""

    kind = "invalid"


class Forbidden(Problem):
    """Known, but this person, role or office may not."""

    kind = "forbidden"


class NotFound(Problem):
    """Nothing here, or nothing this person may know of: the two look the same on purpose."""

    kind = "not_found"


class Conflict(Problem):
    """True when asked alone, but something else stands in the way now."""

    kind = "conflict"


class Stale(Problem):
    """Somebody changed it since it was read; read again, then decide again."""

    kind = "stale"


class TooMany(Problem):
    """Asked too often; right again later. `facts["retry_after_seconds"]` says when."""

    kind = "too_many"
