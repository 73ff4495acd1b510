"""The packs of settlement: what is read, what is inferred, what was not found; and three items that stay three."""

from datetime import date

import pytest

from yizhengtong.law.reading import Library

ON = date(2026, 9, 18)
PLACES = ("cn", "370102", "441900", "440304", "450103", "350102", "350203", "331126")


@pytest.mark.row("S0-T05")
@pytest.mark.parametrize("place", PLACES)
def test_no_item_of_one_subject_brings_what_another_does(library: Library, place: str) -> None:
    kinds = {
        subject: {item.permit_kind for item in library.law(place, subject, ON).items.values()}
        for subject in ("hmt", "settlement", "floating")
    }
    assert kinds["settlement"] == {"settlement"}
    assert kinds["hmt"] == {"hmt"}
    assert "settlement" not in kinds["floating"] | kinds["hmt"]
    outcomes = {item.outcome for item in library.law(place, "hmt", ON).items.values()}
    assert {item.outcome for item in library.law(place, "settlement", ON).items.values()} == {"settlement"}
    assert "settlement" not in outcomes


@pytest.mark.row("S0-T05", "S0-T32")
def test_no_item_anywhere_makes_an_identity_card(library: Library) -> None:
    for file in library.files.values():
        for item in file["items"]:
            assert item.entry.permit_kind in {"hmt", "zhejiang_card", "zhejiang_digital", "settlement"}


@pytest.mark.row("S0-T18", "S0-T14")
def test_exit_entry_offices_take_settlement_in_and_police_stations_the_residence_permit(library: Library) -> None:
    for place in PLACES:
        assert library.law(place, "settlement", ON).value("acceptance.kinds") == ("exit_entry",)
        assert "exit_entry" not in library.law(place, "hmt", ON).value("acceptance.kinds")


@pytest.mark.parametrize("key", ["issue.limit", "settle.notice_validity"])
def test_what_was_not_found_has_no_value(library: Library, key: str) -> None:
    parameter = library.law("370102", "settlement", ON)[key]
    assert (parameter.value, parameter.certainty) == (None, "N")


def test_the_permit_has_no_last_day_that_a_source_would_give(library: Library) -> None:
    validity = library.law("370102", "settlement", ON)["validity"]
    assert (validity.value.n, validity.value.endorsement, validity.certainty) == (None, "none", "N")


@pytest.mark.row("S0-T35", "D2")
@pytest.mark.parametrize("place", PLACES)
def test_only_the_issuer_charges_and_only_the_cards_cost(library: Library, place: str) -> None:
    law = library.law(place, "settlement", ON)
    fee = law[law.items["settlement.approval"].fee]
    assert (fee.value.charge, fee.value.fen, fee.certainty) == ("card_cost", None, "C")
    assert law.value("fee.third_party_allowed") is False


@pytest.mark.row("S0-T19")
def test_the_form_has_its_name(library: Library) -> None:
    law = library.law("370102", "settlement", ON)
    assert law.value("form.name") == law.items["settlement.approval"].form == "台湾居民来大陆定居申请表"


@pytest.mark.row("S0-T25", "S0-T26", "S0-T31")
def test_two_papers_come_of_it_and_the_household_register_asks_for_both(library: Library) -> None:
    law = library.law("370102", "settlement", ON)
    assert law.value("settle.outputs") == law.value("household.needs") == ("approval_notice", "settlement_permit")


@pytest.mark.row("S0-T29", "S0-T30", "S0-T32")
def test_the_identity_card_is_the_citizens_laws(library: Library) -> None:
    law = library.law("370102", "settlement", ON)
    keys = ("identity_card.duty_on_registration", "identity_card.issue_limit", "identity_card.refusal_forbidden")
    assert [(law[key].source.text, law[key].source.article) for key in keys] == [
        ("居民身份证法", article) for article in ("9", "12", "13")
    ]
    assert law.value("identity_card.issue_limit").n == 60


@pytest.mark.row("S0-T16")
def test_the_grounds_for_refusal_are_those_of_article_19(library: Library) -> None:
    refusals = library.law("370102", "settlement", ON)["settle.refusal_grounds"]
    assert (refusals.source.article, len(refusals.value)) == ("19", 5)


@pytest.mark.row("S0-T24", "S0-T37")
def test_three_officers_decide_and_never_the_system(library: Library) -> None:
    law = library.law("350203", "settlement", ON)
    assert [step.role for step in law.items["settlement.approval"].steps[:3]] == ["clerk", "reviewer", "approver"]
    assert law.value("decide.automatic_approval") is False
