"""Frozen facts of an application that meets everything; each test changes what it is about."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.support.law import LIXIA, TODAY
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, TravelDocument
from yizhengtong.registry.residence.rules import Stay

ADULT = date(1994, 8, 23)
HALF_A_YEAR_AGO = date(2026, 3, 18)
"""The first day of a stay that is half a year old on TODAY."""

_COMPLETE = Facts(
    region="HK",
    birth_date=ADULT,
    place=LIXIA,
    travel_document=TravelDocument("hrp", date(2031, 9, 18)),
    stays=(Stay(LIXIA, HALF_A_YEAR_AGO),),
    claims=("dwelling",),
    applies_of_own_will=True,
    photo="captured",
    has_fingerprints=True,
    has_signed_form=True,
    evidence={"travel_document": ("hrp",), "dwelling_proof": ("lease",)},
)


def facts_of(**changes: Any) -> Facts:
    """Return the facts of a first issue that is granted on TODAY, with changes."""
    return replace(_COMPLETE, **changes)


def facts_of_replacement(ground: str, **changes: Any) -> Facts:
    """Return the facts of a replacement: a living permit of the same county, and the papers for the ground."""
    papers: dict[str, tuple[str, ...]] = {"travel_document": ("hrp",), "old_permit": ("old_permit",)}
    if ground == "moved":
        papers["new_dwelling_proof"] = ("lease",)
    permit = HeldPermit("held", TODAY, LIXIA)
    return facts_of(**{"ground": ground, "claims": (), "permit": permit, "evidence": papers, **changes})


def facts_of_reissue(**changes: Any) -> Facts:
    """Return the facts of a reissue: a permit that is reported lost."""
    papers: dict[str, tuple[str, ...]] = {"travel_document": ("hrp",)}
    permit = HeldPermit("lost", date(2030, 1, 1), LIXIA)
    return facts_of(**{"ground": "lost", "claims": (), "permit": permit, "evidence": papers, **changes})
