"""Facts freeze and thaw without loss, and hold nothing that names a person."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.facts import facts_of, facts_of_reissue
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, Judged, TravelDocument
from yizhengtong.registry.residence.rules import Stay

_days = st.dates(date(1940, 1, 1), date(2040, 1, 1))
_words = st.text("abc_", max_size=8)
_regions = st.sampled_from(["370102", "370103", "440304"])
_judged = st.dictionaries(_words, st.builds(Judged, st.booleans(), st.text(max_size=6)), max_size=3)
_stays = st.builds(Stay, _regions, _days, st.none() | _days, st.sampled_from(["self", "landlord"]))
_facts = st.builds(
    Facts,
    region=st.sampled_from(["HK", "MO", "TW"]),
    birth_date=_days,
    place=_regions,
    travel_document=st.none() | st.builds(TravelDocument, _words, st.none() | _days),
    stays=st.lists(_stays, max_size=3).map(tuple),
    claims=st.lists(_words, max_size=3).map(tuple),
    ground=_words,
    applies_of_own_will=st.booleans(),
    permit=st.none() | st.builds(HeldPermit, _words, _days, _regions),
    evidence=st.dictionaries(_words, st.lists(_words, max_size=2).map(tuple), max_size=3),
    judged_conditions=_judged,
    judged_documents=_judged,
)


@given(_facts)
def test_facts_come_back_from_json_as_they_were(facts: Facts) -> None:
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_facts_hold_kinds_dates_places_and_no_name_number_or_address() -> None:
    assert set(facts_of().to_json()) == {
        "region", "birth_date", "place", "travel_document", "stays", "claims", "ground", "applies_of_own_will",
        "relation", "photo", "has_fingerprints", "has_signed_form", "permit", "evidence", "judged_conditions",
        "judged_documents",
    }  # fmt: skip
    assert set(facts_of().to_json()["stays"][0]) == {"region", "start", "until", "reported_by"}
    assert set(facts_of().to_json()["travel_document"]) == {"kind", "valid_until"}
    assert set(facts_of_reissue().to_json()["permit"]) == {"state", "last_valid_day", "region"}


@pytest.mark.parametrize("change", [{"birth_date": "yesterday"}, {"stays": [{"region": "370102"}]}])
def test_anything_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        Facts.from_json({**facts_of().to_json(), **change})
