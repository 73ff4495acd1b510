"""Facts freeze and thaw without loss, and hold nothing that names a person."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.facts import facts_of, facts_of_reissue
from yizhengtong.permitting.applications.facts import (
    Confirmed,
    Facts,
    HeldPermit,
    Judged,
    ProofDetails,
    TravelDocument,
)
from yizhengtong.registry.residence.rules import Stay

_days = st.dates(date(1940, 1, 1), date(2040, 1, 1))
_words = st.text("abc_", max_size=8)
_regions = st.sampled_from(["370102", "370103", "440304"])
_judged = st.dictionaries(_words, st.builds(Judged, st.booleans(), st.text(max_size=6)), max_size=3)
_perhaps = st.none() | _days
_stays = st.builds(Stay, _regions, _days, _perhaps, st.sampled_from(["self", "landlord"]), _perhaps)
_permits = st.builds(
    HeldPermit, _words, _perhaps, _regions, _words, _perhaps, _perhaps, _perhaps, suspended=st.booleans()
)
_months = st.none() | st.integers(0, 600)
_codes = st.lists(_words, max_size=2).map(tuple)
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
    permit=st.none() | _permits,
    evidence=st.dictionaries(_words, st.lists(_words, max_size=2).map(tuple), max_size=3),
    judged_conditions=_judged,
    judged_documents=_judged,
    hukou_region=_regions,
    permits=st.lists(_permits, max_size=2).map(tuple),
    confirmed=st.dictionaries(
        _words, st.builds(Confirmed, _words, _days, _months, _perhaps, _perhaps, _codes, _codes), max_size=2
    ),
    proof_details=st.dictionaries(
        _words, st.builds(ProofDetails, _months, _perhaps, _perhaps, _codes, _codes), max_size=2
    ),
    asked_on=_perhaps,
    channel=_words,
    promises=st.booleans(),
    declares_true=st.booleans(),
    acknowledges_cancellation=st.booleans(),
    chose_type=_words,
    is_exempt=_words,
)


@given(_facts)
def test_facts_come_back_from_json_as_they_were(facts: Facts) -> None:
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_facts_hold_kinds_dates_places_and_no_name_number_or_address() -> None:
    assert set(facts_of().to_json()) == {
        "region", "birth_date", "place", "travel_document", "stays", "claims", "ground", "applies_of_own_will",
        "relation", "photo", "has_fingerprints", "has_signed_form", "permit", "evidence", "judged_conditions",
        "judged_documents", "hukou_region", "permits", "confirmed", "proof_details", "asked_on", "channel", "promises",
        "declares_true", "acknowledges_cancellation", "chose_type", "is_exempt",
    }  # fmt: skip
    assert set(facts_of().to_json()["stays"][0]) == {"region", "start", "until", "reported_by", "declared_on"}
    assert set(facts_of().to_json()["travel_document"]) == {"kind", "valid_until"}
    assert set(facts_of_reissue().to_json()["permit"]) == {
        "state", "last_valid_day", "region", "kind", "issued_on", "endorsed_until", "years_count_from", "suspended",
    }  # fmt: skip


def test_facts_frozen_before_a_field_was_asked_for_take_its_default() -> None:
    later = {
        "hukou_region", "permits", "confirmed", "proof_details", "asked_on", "channel", "promises", "declares_true",
        "acknowledges_cancellation", "chose_type", "is_exempt",
    }  # fmt: skip
    facts = facts_of_reissue()
    frozen = {name: value for name, value in facts.to_json().items() if name not in later}
    frozen["permit"] = {name: frozen["permit"][name] for name in ("state", "last_valid_day", "region")}
    frozen["stays"] = [{name: stay[name] for name in stay if name != "declared_on"} for stay in frozen["stays"]]
    assert Facts.from_json(frozen) == facts


@pytest.mark.parametrize(
    "change", [{"birth_date": "yesterday"}, {"stays": [{"region": "370102"}]}, {"name": "王小明"}, {"permit": {}}]
)
def test_anything_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Facts.from_json({**facts_of().to_json(), **change})
