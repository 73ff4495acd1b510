"""The law of places in Zhejiang, and frozen facts that meet everything there; each test changes what it is about."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.support.law import TODAY, library
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, ProofDetails
from yizhengtong.registry.residence.rules import Stay

RUIAN, QINGYUAN, YUEQING = "330381", "331126", "330382"
SHANGCHENG, XIHU, CHUNAN = "330102", "330106", "330127"
"""Two districts of Hangzhou, and a county of it."""

NANCHONG = "511302"
ADULT = date(1990, 5, 6)
LONG_AGO = date(2026, 1, 1)

_COMPLETE = Facts(
    region="CN",
    birth_date=ADULT,
    place=RUIAN,
    hukou_region=NANCHONG,
    stays=(Stay(RUIAN, LONG_AGO, declared_on=LONG_AGO),),
    claims=("employment",),
    applies_of_own_will=True,
    declares_true=True,
    photo="captured",
    evidence={"identity": ("identity_card",), "employment_proof": ("labour_contract",)},
    proof_details={"labour_contract": ProofDetails(since=LONG_AGO, until=date(2027, 1, 1))},
)


def law_in(place: str, on: date = TODAY) -> Law:
    """Return the law of the Zhejiang permit at a place on a day."""
    return library().law(place, "floating", on)


def facts_of_first_issue(**changes: Any) -> Facts:
    """Return the facts of a first issue in Rui'an that is granted on TODAY, with changes."""
    return replace(_COMPLETE, **changes)


def card(**changes: Any) -> HeldPermit:
    """Return a card of Rui'an issued on 2025-10-01 and to be endorsed by 2026-09-30."""
    held = HeldPermit(
        "held",
        None,
        RUIAN,
        kind="zhejiang_card",
        issued_on=date(2025, 10, 1),
        endorsed_until=date(2026, 9, 30),
        years_count_from=date(2025, 10, 1),
    )
    return replace(held, **changes)


def facts_of_endorsement(**changes: Any) -> Facts:
    """Return the facts of an endorsement in Rui'an, asked for in its window."""
    return facts_of_first_issue(**{"permit": card(), "permits": (card(),), "asked_on": TODAY, **changes})


def facts_of_conversion(**changes: Any) -> Facts:
    """Return the facts of a conversion in Qingyuan of a card of Rui'an, asked for online; both types are met."""
    asked = {
        "place": QINGYUAN,
        "channel": "online",
        "promises": True,
        "acknowledges_cancellation": True,
        "permits": (card(),),
    }
    return facts_of_first_issue(**{**asked, **changes})
