"""Cases of every kind, whose names are rare and whose values are as long as the platform takes."""

from collections.abc import Iterator
from typing import Any

from tests.settlement import taipei
from tests.settlement.taipei import Jinan, chen
from tests.support.cases import case_at, fresh
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.credentials.papers.queries import papers_of_case
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.judging import request_supplement
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import (
    BY_PERMIT,
    RUIAN,
    County,
    a_card,
    a_draft,
    a_mainlander,
    half_a_year,
    registers_say,
    submitted,
)

RARE = "𠮷㐱䶮"
EXTENSION_B = "𨶚小明"
"""A surname of Extension B that the serif does not have."""
LONG = "浙江省丽水市庆元县松源街道某路三百三十三号演示小区第十二幢二单元一千八百零一室" * 5
LATIN = "CHANDRASEKHARAPURAM-WOLFESCHLEGELSTEINHAUSENBERGERDORFF " * 2


def conversion(qingyuan: County, ruian: County, *, name: str = RARE, **changes: Any) -> Case:
    """Return a conversion that the system's rules approved, unless registers were told to say nothing."""
    who = a_mainlander(half_a_year(RUIAN), name=name)
    a_card(who, ruian)
    with registers_say():
        draft = a_draft(who, BY_PERMIT, **changes)
        return fresh(submitted(who, draft))


def endorsement_or_first_issue(ruian: County, *, name: str = EXTENSION_B, item: str = "floating.first_issue") -> Case:
    """Return a case of a paper or card permit of Rui'an, received."""
    who = a_mainlander(half_a_year(RUIAN), name=name)
    papers = {"identity": "identity_card", "dwelling_proof": "property_title"}
    draft = a_draft(who, item, county=RUIAN, claims=("dwelling",), papers=papers, promises=False, delivery="collect",
                    residence_address=LONG[:200])  # fmt: skip
    return fresh(submitted(who, draft))


def supplemented(jinan: Jinan) -> Case:
    """Return a case that lacks something and was told so, once."""
    case, _ = case_at(jinan.city, CaseState.ACCEPTED, resident=_long())
    case.fingerprints = None
    case.save()
    from tests.support.cases import judged  # the line is judged as the rules find it

    case = judged(fresh(case), jinan.city.reviewer)
    request_supplement(case_id=case.pk, version=case.version, on=TODAY, by=jinan.city.reviewer)
    return fresh(case)


def settled(jinan: Jinan) -> Case:
    """Return a settlement that is approved."""
    permit = taipei.granted(jinan, chen(name=EXTENSION_B))
    return fresh(Case.objects.get(permit_id=permit.pk))


def _long(name: str = RARE) -> Resident:
    return a_resident(name=name, latin_name=LATIN[:100])


def every_case(jinan: Jinan, qingyuan: County, ruian: County) -> Iterator[tuple[Case, str]]:
    """Yield every paper that a case can have, with a case that has it."""
    cases = [
        case_at(jinan.city, CaseState.COMPLETED, resident=_long(), residence_address=LONG[:200])[0],
        case_at(jinan.city, CaseState.REFUSED, resident=_long(EXTENSION_B))[0],
        supplemented(jinan),
        endorsement_or_first_issue(ruian),
        conversion(qingyuan, ruian),
        settled(jinan),
    ]
    for case in cases:
        for kind in papers_of_case(case):
            yield case, kind
