"""Findings and notices as they go out: in the reader's words, with article, mend and day."""

from datetime import date

import pytest
from django.test import RequestFactory

from yizhengtong.foundation.texts import LANGUAGES
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.sites.api.words import finding_out, reader_language, stored_finding_out

SOURCE = Source("国办发〔2018〕81号", "2", "在内地（大陆）居住半年以上")
PROBLEM = {"problem": "applications.travel_document_expired"}
EXPIRED = Finding("applications.holds_accepted_travel_document", False, SOURCE, PROBLEM)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unmet_finding_says_what_is_wrong_and_how_to_mend_it(language: str) -> None:
    out = finding_out(EXPIRED, language, "HK")
    assert out.met is False
    assert out.title
    assert out.detail
    assert out.fix
    assert "{" not in out.title + out.detail + out.fix
    assert not out.detail.startswith("applications.")


def test_a_met_finding_needs_no_mend() -> None:
    assert finding_out(Finding(EXPIRED.code, True, SOURCE), "en", "HK").fix == ""


def test_the_source_goes_out_as_it_stands_in_the_law() -> None:
    source = finding_out(EXPIRED, "en", "HK").source
    assert (source.text, source.article, source.words) == (SOURCE.text, SOURCE.article, SOURCE.words)


def test_a_day_in_a_stored_finding_is_a_day_again() -> None:
    stored = {
        "code": "no.such_code", "met": False, "met_on": "2026-03-01", "facts": {"day": {"day": "2026-03-01"}},
        "source": {"text": "x", "article": "1", "words": ""},
    }  # fmt: skip
    assert stored_finding_out(stored, "en", "HK").met_on == date(2026, 3, 1)


def test_the_reader_is_spoken_to_in_the_language_asked_for() -> None:
    factory = RequestFactory()
    assert reader_language(factory.get("/", headers={"Accept-Language": "zh-TW"})) == "zh-Hant"
    assert reader_language(factory.get("/")) == "zh-Hans"
