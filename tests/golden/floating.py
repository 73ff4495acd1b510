"""Questions about the Zhejiang permit: each item in Rui'an, Qingyuan, Hangzhou and where only the province speaks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.golden.decisions import Asked
from tests.support.law import TODAY
from tests.support.zhejiang import (
    QINGYUAN,
    RUIAN,
    SHANGCHENG,
    XIHU,
    YUEQING,
    card,
    facts_of_conversion,
    facts_of_endorsement,
    facts_of_first_issue,
)
from yizhengtong.permitting.applications.facts import Confirmed, Facts, Judged, ProofDetails
from yizhengtong.registry.residence.rules import Stay

DAY = timedelta(days=1)
CHILD = date(2010, 9, 19)
"""Fifteen until the day after TODAY."""

_IDENTITY = {"identity": ("identity_card",)}


def floating() -> Mapping[str, Asked]:
    """Return the questions by name."""
    return {**_first_issues(), **_where_others_speak(), **_endorsements(), **_cards(), **_by_permit(), **_by_stays()}


def _asked(item: str, facts: Facts, on: date = TODAY) -> Asked:
    return Asked(facts, f"floating.{item}", facts.place, on, on)


def _first(on: date = TODAY, **changes: Any) -> Asked:
    return _asked("first_issue", facts_of_first_issue(**changes), on)


def _lived(start: date, until: date | None = None, *, region: str = RUIAN) -> Stay:
    return Stay(region, start, until, declared_on=start)


def _proof(claim: str, kind: str, details: ProofDetails | None = None) -> dict[str, Any]:
    given = {} if details is None else {kind: details}
    return {"claims": (claim,), "evidence": {**_IDENTITY, f"{claim}_proof": (kind,)}, "proof_details": given}


def _first_issues() -> Mapping[str, Asked]:
    march = (_lived(date(2026, 3, 1)),)
    told_late = (Stay(RUIAN, date(2026, 1, 1), declared_on=date(2026, 3, 23)),)
    new: dict[str, Any] = {"stays": (_lived(TODAY),), "is_exempt": "named_talent"}
    return {
        "ruian-contract": _first(),
        "ruian-on-the-180th-day": _first(date(2026, 8, 28), stays=march),
        "ruian-on-the-179th-day": _first(date(2026, 8, 27), stays=march),
        "ruian-declared-a-day-late": _first(stays=told_late),
        "ruian-three-months-insured": _first(**_proof("employment", "social_insurance", ProofDetails(months=3))),
        "ruian-two-months-insured": _first(**_proof("employment", "social_insurance", ProofDetails(months=2))),
        "ruian-safe-dormitory": _first(**_proof("dwelling", "dormitory", ProofDetails(shows=("safe",)))),
        "ruian-dormitory-nobody-looked-at": _first(**_proof("dwelling", "dormitory")),
        "ruian-enrolled": _first(**_proof("study", "school_enrolment")),
        "ruian-insurance-by-register": _first(
            evidence=_IDENTITY, proof_details={},
            confirmed={"social_insurance": Confirmed("social_insurance", TODAY, months=12)},
        ),
        "ruian-everything-unmet": _first(
            region="TW", hukou_region=RUIAN, birth_date=CHILD, stays=(), claims=(), evidence={}, proof_details={},
            applies_of_own_will=False, photo="", permits=(card(),),
        ),
        "ruian-at-home": _first(hukou_region=RUIAN),
        "ruian-talent-on-the-list": _first(**new, confirmed={"exemption_proof": Confirmed("talent_list", TODAY)}),
        "ruian-talent-without-a-paper": _first(**new),
        "ruian-child-with-a-relative": _first(
            birth_date=CHILD, relation="near_relative",
            evidence={**_IDENTITY, "employment_proof": ("labour_contract",),
                      "representative_identity": ("representative_identity",)},
        ),
        "ruian-elderly-with-a-relative": _first(
            birth_date=date(1950, 1, 1), relation="near_relative",
            evidence={**_IDENTITY, "employment_proof": ("labour_contract",),
                      "representative_identity": ("representative_identity",)},
        ),
        "ruian-holds-one-already": _first(permits=(card(kind="zhejiang_paper"),)),
    }  # fmt: skip


def _where_others_speak() -> Mapping[str, Asked]:
    districts = (_lived(date(2026, 1, 1), date(2026, 6, 1), region=SHANGCHENG), _lived(date(2026, 6, 1), region=XIHU))
    insured = ProofDetails(shows=("continuous_social_insurance",))
    broken = (_lived(date(2026, 1, 1), date(2026, 3, 1), region=YUEQING), _lived(date(2026, 4, 1), region=YUEQING))
    hangzhou: dict[str, Any] = {"place": XIHU, "stays": districts}
    return {
        "hangzhou-insured": _first(**hangzhou, **_proof("employment", "labour_contract", insured)),
        "hangzhou-insurance-unknown": _first(**hangzhou, **_proof("employment", "labour_contract")),
        "province-in-two-stays": _first(date(2026, 8, 1), place=YUEQING, stays=broken),
        "province-a-day-short": _first(date(2026, 7, 31), place=YUEQING, stays=broken),
        "before-the-regulation-of-hangzhou": _first(
            date(2018, 6, 30), place=XIHU, stays=(_lived(date(2017, 12, 30), region=XIHU),),
            **_proof("employment", "labour_contract"),
        ),
    }  # fmt: skip


def _endorsements() -> Mapping[str, Asked]:
    def endorses(on: date, **changes: Any) -> Asked:
        return _asked("endorsement", facts_of_endorsement(**{"asked_on": on, **changes}), on)

    def of(issued: date, last: date, on: date) -> Asked:
        held = (card(issued_on=issued, endorsed_until=last, years_count_from=issued),)
        return endorses(on, permits=held, stays=(_lived(issued),), **_proof("dwelling", "own_home"))

    leap, winter = (date(2024, 2, 29), date(2025, 2, 27)), (date(2016, 12, 22), date(2017, 12, 21))
    return {
        "endorsed-on-the-first-day": of(*winter, date(2017, 11, 22)),
        "endorsed-a-day-early": of(*winter, date(2017, 11, 21)),
        "endorsed-on-the-last-day": of(*leap, date(2025, 2, 27)),
        "endorsed-late": of(*leap, date(2025, 2, 28)),
        "endorsed-after-a-move": endorses(
            TODAY, place=QINGYUAN, stays=(_lived(TODAY - DAY, region=QINGYUAN),), channel="online", promises=True
        ),
        "endorsed-while-suspended": endorses(TODAY, permits=(card(state="suspended", suspended=True),)),
        "endorsed-though-lost": endorses(TODAY, permits=(card(state="lost"),)),
        "endorsed-though-gone": endorses(TODAY, stays=(_lived(date(2026, 1, 1), TODAY),)),
    }


def _cards() -> Mapping[str, Asked]:
    papers = {**_IDENTITY, "old_permit": ("old_permit",)}
    damaged = facts_of_first_issue(permit=card(), permits=(card(),), ground="damaged", evidence=papers)
    seen = {"ground_for_replacement_holds": Judged(True)}
    lost = replace(damaged, permit=card(state="lost"), permits=(card(state="lost"),), ground="lost")
    return {
        "card-replaced": _asked("replacement", replace(damaged, judged_conditions=seen)),
        "card-whose-damage-nobody-saw": _asked("replacement", damaged),
        "card-not-shown": _asked("replacement", replace(damaged, judged_conditions=seen, evidence=_IDENTITY)),
        "card-reissued": _asked("reissue", lost),
        "card-not-reported-lost": _asked("reissue", replace(damaged, ground="lost")),
    }


def _by_permit() -> Mapping[str, Asked]:
    def converts(**changes: Any) -> Asked:
        return _asked("conversion_permit", facts_of_conversion(**changes))

    return {
        "converted-card": converts(),
        "converted-paper-beside-a-lost-card": converts(
            permits=(card(state="lost"), card(kind="zhejiang_paper", endorsed_until=TODAY))
        ),
        "converted-at-the-window": converts(channel="window", promises=False),
        "converted-by-a-box-without-a-number": converts(**_proof("dwelling", "rental_tax")),
        "conversion-of-an-overdue-card": converts(permits=(card(endorsed_until=TODAY - DAY),)),
        "conversion-not-acknowledged": converts(acknowledges_cancellation=False),
        "conversion-by-another-proof": converts(**_proof("dwelling", "other_rental_proof")),
        "conversion-with-everything-unmet": converts(
            region="HK", hukou_region=QINGYUAN, permits=(), claims=(), evidence={}, proof_details={}, promises=False,
            declares_true=False, acknowledges_cancellation=False,
        ),
    }  # fmt: skip


def _by_stays() -> Mapping[str, Asked]:
    def adds_up(on: date, *stays: Stay, **changes: Any) -> Asked:
        facts = facts_of_conversion(permits=(), stays=stays, **changes)
        return _asked("conversion_registrations", facts, on)

    one_run = (_lived(date(2026, 3, 1), date(2026, 6, 1)), _lived(date(2026, 6, 1), region=QINGYUAN))
    gap = (_lived(date(2026, 1, 1), date(2026, 5, 1)), _lived(date(2026, 5, 2), region=QINGYUAN))
    return {
        "added-up-to-six-months": adds_up(date(2026, 9, 1), *one_run),
        "added-up-to-a-day-less": adds_up(date(2026, 8, 31), *one_run),
        "added-up-with-a-gap": adds_up(date(2026, 7, 10), *gap),
        "added-up-by-a-named-investor": adds_up(
            TODAY, _lived(TODAY, region=QINGYUAN), is_exempt="named_investor",
            confirmed={"exemption_proof": Confirmed("investors", TODAY)},
        ),
    }  # fmt: skip
