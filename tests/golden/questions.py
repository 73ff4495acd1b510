"""The questions whose answers each release keeps: every condition met and unmet, each item, each region."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tests.golden.decisions import Asked
from tests.golden.floating import floating
from tests.support.facts import facts_of, facts_of_reissue, facts_of_replacement
from tests.support.law import LIXIA, SHIZHONG, TODAY
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, Judged, ProofDetails, TravelDocument
from yizhengtong.registry.residence.rules import Stay

FAR = date(2031, 9, 18)
CHILD = date(2017, 1, 1)
_GUARDIAN_PAPERS = {"guardian_identity": ("guardian_identity",), "guardianship": ("guardianship_proof",)}


def _first(on: date = TODAY, place: str = LIXIA, law_on: date | None = None, **changes: Any) -> Asked:
    return Asked(facts_of(**{"place": place, **changes}), "hmt.first_issue", place, law_on or on, on)


def _again(item: str, facts: Facts, on: date = TODAY) -> Asked:
    return Asked(facts, f"hmt.{item}", LIXIA, on, on)


def questions() -> Mapping[str, Asked]:
    """Return the questions by name."""
    return {**_granted(), **_refused(), **_later_items(), **_other_days(), **_settlements(), **floating()}


def _granted() -> Mapping[str, Asked]:
    travel = {"travel_document": ("hrp",)}
    return {
        "hong-kong-lease": _first(),
        "macao-employment": _first(
            region="MO", claims=("employment",), evidence={**travel, "employment_proof": ("labour_contract",)}
        ),
        "taiwan-study": _first(
            region="TW", claims=("study",), travel_document=TravelDocument("mtp_five_year", FAR),
            evidence={"travel_document": ("mtp_five_year",), "study_proof": ("student_card",)},
        ),
        "child-with-guardian": _first(
            birth_date=CHILD, relation="guardian", claims=("study",),
            evidence={**travel, "study_proof": ("school_proof",), **_GUARDIAN_PAPERS},
        ),
        "lived-elsewhere-on-the-mainland": _first(stays=(Stay("440304", date(2026, 3, 18)),)),
        "photo-receipt": _first(photo="receipt"),
        "three-claimed-one-proven": _first(claims=("dwelling", "employment", "study")),
        "travel-document-on-its-last-day": _first(travel_document=TravelDocument("hrp", TODAY)),
        "no-fingers-by-an-officers-word": _first(
            has_fingerprints=False, judged_conditions={"fingerprints_are_captured": Judged(True, "双手有伤")}
        ),
        "original-seen-at-the-counter": _first(
            evidence=travel, judged_documents={"dwelling_proof": Judged(True, "看到原件")}
        ),
    }  # fmt: skip


def _refused() -> Mapping[str, Asked]:
    return {
        "everything-unmet": Asked(
            Facts("HK", CHILD, LIXIA, claims=("dwelling",)), "hmt.first_issue", LIXIA, TODAY, TODAY
        ),
        "one-day-short": _first(stays=(Stay(LIXIA, date(2026, 3, 19)),)),
        "stay-ended": _first(stays=(Stay(LIXIA, date(2026, 1, 1), date(2026, 3, 1)),)),
        "travel-document-expired": _first(travel_document=TravelDocument("hrp", date(2026, 9, 17))),
        "one-time-permit": _first(region="TW", travel_document=TravelDocument("mtp_one_time", FAR)),
        "not-a-chinese-citizen": _first(travel_document=TravelDocument("hrp_non_chinese", FAR)),
        "child-alone": _first(birth_date=CHILD),
        "nothing-claimed": _first(claims=()),
        "lease-rejected": _first(judged_documents={"dwelling_proof": Judged(False, "租期已满")}),
        "not-of-own-will": _first(applies_of_own_will=False),
        "holds-one-already": _first(permit=HeldPermit("held", FAR, LIXIA)),
        "validity-unknown": _first(travel_document=TravelDocument("hrp", None)),
    }


def _later_items() -> Mapping[str, Asked]:
    return {
        "replaced-after-a-move": _again(
            "replacement", facts_of_replacement("moved", permit=HeldPermit("held", FAR, SHIZHONG))
        ),
        "replaced-after-its-last-day": _again(
            "replacement", facts_of_replacement("expired", permit=HeldPermit("held", date(2026, 9, 17), LIXIA))
        ),
        "not-expired-yet": _again("replacement", facts_of_replacement("expired")),
        "damage-open": _again("replacement", facts_of_replacement("damaged")),
        "reissued": _again("reissue", facts_of_reissue()),
        "loss-not-reported": _again("reissue", facts_of_reissue(permit=HeldPermit("held", FAR, LIXIA))),
    }


def _settlements() -> Mapping[str, Asked]:
    """Settling: with kin in Jinan, as a spouse in Dongguan, by the wish in Fujian; a day short, a day before."""
    papers = {
        "application_form": ("settlement_form",), "photos": ("identity_photo",),
        "taiwan_identity_card": ("taiwan_identity_card",), "travel_document": ("mtp_five_year",),
    }  # fmt: skip
    kin = {code: (code,) for code in ("kinship_proof", "relative_household", "support_undertaking")}
    somebody = Facts(
        region="TW", birth_date=date(1980, 5, 6), place=LIXIA, travel_document=TravelDocument("mtp_five_year", FAR),
        applies_of_own_will=True, evidence=papers,
        judged_conditions={"no_refusal_ground_is_known": Judged(True)},
    )  # fmt: skip
    married = {"marriage_proof": ProofDetails(since=date(2023, 9, 19))}
    everything = {
        **papers, **{code: (code,) for code in ("written_application", "health_certificate", "notarised_proof")},
        **{code: (code,) for code in ("marriage_proof", "spouse_household")},
        "mainland_travel_permit": ("mtp_five_year",),
    }  # fmt: skip
    long_married = {
        "marriage_proof": ProofDetails(since=date(2023, 9, 18)),
        "health_certificate": ProofDetails(since=date(2026, 3, 18)),
    }

    def settles(on: date, **changes: Any) -> Asked:
        facts = replace(somebody, **changes)
        return Asked(facts, "settlement.approval", facts.place, on, on)

    wish: dict[str, Any] = {"place": "350102", "ground": "any_wish"}
    return {
        "settles-with-kin": settles(TODAY, ground="lineal_kin", evidence={**papers, **kin}),
        "settles-with-kin-before-the-statement": settles(
            date(2025, 12, 2), ground="lineal_kin", evidence={**papers, **kin}
        ),
        "settles-against-a-ground-for-refusal": settles(
            TODAY, ground="lineal_kin", evidence={**papers, **kin},
            judged_conditions={"no_refusal_ground_is_known": Judged(False, "提供假证明")},
        ),
        "settles-as-an-investor-nobody-measured": settles(
            TODAY, place="450103", ground="investment", evidence={**papers, "investment_proof": ("investment_proof",)}
        ),
        "settles-as-a-spouse-of-three-years": settles(
            TODAY, place="441900", ground="spouse", proof_details=long_married, evidence=everything, asked_on=TODAY
        ),
        "settles-a-day-short": settles(TODAY, place="441900", ground="spouse", proof_details=married),
        "settles-by-wish": settles(date(2024, 1, 1), **wish),
        "settles-by-wish-too-early": settles(date(2023, 12, 31), **wish),
    }  # fmt: skip


def _other_days() -> Mapping[str, Asked]:
    early = date(2018, 9, 3)
    stay = (Stay(LIXIA, date(2017, 1, 1)),)
    return {
        "under-the-national-law-alone": _first(early, stays=stay, travel_document=TravelDocument("hrp", FAR)),
        "decided-a-month-after-acceptance": _first(
            date(2026, 10, 19), law_on=TODAY, travel_document=TravelDocument("hrp", date(2026, 10, 1))
        ),
        "leap-day-stay": _first(date(2024, 8, 29), stays=(Stay(LIXIA, date(2024, 2, 29)),)),
        "shizhong": _first(place=SHIZHONG),
    }
