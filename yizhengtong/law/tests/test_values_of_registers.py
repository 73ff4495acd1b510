"""What registers confirm instead of papers (国务院令第716号 art. 7), as the packs of Zhejiang have it."""

from datetime import date
from typing import Any, get_args

import pytest

from yizhengtong.foundation.exchange.registers.contract import Kind, names_of
from yizhengtong.law.reading import Library
from yizhengtong.law.registers import RegisterKind, RegisterProof
from yizhengtong.law.tests.values import sparse_value, value_in

PROVINCE, QINGYUAN = "cn/330000/floating.yaml", "cn/330000/331100/331126/floating.yaml"
SOURCE = "国务院令第716号 art. 7"


def of(evidence: str, kept_in: str, asks: str, needs: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"evidence": evidence, "kept_in": kept_in, "asks": asks.split()}
    return {**found, "needs": needs.split()} if needs else found


EVERYWHERE = [
    of("identity_card", "household_register", "region has_died", "alive region_agrees"),
    of("social_insurance", "social_insurance", "months until", "current"),
    of("business_licence", "business_licence", "since status", "active"),
    of("lease", "lease", "since until is_safe", "running"),
    of("rental_registration", "lease", "since until is_registered", "running registered"),
]
ROLL = of("school_enrolment", "school_roll", "since")
IN_QINGYUAN = [
    of("safety_proof", "lease", "since until is_safe", "running safe"),
    ROLL,
    of("primary_school_enrolment", "school_roll", "since school", "primary_school"),
    of("secondary_school_enrolment", "school_roll", "since school", "secondary_school"),
    of("vocational_school_enrolment", "school_roll", "since school", "vocational_school"),
    of("university_enrolment", "school_roll", "since school", "university"),
]


@pytest.mark.row("S3-36", "S3-37", "S3-43", "S3-45", "D7")
def test_zhejiang_names_a_register_for_five_papers_and_the_identity(library: Library) -> None:
    found = value_in(library, PROVINCE, "confirm.registers")
    assert sparse_value(found.value) == [*EVERYWHERE, ROLL]
    assert (found.entry.unit, found.entry.certainty, str(found.source)) == ("list", "I", SOURCE)


@pytest.mark.row("S4-12", "S4-21", "S4-22", "S4-23", "D7")
def test_qingyuan_adds_the_boxes_of_its_form_that_a_register_can_tick(library: Library) -> None:
    found = value_in(library, QINGYUAN, "confirm.registers")
    assert sparse_value(found.value) == [*EVERYWHERE, *IN_QINGYUAN]
    assert (found.entry.unit, found.entry.certainty, str(found.source)) == ("list", "I", SOURCE)


@pytest.mark.row("S3-36", "S3-37", "S3-43", "S3-45", "S4-12", "S4-21", "S4-22", "S4-23", "D7")
@pytest.mark.parametrize(
    ("path", "items"),
    [
        (PROVINCE, ["first_issue", "endorsement"]),
        (QINGYUAN, ["first_issue", "endorsement", "conversion_permit", "conversion_registrations"]),
    ],
)
def test_registers_are_asked_when_these_are_submitted(library: Library, path: str, items: list[str]) -> None:
    found = value_in(library, path, "confirm.at_submission")
    assert sparse_value(found.value) == [f"floating.{item}" for item in items]
    assert (found.entry.unit, found.entry.certainty, str(found.source)) == ("list", "I", SOURCE)


@pytest.mark.parametrize("place", ["331126", "330381", "330106"])
def test_each_paper_named_is_one_that_an_item_takes_and_each_fact_one_that_the_register_has(
    library: Library, place: str
) -> None:
    law = library.law(place, "floating", date(2026, 9, 18))
    taken = {kind for item in law.items.values() for document in item.documents for kind in document.any_of}
    for proof in law.value("confirm.registers"):
        assert proof.evidence in taken & set(law.evidence)
        assert set(proof.asks) <= set(names_of(Kind(proof.kept_in)))
    assert set(law.value("confirm.at_submission")) <= set(law.items)


def test_the_items_of_hong_kong_macao_and_taiwan_residents_know_no_registers(library: Library) -> None:
    for subject in ("hmt", "settlement"):
        assert "confirm.registers" not in library.law("331126", subject, date(2026, 9, 18))


def test_the_law_names_the_registers_that_can_be_asked() -> None:
    assert set(get_args(RegisterKind)) == set(Kind)


@pytest.mark.parametrize("more", [{"basis": "consent"}, {"use": "sharing"}])
def test_consent_names_its_use_and_nothing_else_does(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="use"):
        RegisterProof(evidence="lease", kept_in="lease", asks=("since",), **more)
