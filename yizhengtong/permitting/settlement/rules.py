"""Which of the papers for the household register is missing, and what a person does next. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from yizhengtong.kernel.findings import Source

APPROVAL_NOTICE, SETTLEMENT_PERMIT = "approval_notice", "settlement_permit"
SHOWABLE = ("made", "held")
"""States of a permit whose card somebody can have in the hand; one that is lost or void is as good as not shown."""


def missing_papers(shown: Collection[str], needs: Sequence[str]) -> tuple[str, ...]:
    """S0-T31 持《批准定居通知书》和《台湾居民定居证》: return just those that are not shown, in the law's order."""
    return tuple(paper for paper in needs if paper not in shown)


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing the person does next, in words and by which law."""

    code: str
    source: Source


def next_steps(*, is_handed_over: bool, is_registered: bool, household: Source, card: Source) -> tuple[NextStep, ...]:
    """S0-T30, S0-T31, S0-T32: collect both papers, register the household, apply for the identity card."""
    steps = (
        NextStep("settlement.next_collect", household),
        NextStep("settlement.next_register_household", household),
        NextStep("settlement.next_apply_for_identity_card", card),
    )
    if is_registered:
        return steps[-1:]
    return steps[1:] if is_handed_over else steps
