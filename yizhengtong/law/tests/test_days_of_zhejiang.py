"""From which day values of Zhejiang's packs hold, and which of their parts are less certain than the whole."""

from datetime import date, timedelta

import pytest

from yizhengtong.law.reading import Library

PROVINCE, QINGYUAN = "cn/330000/floating.yaml", "cn/330000/331100/331126/floating.yaml"
DAY = timedelta(days=1)


@pytest.mark.row("D11")
@pytest.mark.parametrize(
    ("since", "until", "article"), [("2017-06-01", "2026-01-01", "21"), ("2026-01-01", None, "23")]
)
def test_logs_are_kept_for_six_months_since_the_law_says_so_by_the_article_of_the_day(
    library: Library, since: str, until: str | None, article: str
) -> None:
    (found,) = [
        each
        for each in library.files[PROVINCE].parameters
        if each.key == "retention.log" and str(each.entry.since) == since
    ]
    assert (str(found.entry.until) if found.entry.until else None) == until
    assert (found.value.keep, found.value.n, found.value.unit) == ("at_least", 6, "month")
    source = library.files[PROVINCE].source(found.entry.source)
    assert (source.text, source.article, found.entry.certainty) == ("网络安全法", article, "C")


@pytest.mark.row("D11")
@pytest.mark.parametrize(("key", "first"), [("retention.log", date(2017, 6, 1)), ("retention.work", date(2021, 11, 1))])
def test_no_law_speaks_before_it_is_in_force(library: Library, key: str, first: date) -> None:
    assert key in library.law("330381", "floating", first)
    assert key not in library.law("330381", "floating", first - DAY)


@pytest.mark.row("S3-24", "S3-25", "D10")
@pytest.mark.parametrize("place", ["cn", "330382", "330381", "331126"])
def test_every_permit_of_the_floating_population_is_endorsed_yearly_and_has_no_last_day(
    library: Library, place: str
) -> None:
    validity = library.law(place, "floating", date(2026, 9, 18)).value("validity")
    assert (validity.n, validity.endorsement) == (None, "yearly")


@pytest.mark.row("S3-24", "D10")
def test_that_it_has_no_last_day_is_read_in_ruian_and_inferred_elsewhere(library: Library) -> None:
    on = date(2026, 9, 18)
    assert library.law("330381", "floating", on)["validity"].marks.get("n", "C") == "C"
    assert library.law("330382", "floating", on)["validity"].marks["n"] == "I"
    assert library.law("331126", "floating", on)["validity"].certainty == "I"


@pytest.mark.row("S4-05", "D6")
def test_that_registrations_are_one_run_is_read_into_words_that_say_two_things(library: Library) -> None:
    residence = library.law("331126", "floating", date(2026, 9, 18))["conversion.residence"]
    assert (residence.certainty, residence.marks["contiguous"]) == ("C", "I")


@pytest.mark.row("S4-12")
def test_a_proof_of_identity_beside_the_card_is_the_provinces_word(library: Library) -> None:
    kinds = library.law("330381", "floating", date(2026, 9, 18)).evidence
    assert (kinds["identity_proof"].source.article, kinds["identity_proof"].certainty) == ("17", "C")
    assert "identity_proof" not in library.law("cn", "floating", date(2026, 9, 18)).evidence
