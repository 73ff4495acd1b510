"""Which paper is missing at the household register, and what comes next, without a database."""

import pytest

from yizhengtong.kernel.findings import Source
from yizhengtong.permitting.settlement.rules import missing_papers, next_steps

NEEDS = ("approval_notice", "settlement_permit")
HOUSEHOLD, CARD = Source("国台办"), Source("居民身份证法", "9")


@pytest.mark.row("S0-T31")
@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        ((), NEEDS),
        (("approval_notice",), ("settlement_permit",)),
        (("settlement_permit",), ("approval_notice",)),
        (NEEDS, ()),
    ],
)
def test_just_the_papers_that_are_missing_are_named(shown: tuple[str, ...], missing: tuple[str, ...]) -> None:
    assert missing_papers(shown, NEEDS) == missing


@pytest.mark.row("S0-T30", "S0-T32")
@pytest.mark.parametrize(("handed", "registered", "count"), [(False, False, 3), (True, False, 2), (True, True, 1)])
def test_the_identity_card_is_always_the_last_step(handed: bool, registered: bool, count: int) -> None:
    steps = next_steps(is_handed_over=handed, is_registered=registered, household=HOUSEHOLD, card=CARD)
    assert len(steps) == count
    assert (steps[-1].code, steps[-1].source) == ("settlement.next_apply_for_identity_card", CARD)
