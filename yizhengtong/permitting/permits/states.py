"""What can happen to a permit: one table (state, action) → what follows, and the source."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models


class PermitState(models.TextChoices):
    """ORDERED: granted, its card is being made. MADE: the card lies ready or is in the post. HELD: handed over.

    SUSPENDED: not endorsed in time, without its functions until it is (国令663 art. 10).
    """

    ORDERED = "ordered"
    MADE = "made"
    HELD = "held"
    SUSPENDED = "suspended"
    LOST = "lost"
    ENDED = "ended"


LIVING = ("ordered", "made", "held", "lost", "suspended")
"""A lost or suspended permit still stands in the way of a second one: it is reissued or converted, which ends it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where an action leads (None: back to where it was), and by which source."""

    to: PermitState | None
    source: str


_ENDORSEMENT = "国令663 art. 10"

STEPS: Mapping[tuple[PermitState, str], Step] = {
    (PermitState.ORDERED, "record_made"): Step(PermitState.MADE, "S1-044"),
    (PermitState.MADE, "hand_over"): Step(PermitState.HELD, "S1-045"),
    (PermitState.ORDERED, "report_loss"): Step(PermitState.LOST, "国办发〔2018〕81号 art. 9"),
    (PermitState.MADE, "report_loss"): Step(PermitState.LOST, "国办发〔2018〕81号 art. 9"),
    (PermitState.HELD, "report_loss"): Step(PermitState.LOST, "国办发〔2018〕81号 art. 9"),
    (PermitState.SUSPENDED, "report_loss"): Step(PermitState.LOST, "国令663 art. 11"),
    (PermitState.LOST, "report_found"): Step(None, "国办发〔2018〕81号 art. 9"),
    **{
        (state, action): Step(to, _ENDORSEMENT)
        for state in (PermitState.ORDERED, PermitState.MADE, PermitState.HELD)
        for action, to in (("endorse", state), ("suspend", PermitState.SUSPENDED))
    },
    (PermitState.SUSPENDED, "restore"): Step(None, _ENDORSEMENT),
    **{
        (state, action): Step(PermitState.ENDED, source)
        for state in PermitState
        if state in LIVING
        for action, source in (
            ("replace", "国办发〔2018〕81号 art. 9"),
            ("void", "国办发〔2018〕81号（作废，条号未见）"),
            ("end_functions", "杭州市流动人口服务管理规定 art. 21"),
            ("convert", "庆政办发〔2023〕43号 附件1"),
        )
    },
}
