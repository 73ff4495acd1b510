"""What can happen to a case: one table (state, action) → who, what follows, and the source.

Buttons, policies and docs/states.md come from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import models

from yizhengtong.foundation.accounts.roles import Role


class CaseState(models.TextChoices):
    """Few states; what else is true of a case (a supplement is awaited, a deadline is provisional) is a flag."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    MADE = "made"
    COMPLETED = "completed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = ("received", "accepted", "reviewed", "approved", "made")
UNDECIDED = ("received", "accepted", "reviewed")
RUNNING = ("accepted", "reviewed")
"""States in which a limit of the law runs."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table. `role` None: the applicant, or the platform itself where `is_by_platform`.

    `opinion`: the officer signs as this one of the three. `or_rule`: where the pack lets it, a named rule of the system
    may give the opinion in the officer's place. `event`: what others are told; empty: the action's own name.
    """

    to: CaseState
    role: Role | None
    source: str
    opinion: str = ""
    is_by_platform: bool = False
    or_rule: bool = False
    event: str = ""


S = CaseState
_TOLD = {
    "accept": "cases.accepted",
    "request_supplement": "cases.supplement_requested",
    "approve": "cases.approved",
    "refuse": "cases.refused",
    "withdraw": "cases.withdrawn",
}
"""What the applicant and other systems are told of; the rest is the office's own."""

STEPS: Mapping[tuple[CaseState, str], Step] = {
    (state, action): replace(step, event=_TOLD.get(action, f"casework.{action}"))
    for (state, action), step in {
        (S.RECEIVED, "accept"): Step(
            S.ACCEPTED, Role.CLERK, "国办发〔2018〕81号 art. 8; S3-31; S4-13; S4-26", "accepted_by", or_rule=True
        ),
        (S.RECEIVED, "request_supplement"): Step(S.RECEIVED, Role.CLERK, "国令663 art. 9; S4-17"),
        (S.ACCEPTED, "request_supplement"): Step(S.ACCEPTED, Role.REVIEWER, "国令663 art. 9; S4-17"),
        (S.ACCEPTED, "review"): Step(S.REVIEWED, Role.REVIEWER, "S4-13; S4-26", "reviewed_by", or_rule=True),
        (S.REVIEWED, "send_back"): Step(S.ACCEPTED, Role.APPROVER, "S4-26"),
        (S.REVIEWED, "approve"): Step(
            S.APPROVED, Role.APPROVER, "国办发〔2018〕81号 art. 10; S4-13; S4-26", "approved_by", or_rule=True
        ),
        (S.REVIEWED, "refuse"): Step(S.REFUSED, Role.APPROVER, "S3-33; S4-17; S4-26", "approved_by"),
        (S.APPROVED, "record_made"): Step(S.MADE, Role.CLERK, "S1-044"),
        (S.MADE, "hand_over"): Step(S.COMPLETED, Role.CLERK, "S1-045"),
        (S.APPROVED, "complete"): Step(S.COMPLETED, None, "国令663 art. 10; S4-13", is_by_platform=True),
        (S.APPROVED, "close"): Step(S.COMPLETED, None, "国办发〔2018〕81号 art. 9", is_by_platform=True),
        (S.MADE, "close"): Step(S.COMPLETED, None, "国办发〔2018〕81号 art. 9", is_by_platform=True),
        (S.RECEIVED, "withdraw"): Step(S.WITHDRAWN, None, "S0-T10"),
        (S.ACCEPTED, "withdraw"): Step(S.WITHDRAWN, None, "S0-T10"),
        (S.REVIEWED, "withdraw"): Step(S.WITHDRAWN, None, "S0-T10"),
    }.items()
}
"""`complete`: nothing is made for an endorsement or an electronic permit, so its approval is its end."""
