"""Kinds of permits, which of them are one permit in several forms, and which law speaks of them.

Three forms of the Zhejiang residence permit are one family: a conversion leaves one of them (S4-24).
"""

from collections.abc import Mapping

HMT = "hmt"
SETTLEMENT = "settlement"
ZHEJIANG_PAPER, ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC = "zhejiang_paper", "zhejiang_card", "zhejiang_digital"
ZHEJIANG = (ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC, ZHEJIANG_PAPER)

ELECTRONIC = "online"
"""The delivery of a permit that is no card: nothing is made or handed over."""

_SUBJECTS: Mapping[str, str] = {HMT: "hmt", SETTLEMENT: "settlement", **dict.fromkeys(ZHEJIANG, "floating")}


def family_of(kind: str) -> tuple[str, ...]:
    """Return the kinds that are the same permit in another form, the kind itself among them."""
    return ZHEJIANG if kind in ZHEJIANG else (kind,)


def subject_of(kind: str) -> str:
    """Return the subject of the law that speaks of a kind of permit."""
    return _SUBJECTS.get(kind, kind)
