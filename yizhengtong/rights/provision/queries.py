"""Both ends of a term: when a case was decided, and when each destination acknowledged the permit (S4-14, S4-15).

Whether the push belongs to the working days of the term is not said by any source (I): both are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yizhengtong.foundation.exchange.models import Push
from yizhengtong.foundation.exchange.queries import newest
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit

ISSUED = "permits.issued"


@dataclass(frozen=True, slots=True)
class Ends:
    """One permit on its way to one destination. Days are legal days; None: not yet, or no case, or no term."""

    push: Push
    item: str | None
    accepted_on: date | None
    due_on: date | None
    decided_on: date | None

    @property
    def decided_in_time(self) -> bool | None:
        """Whether the decision fell into the term; None: no term, or no case."""
        return None if self.due_on is None or self.decided_on is None else self.decided_on <= self.due_on

    @property
    def acknowledged_in_time(self) -> bool | None:
        """Whether the acknowledgement did too; None: no term, or not acknowledged and the term still runs."""
        return None if self.due_on is None else _is_by(self.push.acknowledged_at, self.due_on)


def _is_by(at: datetime | None, due_on: date) -> bool | None:
    return None if at is None else legal_day(at) <= due_on


def ends_of_issues(*, destination: str = "", before: int | None = None, limit: int) -> list[Ends]:
    """Return the newest pushes of issued permits with their cases. Three statements."""
    pushes = list(newest(kind=ISSUED, destination=destination, before=before)[:limit])
    return ends_of(pushes)


def ends_of(pushes: Sequence[Push]) -> list[Ends]:
    """Return pushes about permits with the cases that granted them."""
    granted = Permit.objects.filter(pk__in=[push.object_id for push in pushes], case_id__isnull=False)
    of_permits = {key: case_id for key, case_id in granted.values_list("pk", "case_id") if case_id}
    columns = ("item", "accepted_on", "due_on", "decided_on")
    cases = {case.pk: case for case in Case.objects.filter(pk__in=list(of_permits.values())).only(*columns)}
    by_permit = {key: cases[case_id] for key, case_id in of_permits.items() if case_id in cases}
    return [_ends(push, by_permit.get(push.object_id)) for push in pushes]


def _ends(push: Push, case: Case | None) -> Ends:
    if case is None:
        return Ends(push, None, None, None, None)
    return Ends(push, case.item, case.accepted_on, case.due_on, case.decided_on)
