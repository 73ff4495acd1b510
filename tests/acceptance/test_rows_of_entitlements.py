"""The rights, services and conveniences are granted in Jinan, owed by somebody, and cannot be left out of its pack."""

from typing import Any

import pytest

from tests.support.law import law_of, library
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.reading import Library
from yizhengtong.rights.entitlements.queries import entitlements_at

GRANTS = "cn/370000/370100/entitlements.yaml"
GENERAL = ["市委台港澳办", "市委台港澳办", "市发展改革委"]
"""The co-ordinators of clauses one and two, who answer for what no clause assigns (D26)."""

TRADE = ["市市场监管局", "市体育局", "市文化和旅游局", "市园林和林业绿化局"]
HOUSING = ["市住房城乡建设局", "济南住房公积金中心", "市自然资源和规划局"]
HUMAN_RESOURCES = ["市人力资源社会保障局"]


def owed(*rows: str, code: str, by: list[str], bound: bool = False) -> Any:
    return pytest.param(code, by, bound, marks=pytest.mark.row(*rows), id=code)


OWED = [
    owed("S1-066", "S2-22", "S2-25", "S2-26", "D26", code="employment", by=GENERAL),
    owed("S1-067", "S2-22", "S2-25", "S2-26", "D26", code="social_insurance", by=GENERAL),
    owed("S1-068", "S2-22", "S2-31", code="housing_fund", by=HOUSING),
    owed("S1-069", "S2-23", "S2-33", code="compulsory_education", by=["市教育局"]),
    owed("S1-070", "S2-23", "S2-32", code="employment_service", by=HUMAN_RESOURCES),
    owed("S1-071", "S2-23", "S2-36", code="public_health", by=["市卫生健康委"]),
    owed("S1-072", "S2-23", "S2-37", code="culture_and_sports", by=TRADE),
    owed("S1-073", "S2-23", "S2-38", code="legal_aid", by=["市司法局"]),
    owed("S1-074", "S2-23", "S2-39", code="other_services", by=["市民政局"]),
    owed("S1-075", "S2-24", "S2-35", code="transport", by=["市交通运输局"]),
    owed("S1-076", "S2-24", "S2-30", code="hotels", by=["市公安局"]),
    owed("S1-077", "S2-24", "S2-34", code="finance", by=["市地方金融监管局"]),
    owed("S1-078", "S2-24", "S2-37", code="consumption", by=TRADE),
    owed("S1-079", "S2-24", "S2-30", code="vehicle_registration", by=["市公安局"], bound=True),
    owed("S1-080", "S2-24", "S2-30", code="driving_licence", by=["市公安局"], bound=True),
    owed("S1-081", "S2-24", "S2-32", code="professional_exams", by=HUMAN_RESOURCES, bound=True),
    owed("S1-082", "S2-24", "S2-36", code="birth_registration", by=["市卫生健康委"], bound=True),
    owed("S1-083", "S2-24", "S2-39", code="other_conveniences", by=["市民政局"]),
]


@pytest.mark.parametrize(("code", "agencies", "is_place_bound"), OWED)
def test_a_holder_in_a_district_of_jinan_learns_who_owes_it_and_whether_only_there(
    code: str, agencies: list[str], is_place_bound: bool
) -> None:
    (found,) = [each for each in entitlements_at(law_of()) if each.entitlement.code == code]
    assert list(found.agencies) == agencies
    assert found.entitlement.place_bound is is_place_bound
    assert "济政办字〔2019〕25号" in {source.text for source in found.entitlement.granted_by}


@pytest.mark.parametrize(("code", "agencies", "is_place_bound"), OWED)
def test_jinans_pack_is_refused_when_it_leaves_it_out(code: str, agencies: list[str], is_place_bound: bool) -> None:
    texts = dict(library().texts)
    kept = [line for line in texts[GRANTS].splitlines() if f"{{code: {code}," not in line]
    texts[GRANTS] = "\n".join(kept)
    with pytest.raises(PackErrors) as caught:
        Library.from_texts(texts)
    (error,) = caught.value.errors
    assert (error.file, error.code) == (GRANTS, "law.entitlement_left_out")
    assert code in error.message
